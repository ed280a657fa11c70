//! Records of a local stream, in the form in which Lambda passes them to functions.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodbstreams::primitives::DateTime;
use aws_sdk_dynamodbstreams::types::{OperationType, Record};
use serde_json::{Value, json};

/// A record in the JSON form of Lambda's event.
pub(super) fn to_json(record: &Record) -> Result<Value> {
    let images = record.dynamodb().context("a record has no images")?;
    let item = |image: Option<&std::collections::HashMap<_, _>>| {
        image.map(|image| serde_dynamo::Item::from(image.clone()))
    };
    let created_at = images.approximate_creation_date_time().map(DateTime::as_secs_f64);
    let mut json = json!({
        "awsRegion": "us-east-1",
        "eventID": record.event_id(),
        "eventName": record.event_name().map(OperationType::as_str),
        "eventSource": "aws:dynamodb",
        "eventVersion": "1.1",
        "dynamodb": {
            "ApproximateCreationDateTime": created_at,
            "Keys": item(images.keys()),
            "SequenceNumber": images.sequence_number(),
            "SizeBytes": images.size_bytes().unwrap_or_default(),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    });
    for (name, image) in [("NewImage", images.new_image()), ("OldImage", images.old_image())] {
        if let Some(image) = item(image) {
            json["dynamodb"][name] = serde_json::to_value(image)?;
        }
    }
    if let Some(who) = record.user_identity() {
        json["userIdentity"] = json!({ "type": who.r#type(), "principalId": who.principal_id() });
    }
    Ok(json)
}

/// An item in the form of a record's image.
///
/// # Errors
/// Only because of a defect.
#[expect(clippy::implicit_hasher, reason = "an item of the SDK's")]
pub fn image(item: HashMap<String, AttributeValue>) -> Result<Value> {
    Ok(serde_json::to_value(serde_dynamo::Item::from(item))?)
}
