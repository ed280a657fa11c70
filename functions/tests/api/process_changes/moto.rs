//! Events through moto's EventBridge to a queue that a rule sends them to, if `MOTO_ENDPOINT` is set.

use std::io::Write as _;

use serde_json::{Value, json};
use testing::{local_config, moto};

use super::events::{changes_of_each_kind, schema};
use crate::app::App;
use crate::app::following::{invoke, publisher};

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "no function reads this variable, so it is no configuration")]
async fn events_reach_a_bus_of_event_bridge() {
    let Ok(endpoint) = std::env::var("MOTO_ENDPOINT") else {
        let _ = writeln!(std::io::stderr(), "MOTO_ENDPOINT is not set: not run against moto's EventBridge");
        return;
    };
    let queue =
        moto(&endpoint, "sqs", "AmazonSQS.CreateQueue", json!({ "QueueName": "events" })).await.unwrap();
    let url = &queue["QueueUrl"];
    let arn = "arn:aws:sqs:us-east-1:123456789012:events";
    moto(&endpoint, "events", "AWSEvents.CreateEventBus", json!({ "Name": "changes" })).await.unwrap();
    let pattern = json!({ "source": ["resource-api"] }).to_string();
    let rule = json!({ "Name": "all", "EventBusName": "changes", "EventPattern": pattern });
    moto(&endpoint, "events", "AWSEvents.PutRule", rule).await.unwrap();
    let targets = json!({ "Rule": "all", "EventBusName": "changes", "Targets": [{ "Id": "1", "Arn": arn }] });
    moto(&endpoint, "events", "AWSEvents.PutTargets", targets).await.unwrap();

    let app = App::followed().await;
    let (_, records) = changes_of_each_kind(&app).await;
    invoke(&publisher(&local_config(&endpoint)), &json!({ "Records": records })).await.unwrap();

    let mut kinds = Vec::new();
    loop {
        let asked = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 });
        let received = moto(&endpoint, "sqs", "AmazonSQS.ReceiveMessage", asked).await.unwrap();
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
