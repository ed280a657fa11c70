//! A response as it is stored with its write.

/// How long a response is stored, in seconds.
pub const RESPONSE_TTL: u64 = 24 * 60 * 60;

/// A response that is sent again when its request is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// The status.
    pub status: u16,
    /// The entity tag.
    pub etag: Option<String>,
    /// The path of the new resource.
    pub location: Option<String>,
    /// The body.
    pub body: Option<String>,
}
