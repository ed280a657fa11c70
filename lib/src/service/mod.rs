//! The rules: what happens to resources when a caller asks. Takes the caller and the time, gives domain types.

mod batch;
mod change;
mod contention;
mod reads;

pub use change::{Answered, ChangeService};

use crate::repository::ResourceRepository;

/// What can be read of resources.
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

#[cfg(test)]
mod tests;
