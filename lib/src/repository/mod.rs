//! Resources in DynamoDB: keys, conditions, queries. The only module that uses the SDK's types.

mod api_keys;
mod attribute_value;
mod batch_get;
mod batch_get_item;
mod batch_write;
mod buckets;
mod cancellation;
mod conditional_writes;
mod errors;
mod expression;
mod first_imports;
mod history;
mod idempotency;
mod item;
mod item_size;
mod keys;
mod listing;
mod lost_responses;
mod projection;
mod range;
mod resources;
mod search;
mod stream_record;
mod transaction;
mod unique_values;

pub use api_keys::ApiKeyRepository;
pub use aws_sdk_dynamodb as sdk;
pub use batch_get::{SearchableVersion, Views};
pub use buckets::{BucketFailure, BucketRepository};
pub use first_imports::FirstImports;
pub use history::{Entries, HistoryRepository, StoredVersion};
pub use idempotency::IdempotencyRepository;
pub use item::Item;
pub use listing::Listed;
pub use resources::ResourceRepository;
pub use search::{Candidate, Candidates, SearchRepository, Word, WordChange};
pub use stream_record::{Image, changed, resource_key};
pub use transaction::{IdempotencyRecord, Transaction, TransactionError};
pub use unique_values::{StoredUniqueValue, UniqueValueRepository};

#[cfg(test)]
pub(crate) mod tests;
