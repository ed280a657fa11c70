//! Publishes events about changes. It has its own subscription, so that search and history continue while the
//! event bus is unavailable.

use crate::Error;
use crate::domain::{ChangeEvent, ResourceEvent};
use crate::events::EventBus;

/// Publishes an event for each change.
#[derive(Debug, Clone)]
pub struct EventPublisher {
    bus: EventBus,
}

impl EventPublisher {
    /// A publisher to a bus.
    pub fn new(bus: EventBus) -> Self {
        Self { bus }
    }

    /// Publishes changes, each at least once. The event of a change is the same each time.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the bus has not accepted all of them by the deadline, [`Error::Internal`] if
    /// it rejects them permanently. Some may have been published.
    pub async fn publish(&self, changes: &[ChangeEvent]) -> Result<(), Error> {
        let events: Vec<ResourceEvent> = changes.iter().filter_map(ResourceEvent::of).collect();
        self.bus.put(&events).await
    }
}
