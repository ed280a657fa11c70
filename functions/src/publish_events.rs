//! Publishes an event on the bus for each change of a resource.

use std::sync::Arc;

use resource_api::Error;
use resource_api::domain::ChangeEvent;
use resource_api::service::EventPublisher;

/// Publishes changes.
///
/// # Errors
/// As [`EventPublisher::publish`].
pub async fn handle(publisher: Arc<EventPublisher>, changes: Vec<ChangeEvent>) -> Result<(), Error> {
    publisher.publish(&changes).await
}
