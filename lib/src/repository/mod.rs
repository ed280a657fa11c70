//! Resources in DynamoDB: keys, conditions, queries. The only place that knows the SDK's types.

mod answers;
mod batch;
mod buckets;
mod changes;
mod client;
mod document;
mod errors;
mod expression;
mod history;
mod item;
mod keys;
mod listing;
mod lost_answers;
mod meter;
mod range;
mod record;
mod resources;
mod search;
mod size;
mod time_limit;
mod transaction;
mod writes;

pub use answers::AnswerRepository;
pub use aws_sdk_dynamodb as sdk;
pub use batch::{NamedVersion, Views};
pub use buckets::{BucketFailure, BucketRepository};
pub use client::{client, configure, connect, http_client};
pub(crate) use client::{retries, timeouts};
pub use history::{Entries, HistoryRepository};
pub use listing::Listed;
pub use record::{Image, changed, owner};
pub use resources::ResourceRepository;
pub use search::{Candidates, SearchRepository, Word};
pub(crate) use time_limit::TimeLimit;
pub use transaction::Kept;

#[cfg(test)]
mod tests;
