//! How much JSON a response can hold.

/// The most bytes of JSON in a response, less what is around its data.
const MAX_BODY: usize = 5_000_000 - ENVELOPE;
/// The most bytes that they may take on the way to the gateway, where the body is a string within JSON, so that each of
/// its quotes and backslashes takes one byte more. Lambda's own limit for the whole is 6 MiB (6,291,456 bytes).
const MAX_PAYLOAD: usize = 6_000_000 - ENVELOPE;
/// The members beside the data, and the header fields: a cursor stands in both.
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
