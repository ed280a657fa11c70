//! Compresses responses with gzip, for clients that accept it (RFC 9110, section 12.5.3). HTTP APIs do not
//! compress by themselves.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use lambda_http::http::HeaderMap;
use lambda_http::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderValue};

use super::Response;
use super::response::Body;

/// The minimum length of a text that is compressed, in bytes. A shorter one fits in one packet.
const MIN_LENGTH: usize = 1024;

/// Whether a request's `Accept-Encoding` allows gzip.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT_ENCODING).map(HeaderValue::to_str);
    let accepted = accepted.and_then(Result::ok).unwrap_or_default();
    let weight = |name: &str| {
        accepted.split(',').find_map(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let found = parts.next()?.eq_ignore_ascii_case(name);
            let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
            found.then(|| weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0)))
        })
    };
    weight("gzip").or_else(|| weight("*")).unwrap_or(false)
}

/// A text in gzip.
pub(super) fn gzip(text: &str, level: Compression) -> Vec<u8> {
    let mut compressed = GzEncoder::new(Vec::with_capacity(text.len() / 4), level);
    // Writing to memory cannot fail.
    let _ = compressed.write_all(text.as_bytes());
    compressed.finish().unwrap_or_default()
}

impl Response {
    /// Compresses the body if it is long enough, and if that makes it smaller. The entity tag does not change: it identifies the
    /// version of the resource, and clients send it in `If-Match`.
    pub(super) fn in_gzip(mut self) -> Self {
        let Some(Body::Text(text)) = &self.body else { return self };
        if text.len() < MIN_LENGTH {
            return self;
        }
        let compressed = gzip(text, Compression::fast());
        // Lambda's response has it in Base64, which can be longer than a text without repetition.
        if base64::encoded_len(compressed.len(), true).is_none_or(|length| length >= text.len()) {
            return self;
        }
        self.body = Some(Body::Bytes(compressed));
        self.with_header(CONTENT_ENCODING, "gzip")
    }
}
