//! Idempotent requests (draft-ietf-httpapi-idempotency-key-header): the request, and the response that is stored for it.

mod request;
mod response;

pub use request::IdempotentRequest;
pub use response::{RESPONSE_TTL, StoredResponse};
