//! The example resource that the events in `events/` request.

use serde_json::{Value, json};

/// Its kind, as in its path.
pub const EXAMPLE_KIND: &str = "resources";

/// Its id.
pub const EXAMPLE_ID: &str = "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071";

/// The body with which a client would create it.
pub fn example() -> Value {
    json!({ "name": "Field notes", "description": "The resource that the events ask for." })
}
