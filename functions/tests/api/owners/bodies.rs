//! Request bodies for each kind in the model test.

use resource_api::domain::{Caller, Kind};
use serde_json::{Value, json};

use super::create;
use crate::app::App;

/// Request bodies for a kind.
pub(super) struct Bodies {
    /// The body of a new resource.
    pub(super) new: Value,
    /// A patch that changes it.
    pub(super) patch: Value,
    /// A word by which search finds it.
    pub(super) word: String,
}

/// Bodies for a kind and a caller, different at each call.
pub(super) async fn of(app: &App, kind: &Kind, by: &Caller) -> Bodies {
    let word = format!("w{:x}", fastrand::u64(..));
    let (new, patch) = match kind.name {
        "notes" => (json!({ "title": word }), json!({ "title": format!("{word} 2") })),
        "papers" => (json!({ "text": word }), json!({ "text": format!("{word} 2") })),
        "diaries" => (json!({ "title": word, "code": &word[..8] }), json!({ "title": format!("{word} 2") })),
        "orders" => {
            let customer = json!({ "name": "n", "email": format!("{word}@example.com") });
            let customer = create(app, by, "customers", &customer).await;
            let number = word.to_ascii_uppercase();
            (json!({ "number": number, "customer_id": customer["id"], "total": 1 }), json!({ "total": 2 }))
        }
        name => panic!("{name} has roles that see only their own: say here what is sent for it"),
    };
    Bodies { new, patch, word }
}
