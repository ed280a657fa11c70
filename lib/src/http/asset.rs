//! Public files, with an entity tag, and compressed if the client accepts gzip.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::Compression;
use flate2::read::GzDecoder;
use lambda_http::http::StatusCode;
use lambda_http::http::header::{
    CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, REFERRER_POLICY,
};

use super::compression::{gzip, takes_gzip};
use super::response::Body;
use super::{Request, Response, conditional};
use crate::Error;
use crate::domain::{hash, hexadecimal};

/// A text, stored compressed.
#[derive(Debug, Clone)]
pub struct Asset {
    media_type: &'static str,
    gzip: Cow<'static, [u8]>,
    /// A hash of the compressed text.
    hash: String,
    policy: Option<&'static str>,
}

impl Asset {
    /// A text.
    pub fn text(media_type: &'static str, text: &str) -> Self {
        Self::of(media_type, gzip(text, Compression::default()).into())
    }

    /// A text that is compressed already, in gzip (RFC 1952).
    pub fn compressed(media_type: &'static str, gzip: &'static [u8]) -> Self {
        Self::of(media_type, gzip.into())
    }

    fn of(media_type: &'static str, gzip: Cow<'static, [u8]>) -> Self {
        let hash = hexadecimal(&hash(&[&gzip]));
        Self { media_type, gzip, hash: hash.chars().take(32).collect(), policy: None }
    }

    /// Adds a Content Security Policy (Level 3).
    #[must_use]
    pub fn with_policy(mut self, policy: &'static str) -> Self {
        self.policy = Some(policy);
        self
    }

    /// A hash of the compressed text.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    fn uncompressed(&self) -> Result<String, Error> {
        let mut text = String::new();
        GzDecoder::new(&*self.gzip).read_to_string(&mut text).map_err(Error::defect)?;
        Ok(text)
    }
}

impl Response {
    /// The file, or a 304 if the client has it already.
    ///
    /// # Errors
    /// [`Error::InvalidHeader`] when `If-None-Match` cannot be read.
    pub fn asset(asset: &Asset, request: &Request) -> Result<Self, Error> {
        let gzip = takes_gzip(&request.headers);
        // Strong validators: each encoding is another representation (RFC 9110, section 8.8.3.3).
        let etag = format!("\"{}{}\"", asset.hash, if gzip { "-gzip" } else { "" });
        if conditional::if_none_match(&request.headers, &etag)? {
            return Ok(Self::empty(StatusCode::NOT_MODIFIED).with_header(ETAG, &etag).public());
        }
        let body = if gzip { Body::Bytes(asset.gzip.to_vec()) } else { Body::Text(asset.uncompressed()?) };
        let mut response = Self::with_body(StatusCode::OK, body)
            .with_header(CONTENT_TYPE, asset.media_type)
            .with_header(ETAG, &etag)
            .public();
        if gzip {
            response = response.with_header(CONTENT_ENCODING, "gzip");
        }
        Ok(match asset.policy {
            Some(policy) => response
                .with_header(CONTENT_SECURITY_POLICY, policy)
                .with_header(REFERRER_POLICY, "no-referrer"),
            None => response,
        })
    }
}
