//! The function on the table's stream, invoked as Lambda invokes it.

use std::sync::Arc;
use std::time::Duration;

use functions::{KINDS, PROCESS_CHANGES, PUBLISH_EVENTS};
use lambda_runtime::Context;
use resource_api::aws::SdkConfig;
use resource_api::domain::Kinds;
use resource_api::events::EventBus;
use resource_api::service::{ChangeProcessor, EventPublisher};
use resource_api::stream::StreamFunction;
use serde_json::Value;
use testing::{DeadLetter, Delivery, with_permissions};

use super::App;

/// The settings of the template, but without waits.
pub(crate) const DELIVERY: Delivery =
    Delivery { function: PROCESS_CHANGES.name, batch_size: 100, retries: 5, wait: Duration::ZERO };

/// The function with a processor of changes of some kinds.
pub(crate) fn function(processor: Arc<ChangeProcessor>, kinds: Kinds) -> StreamFunction {
    StreamFunction::new(&PROCESS_CHANGES, kinds, move |changes| {
        functions::process_changes::handle(Arc::clone(&processor), changes)
    })
}

/// The function that publishes events, to a bus with this configuration.
pub(crate) fn publisher(config: &SdkConfig) -> StreamFunction {
    let publisher = Arc::new(EventPublisher::new(EventBus::new(config, "changes".to_owned())));
    StreamFunction::new(&PUBLISH_EVENTS, KINDS, move |changes| {
        functions::publish_events::handle(Arc::clone(&publisher), changes)
    })
}

/// Invokes a function with an event. Returns its response; `None` if it fails.
pub(crate) async fn invoke(function: &StreamFunction, event: &Value) -> Option<Value> {
    let event = serde_json::from_str(&event.to_string()).unwrap();
    let context = Context::default();
    let permissions = function.subscription().iam_permissions;
    let (answer, _) = with_permissions(permissions, function.respond(event, &context)).await;
    let answer = answer.ok()?;
    Some(serde_json::to_value(answer).unwrap())
}

impl App {
    /// The function on the stream, with this instance's processor.
    pub(crate) fn follower(&self) -> StreamFunction {
        function(Arc::clone(&self.processor), self.kinds)
    }

    /// Processes all changes so far. No batch may be discarded.
    pub(crate) async fn follow(&self) {
        let mut source = self.source.lock().await;
        if source.is_none() {
            *source = Some(self.store.changes(DELIVERY).await.unwrap());
        }
        let function = self.follower();
        let give_up = async |letter: &DeadLetter| panic!("given up: {letter}");
        source
            .as_mut()
            .unwrap()
            .deliver(async |event| invoke(&function, event).await, give_up)
            .await
            .unwrap();
    }
}
