//! Resources in DynamoDB: keys, conditions, queries. The only place that knows the SDK's types.

mod answers;
mod batch;
mod buckets;
mod changes;
mod client;
mod document;
mod errors;
mod expression;
mod item;
mod keys;
mod listing;
mod meter;
mod range;
mod resources;
mod time_limit;
mod transaction;

pub use answers::AnswerRepository;
pub use aws_sdk_dynamodb as sdk;
pub use batch::Views;
pub use buckets::{BucketFailure, BucketRepository};
pub use client::{configure, connect, http_client};
pub use listing::Listed;
pub use resources::ResourceRepository;
pub(crate) use time_limit::TimeLimit;
pub use transaction::Kept;

#[cfg(test)]
mod tests;
