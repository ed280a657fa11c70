//! The body of a request: its limits, its media types, and parsing it.

use lambda_http::http::header::CONTENT_TYPE;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Request, TokenCost, conditional, idempotency_key, media_type, token_cost};
use crate::Error;
use crate::domain::{BatchOperation, MAX_BODY_LENGTH, MAX_OPERATIONS, operations_from_json, parse_json};

/// The media types of a whole resource.
pub const JSON: &[&str] = &["application/json"];
/// The media types of a merge patch (RFC 7396).
pub const MERGE_PATCH: &[&str] = &["application/merge-patch+json", "application/json"];

/// The maximum length of a batch's body. DynamoDB's limit for a transaction is 4 MB.
const MAX_BATCH_LENGTH: usize = 4 * 1024 * 1024;

/// How many ids of a batch-get cost one token.
const IDS_FOR_A_TOKEN: usize = 10;

/// A body as the gateway sent it.
#[derive(Debug)]
pub(super) enum Body {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// The event declares it as Base64, and it is not.
    NotBase64,
}

impl Request {
    /// The operations of a batch. One that is invalid is replaced by its faults.
    ///
    /// # Errors
    /// As [`Self::json`], and [`Error::Validation`] with every fault outside of the operations.
    pub fn batch(&self) -> Result<Vec<BatchOperation>, Error> {
        // A transaction has at most 100 items. The stored response is one of them.
        let most = if idempotency_key::is_there(&self.headers) { MAX_OPERATIONS - 1 } else { MAX_OPERATIONS };
        let body = self.text_up_to(JSON, MAX_BATCH_LENGTH)?;
        let body: &RawValue = serde_json::from_str(body).map_err(malformed)?;
        let parse = |text: &str| {
            if text.len() <= MAX_BODY_LENGTH {
                return parsed(text);
            }
            Err(Error::TooLarge(format!("An operation of a batch has at most {MAX_BODY_LENGTH} bytes")))
        };
        operations_from_json(
            self.kind()?,
            body,
            most,
            parse,
            malformed,
            Error::Validation,
            conditional::expected_version,
        )
    }

    /// How many tokens the request takes from its caller's bucket: one if they cannot be counted.
    pub(super) fn tokens(&self, cost: TokenCost) -> u32 {
        let Body::Bytes(bytes) = &self.body else { return 1 };
        let count = match cost {
            _ if bytes.len() > MAX_BATCH_LENGTH => None,
            TokenCost::One => None,
            TokenCost::Operations => token_cost::operations(bytes),
            TokenCost::Ids => token_cost::ids(bytes).map(|ids| ids.div_ceil(IDS_FOR_A_TOKEN)),
        };
        count.and_then(|count| u32::try_from(count).ok()).unwrap_or(1).max(1)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`Error::UnsupportedMediaType`] when the media type is none of the `accepted` ones,
    /// [`Error::TooLarge`] when the body is larger than 1 MiB, [`Error::MalformedJson`] when it is not JSON.
    pub fn json(&self, accepted: &'static [&'static str]) -> Result<Value, Error> {
        parsed(self.text_up_to(accepted, MAX_BODY_LENGTH)?)
    }

    fn text_up_to(&self, accepted: &'static [&'static str], most: usize) -> Result<&str, Error> {
        if !media_type::is_one_of(self.headers.get(CONTENT_TYPE), accepted) {
            return Err(Error::UnsupportedMediaType(accepted));
        }
        let Body::Bytes(bytes) = &self.body else {
            return Err(Error::MalformedJson(
                "the body is declared as Base64 but is not valid Base64".to_owned(),
            ));
        };
        if bytes.len() > most {
            return Err(too_large(most));
        }
        std::str::from_utf8(bytes)
            .map_err(|error| Error::MalformedJson(format!("the body is not UTF-8: {error}")))
    }
}

fn parsed(text: &str) -> Result<Value, Error> {
    parse_json(text).map_err(malformed)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn malformed(error: serde_json::Error) -> Error {
    Error::MalformedJson(error.to_string())
}

fn too_large(most: usize) -> Error {
    Error::TooLarge(format!("A body has at most {most} bytes here"))
}
