//! Resources in DynamoDB: keys, conditions, queries. The only place that knows the SDK's types.

mod answers;
mod batch;
mod buckets;
mod changes;
mod document;
mod errors;
mod expression;
mod history;
mod item;
mod keys;
mod listing;
mod lost_answers;
mod range;
mod record;
mod resources;
mod search;
mod size;
mod transaction;
mod writes;

pub use answers::AnswerRepository;
pub use aws_sdk_dynamodb as sdk;
pub use batch::{NamedVersion, Views};
pub use buckets::{BucketFailure, BucketRepository};
pub use history::{Entries, HistoryRepository};
pub use listing::Listed;
pub use record::{Image, changed, owner};
pub use resources::ResourceRepository;
pub use search::{Candidates, SearchRepository, Word};
pub use transaction::Kept;

#[cfg(test)]
pub(crate) mod tests;
