//! A response as it is stored with the write that it answers.

/// How long a response is stored, in seconds.
pub const RESPONSE_TTL: u64 = 24 * 60 * 60;

/// A response that is sent again when its request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// The status.
    pub status: u16,
    /// The entity tag.
    pub etag: Option<String>,
    /// Where the new resource is.
    pub location: Option<String>,
    /// The body.
    pub body: Option<String>,
}
