//! Functions on a table's stream: processing of batches, failed records and dead letters.

mod batch_log;
mod dead_letter;
mod function;

pub use aws_lambda_events::event::dynamodb::Event as StreamEvent;
pub use dead_letter::{DeadLetter, NoDeadLetter};
pub use function::{StreamFunction, Subscription};
