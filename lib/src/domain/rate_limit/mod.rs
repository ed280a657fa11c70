//! The token bucket: its arithmetic and its key.

mod block;
mod bucket;
mod bucket_key;

pub use block::{Block, Reservation, Spend};
pub use bucket::{Attempt, RateLimit, RateLimitClass, Take};
pub use bucket_key::BucketKey;
