//! Events of changes, for whoever listens on the bus. A subscription of its own: while the bus is away, search and history go
//! on.

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
    /// [`Error::Unavailable`] when the bus has not taken all of them by the deadline, [`Error::Internal`] when it refuses them
    /// for good. Some may be published then.
    pub async fn publish(&self, changes: &[ChangeEvent]) -> Result<(), Error> {
        let events: Vec<ResourceEvent> = changes.iter().filter_map(ResourceEvent::of).collect();
        self.bus.put(&events).await
    }
}
