//! Functions on a table's stream: from Lambda's batch of records to what failed of it.

mod batch_log;
mod function;

pub use aws_lambda_events::event::dynamodb::Event as StreamEvent;
pub use function::{StreamFunction, Subscription};
