//! The metrics in log lines, as CloudWatch parses them.

use std::collections::BTreeMap;

use resource_api::domain::{Caller, Role};
use resource_api::telemetry::metrics::{METRICS, NAMESPACE};
use serde_json::{Value, json};
use testing::{Fault, dynamodb_proxy};

use super::Log;
use crate::app::{App, NOWHERE};

const SERVICE: &[(&str, &str)] =
    &[("METRICS", "true"), ("SERVICE_NAME", "shop"), ("STAGE", "prod"), ("RATE_LIMIT_READ_USER", "2:0.01")];

/// The values of each metric in some lines, as CloudWatch extracts them. Every line must be valid, and have
/// the dimensions and metrics that it declares.
fn read(lines: &[Value]) -> BTreeMap<String, Vec<f64>> {
    let schema: Value = serde_json::from_str(include_str!("emf.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let mut values: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in lines {
        assert!(schema.is_valid(line), "{line:#}");
        for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
            assert_eq!(directive["Namespace"], NAMESPACE);
            for dimension in
                directive["Dimensions"].as_array().unwrap().iter().flat_map(|set| set.as_array().unwrap())
            {
                assert!(line[dimension.as_str().unwrap()].is_string(), "{dimension} of {line:#}");
            }
            for metric in directive["Metrics"].as_array().unwrap() {
                let name = metric["Name"].as_str().unwrap();
                let declared = METRICS.iter().find(|it| it.name == name).unwrap();
                assert_eq!(metric["Unit"], declared.unit);
                values.entry(name.to_owned()).or_default().push(line[name].as_f64().unwrap());
            }
        }
    }
    values
}

fn sums(lines: &[Value]) -> BTreeMap<String, f64> {
    read(lines).into_iter().map(|(name, values)| (name, values.iter().sum())).collect()
}

#[tokio::test]
async fn the_metrics_of_a_load_add_up_to_the_load() {
    let app = App::with(SERVICE).await;
    let id = app.created(json!({ "name": "n" })).await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/resources/{id}");
    let proxy = dynamodb_proxy(app.store.endpoint(), |operation| match operation {
        "UpdateItem" => Fault::Pass,
        _ => Fault::Error,
    });
    let away = app.through(&proxy.await.unwrap()).await.with_time(std::time::Duration::from_millis(700));
    let limited = Caller { subject: "limited".to_owned(), ..Caller::example(Role::User) };
    let log = Log::start();
    let mut statuses: BTreeMap<i64, f64> = BTreeMap::new();
    let mut count = |status: i64| *statuses.entry(status).or_default() += 1.0;
    for _ in 0..5 {
        count(app.get(&path).await.status);
        count(app.get("/api/resources?limit=1").await.status);
        count(app.get(&format!("/api/resources/{NOWHERE}")).await.status);
        count(app.get(&path).caller(&limited).await.status);
        count(app.get(&path).header("authorization", "Bearer nonsense").await.status);
        count(app.get(&path).anonymous().await.status);
        count(app.patch(&path, &json!({ "description": fastrand::u64(..).to_string() })).await.status);
    }
    count(away.get(&path).await.status);
    let lines = log.requests();
    let sums = sums(&lines);
    let of_lines = |member: &str| lines.iter().map(|line| line[member].as_f64().unwrap()).sum::<f64>();
    assert_eq!(statuses, BTreeMap::from([(200, 17.0), (401, 10.0), (404, 5.0), (429, 3.0), (503, 1.0)]));
    for (metric, expected) in [
        ("requests", 36.0),
        ("client_errors", 18.0),
        ("server_errors", 1.0),
        ("unavailable", 1.0),
        ("rate_limited", 3.0),
        ("refused_tokens", 5.0),
        ("duration_ms", of_lines("duration_ms")),
        ("dynamodb_calls", of_lines("dynamodb_calls")),
        ("dynamodb_read_units", of_lines("dynamodb_read_units")),
        ("dynamodb_write_units", of_lines("dynamodb_write_units")),
    ] {
        assert_eq!(sums.get(metric), Some(&expected), "{metric}");
    }
    assert!(
        sums["dynamodb_read_units"] > 0.0 && sums["dynamodb_write_units"] > 0.0 && sums["duration_ms"] > 0.0
    );
    assert!(lines.iter().all(|line| (line["service"] == "shop") && (line["stage"] == "prod")));
}

#[tokio::test]
async fn conflicts_that_are_retried_are_counted() {
    let app = App::with(SERVICE).await;
    let id = app.created(json!({ "name": "n" })).await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/resources/{id}");
    let conflicts = std::sync::atomic::AtomicUsize::new(2);
    let proxy = dynamodb_proxy(app.store.endpoint(), move |operation| {
        let left = |left: usize| left.checked_sub(1);
        let order = std::sync::atomic::Ordering::SeqCst;
        let fails = operation == "PutItem" && conflicts.fetch_update(order, order, left).is_ok();
        if fails { Fault::Conflict } else { Fault::Pass }
    });
    let contested = app.through(&proxy.await.unwrap()).await;
    let log = Log::start();
    contested.patch(&path, &json!({ "name": "m" })).await.data(200);
    assert_eq!(sums(&log.requests()).get("conflicts_retried"), Some(&2.0));
}

#[tokio::test]
async fn the_batches_of_the_stream_have_metrics_too() {
    let app = App::followed().await;
    for _ in 0..3 {
        app.created(json!({ "name": "n" })).await;
    }
    let metrics =
        resource_api::config::MetricsConfig { service: "shop".to_owned(), stage: "prod".to_owned() };
    let function = app.follower().measured(Some(metrics));
    let mut source = app.store.changes(crate::app::following::DELIVERY).await.unwrap();
    let log = Log::start();
    source
        .deliver(async |event| crate::app::following::invoke(&function, event).await, async |_| Ok(()))
        .await
        .unwrap();
    let batches: Vec<_> = log.lines().into_iter().filter(|line| line["message"] == "batch").collect();
    let values = read(&batches);
    assert_eq!(sums(&batches).get("stream_records"), Some(&3.0));
    assert_eq!(values["stream_age_ms"].len(), batches.len());
    assert!(!values.contains_key("stream_failures") && !values.contains_key("requests"));

    // If the handler fails, the whole batch fails.
    app.store.client().delete_table().table_name(app.store.table("SearchTable")).send().await.unwrap();
    app.created(json!({ "name": "alpha" })).await;
    let log = Log::start();
    let mut source = app.store.changes(crate::app::following::DELIVERY).await.unwrap();
    source
        .deliver(async |event| crate::app::following::invoke(&function, event).await, async |_| Ok(()))
        .await
        .unwrap();
    let batches: Vec<_> = log.lines().into_iter().filter(|line| line["message"] == "batch").collect();
    assert!(sums(&batches)["stream_failures"] >= 6.0, "{batches:#?}");
}

#[tokio::test]
async fn without_the_switch_a_line_has_no_metrics() {
    let app = App::start().await;
    let log = Log::start();
    app.get("/api/resources").await;
    let [line] = &log.requests()[..] else { panic!("one line") };
    for member in ["_aws", "service", "stage", "requests", "client_errors"] {
        assert_eq!(line[member], Value::Null, "{member}");
    }
}
