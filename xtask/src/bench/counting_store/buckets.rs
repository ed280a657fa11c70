//! The rate limits table. Its updates are computed, since a recorded response would have an outdated `tat`.

use std::collections::HashMap;

use serde_json::{Value, json};
use testing::HttpMessage;

/// The `tat` of each bucket.
#[derive(Default)]
pub(super) struct Buckets(HashMap<String, u64>);

impl Buckets {
    /// Applies an update if its condition holds. `None` for a request of another form.
    pub(super) fn update(&mut self, request: &Value) -> Option<HttpMessage> {
        let key = request["Key"]["pk"]["S"].as_str()?;
        let values = &request["ExpressionAttributeValues"];
        let value = |name: &str| values[name]["N"].as_str()?.parse::<u64>().ok();
        let now = value(":now")?;
        let stored = self.0.get(key).copied();
        // The two updates of `repository/buckets.rs`: of an idle bucket, and of a busy one.
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
