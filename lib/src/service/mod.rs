//! The rules: what happens to resources when a caller asks. Takes the caller and the time, gives domain types.

mod changes;
mod reads;

use crate::repository::ResourceRepository;

/// What can be done with resources.
#[derive(Debug, Clone)]
pub struct ResourceService {
    repository: ResourceRepository,
}

impl ResourceService {
    /// Resources in a repository.
    pub fn over(repository: ResourceRepository) -> Self {
        Self { repository }
    }
}
