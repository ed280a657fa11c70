//! Events through moto's EventBridge, to a queue that a rule sends them to, where `MOTO_ENDPOINT` names one.

use std::io::Write as _;

use serde_json::{Value, json};
use testing::local_config;

use super::events::{changes_of_each_kind, schema};
use crate::app::App;
use crate::app::following::{invoke, publisher};

/// Calls one of moto's services.
async fn call(endpoint: &str, service: &str, target: &str, body: Value) -> Value {
    let credential = format!("AWS4-HMAC-SHA256 Credential=local/20261122/us-east-1/{service}/aws4_request");
    // The developer's commands let reqwest speak TLS, with a provider of their choice; here there is one, too.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let response = reqwest::Client::new()
        .post(endpoint)
        .header("authorization", credential)
        .header("x-amz-target", target)
        .header("content-type", "application/x-amz-json-1.0")
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{target}: {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "no function reads this variable, so it is no configuration")]
async fn events_reach_a_bus_of_event_bridge() {
    let Ok(endpoint) = std::env::var("MOTO_ENDPOINT") else {
        let _ = writeln!(std::io::stderr(), "MOTO_ENDPOINT is not set: not run against moto's EventBridge");
        return;
    };
    let queue = call(&endpoint, "sqs", "AmazonSQS.CreateQueue", json!({ "QueueName": "events" })).await;
    let url = &queue["QueueUrl"];
    let arn = "arn:aws:sqs:us-east-1:123456789012:events";
    call(&endpoint, "events", "AWSEvents.CreateEventBus", json!({ "Name": "changes" })).await;
    let pattern = json!({ "source": ["resource-api"] }).to_string();
    let rule = json!({ "Name": "all", "EventBusName": "changes", "EventPattern": pattern });
    call(&endpoint, "events", "AWSEvents.PutRule", rule).await;
    let targets = json!({ "Rule": "all", "EventBusName": "changes", "Targets": [{ "Id": "1", "Arn": arn }] });
    call(&endpoint, "events", "AWSEvents.PutTargets", targets).await;

    let app = App::followed().await;
    let (_, records) = changes_of_each_kind(&app).await;
    invoke(&publisher(&local_config(&endpoint)), &json!({ "Records": records })).await.unwrap();

    let mut kinds = Vec::new();
    loop {
        let asked = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 });
        let received = call(&endpoint, "sqs", "AmazonSQS.ReceiveMessage", asked).await;
        let Some(messages) = received["Messages"].as_array().filter(|it| !it.is_empty()) else { break };
        for message in messages {
            let event: Value = serde_json::from_str(message["Body"].as_str().unwrap()).unwrap();
            assert_eq!(event["source"], "resource-api");
            assert_eq!(event["detail-type"], event["detail"]["type"]);
            assert!(schema().is_valid(&event["detail"]), "{event:#}");
            kinds.push(event["detail-type"].as_str().unwrap().trim_start_matches("resource.").to_owned());
        }
    }
    kinds.sort();
    assert_eq!(kinds, ["created", "deleted", "purged", "restored", "updated"]);
}
