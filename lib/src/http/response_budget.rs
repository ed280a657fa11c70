//! The maximum size of a response.

/// The maximum number of bytes of the data in a response.
const MAX_BODY: usize = 5_000_000 - ENVELOPE;
/// The maximum number of bytes of the same data in Lambda's response. There, the body is a string in JSON,
/// and each quote and backslash takes one more byte. Lambda's own limit for a response is 6 MiB (6,291,456
/// bytes).
const MAX_PAYLOAD: usize = 6_000_000 - ENVELOPE;
/// Reserved for the other members and the header fields. Both may contain a cursor.
const ENVELOPE: usize = 10_000;

/// How many bytes a response can still take.
#[derive(Debug)]
pub(super) struct ResponseBudget {
    body: usize,
    payload: usize,
}

impl Default for ResponseBudget {
    fn default() -> Self {
        Self { body: MAX_BODY, payload: MAX_PAYLOAD }
    }
}

impl ResponseBudget {
    /// Whether some JSON and a comma after it fit. If they do, their bytes are taken from the budget.
    pub(super) fn fits(&mut self, json: &str) -> bool {
        let body = json.len() + 1;
        let payload = body + json.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
        let left = self.body.checked_sub(body).zip(self.payload.checked_sub(payload));
        if let Some((body, payload)) = left {
            *self = Self { body, payload };
        }
        left.is_some()
    }
}
