//! Updates search, history and the cache after each change of a resource.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::ChangeEvent;
use resource_api::service::ChangeProcessor;

/// Processes changes.
///
/// # Errors
/// As [`ChangeProcessor::process`].
pub async fn handle(processor: Arc<ChangeProcessor>, changes: Vec<ChangeEvent>) -> Result<(), Error> {
    processor.process(&changes).await
}
