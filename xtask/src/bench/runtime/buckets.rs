//! The table of the token buckets: its one update, which cannot be repeated from a recording.

use std::collections::HashMap;

use serde_json::{Value, json};
use testing::HttpMessage;

/// The `tat` of each bucket.
#[derive(Default)]
pub(super) struct Buckets(HashMap<String, u64>);

impl Buckets {
    /// Applies an update, if its condition holds.
    pub(super) fn update(&mut self, request: &Value) -> Option<HttpMessage> {
        let key = request["Key"]["pk"]["S"].as_str()?;
        let values = &request["ExpressionAttributeValues"];
        let value = |name: &str| values[name]["N"].as_str()?.parse::<u64>().ok();
        let now = value(":now")?;
        let stored = self.0.get(key).copied();
        // A bucket that is full is set, one that is not is moved on.
        let new = if let Some(tat) = value(":tat") {
            stored.is_none_or(|stored| stored <= now).then_some(tat)
        } else {
            let (advance, latest) = (value(":advance")?, value(":latest")?);
            stored.filter(|stored| (now..=latest).contains(stored)).map(|stored| stored + advance)
        };
        let item = |tat: u64| json!({ "tat": { "N": tat.to_string() } });
        let Some(new) = new else {
            let refusal = json!({
                "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
                "message": "The conditional request failed",
                "Item": stored.map(item),
            });
            return Some(HttpMessage::answer(400, &refusal));
        };
        self.0.insert(key.to_owned(), new);
        let capacity = json!({ "TableName": request["TableName"], "CapacityUnits": 1.0 });
        Some(HttpMessage::answer(200, &json!({ "Attributes": item(new), "ConsumedCapacity": capacity })))
    }
}
