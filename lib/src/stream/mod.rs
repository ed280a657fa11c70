//! Functions on a table's stream: from Lambda's batch of records to what failed of it, and what was given up.

mod batch_log;
mod dead_letter;
mod function;

pub use aws_lambda_events::event::dynamodb::Event as StreamEvent;
pub use dead_letter::{DeadLetter, NoDeadLetter};
pub use function::{StreamFunction, Subscription};
