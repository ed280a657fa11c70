//! What follows each change of a resource: its words for search, its history, and the cache.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::ChangeEvent;
use resource_api::service::ChangeProcessor;

/// Follows changes.
///
/// # Errors
/// As [`ChangeProcessor::process`].
pub async fn handle(processor: Arc<ChangeProcessor>, changes: Vec<ChangeEvent>) -> Result<(), Error> {
    processor.process(&changes).await
}
