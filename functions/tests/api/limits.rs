//! Rate limits of callers, and the cost of checking them.

use resource_api::domain::{Caller, Role};
use serde_json::{Value, json};

use crate::app::{App, Call, NOWHERE, Response};
use crate::logs::Log;

const LIMITS: &[(&str, &str)] = &[
    ("RATE_LIMIT_READ", "3:0.01"),
    ("RATE_LIMIT_WRITE", "2:0.01"),
    ("RATE_LIMIT_READ_ADMIN", "off"),
    ("RATE_LIMIT_READ_MODERATOR", "5:0.01"),
];

/// A request as a user, for whom the default limits apply.
fn as_user(call: Call<'_>) -> Call<'_> {
    call.role(Role::User)
}

fn rate_limit(response: &Response) -> (Option<&str>, Option<&str>) {
    (response.header("ratelimit-policy"), response.header("ratelimit"))
}

#[tokio::test]
async fn every_answer_to_a_caller_says_what_is_left() {
    let app = App::with(&[("RATE_LIMIT_READ", "100:50"), ("RATE_LIMIT_WRITE", "40:20")]).await;
    let read = as_user(app.get("/api/resources")).await;
    assert_eq!(rate_limit(&read), (Some("\"read\";q=100;w=2"), Some("\"read\";r=99;t=1")));
    let missing = as_user(app.get(&format!("/api/resources/{NOWHERE}"))).await;
    missing.problem(404, "not_found");
    assert!(missing.header("ratelimit").unwrap().starts_with("\"read\";r=9"));
    let invalid = as_user(app.post("/api/resources", &json!({}))).await;
    invalid.problem(400, "validation_failed");
    assert_eq!(rate_limit(&invalid), (Some("\"write\";q=40;w=2"), Some("\"write\";r=39;t=1")));
    let forbidden = as_user(app.delete(&format!("/api/resources/{NOWHERE}"))).await;
    forbidden.problem(403, "forbidden");
    assert_eq!(forbidden.header("ratelimit-policy"), Some("\"write\";q=40;w=2"));
    assert_eq!(rate_limit(&app.get("/health").await), (None, None));
    assert_eq!(rate_limit(&app.get("/api/resources").anonymous().await), (None, None));
}

#[tokio::test]
async fn a_caller_who_asks_too_often_is_told_when_to_come_back() {
    let app = App::with(LIMITS).await;
    for left in [2, 1, 0] {
        let response = as_user(app.get("/api/resources")).await;
        assert_eq!(response.status, 200);
        assert_eq!(response.header("ratelimit"), Some(format!("\"read\";r={left};t=100").as_str()));
    }
    let refused = as_user(app.get("/api/resources")).await;
    refused.problem(429, "rate_limited");
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((99..=100).contains(&seconds), "{seconds}");
    assert_eq!(refused.header("ratelimit"), Some(format!("\"read\";r=0;t={seconds}").as_str()));
    // The other class and other callers are not affected.
    as_user(app.post("/api/resources", &json!({ "name": "n" }))).await.data(201);
    let other = Caller { subject: "other".to_owned(), ..Caller::example(Role::User) };
    app.get("/api/resources").caller(&other).await.data(200);
}

#[tokio::test]
async fn a_refused_write_writes_nothing() {
    let app = App::with(LIMITS).await;
    for _ in 0..2 {
        as_user(app.post("/api/resources", &json!({ "name": "n" }))).await.data(201);
    }
    as_user(app.post("/api/resources", &json!({ "name": "n" }))).await.problem(429, "rate_limited");
    let rows = app.get("/api/resources").role(Role::Admin).await.data(200).as_array().unwrap().len();
    assert_eq!(rows, 2);
}

#[tokio::test]
async fn a_role_may_have_a_limit_of_its_own_or_none() {
    let app = App::with(LIMITS).await;
    for _ in 0..9 {
        let response = app.get("/api/resources").role(Role::Admin).await;
        assert_eq!((response.status, rate_limit(&response)), (200, (None, None)));
    }
    let moderator = app.get("/api/resources").await;
    assert_eq!(moderator.header("ratelimit-policy"), Some("\"read\";q=5;w=500"));
}

#[tokio::test]
async fn instances_share_a_bucket() {
    let app = App::with(LIMITS).await;
    let others = [app.instance().await, app.instance().await, app.instance().await];
    for instance in &others {
        as_user(instance.get("/api/resources")).await.data(200);
    }
    as_user(app.get("/api/resources")).await.problem(429, "rate_limited");
}

#[tokio::test]
async fn a_check_costs_what_the_log_says() {
    let app = App::with(LIMITS).await;
    let other = app.instance().await;
    let path = format!("/api/resources/{NOWHERE}");
    let cost = async |call: Call<'_>| {
        let log = Log::start();
        as_user(call).await;
        let line: Value = log.requests().pop().unwrap();
        (line["status"].as_i64().unwrap(), line["dynamodb_operations"].as_str().unwrap().to_owned())
    };
    assert_eq!(cost(app.get(&path)).await, (404, "GetItem:1,UpdateItem:1".to_owned()), "calm");
    assert_eq!(cost(app.get(&path)).await, (404, "GetItem:1,UpdateItem:1".to_owned()), "busy");
    assert_eq!(
        cost(other.get(&path)).await,
        (404, "GetItem:1,UpdateItem:2".to_owned()),
        "unknown to be busy"
    );
    assert_eq!(cost(other.get(&path)).await, (429, String::new()), "known to be empty");
    // A write does not begin before its tokens are taken.
    let post = || app.post("/api/resources", &json!({ "name": "n" }));
    assert_eq!(cost(post()).await, (201, "PutItem:1,UpdateItem:1".to_owned()));
    assert_eq!(cost(post()).await, (201, "PutItem:1,UpdateItem:1".to_owned()));
    assert_eq!(
        cost(other.post("/api/resources", &json!({ "name": "n" }))).await,
        (429, "UpdateItem:1".to_owned())
    );
    assert_eq!(cost(other.post("/api/resources", &json!({ "name": "n" }))).await, (429, String::new()));
}

#[tokio::test]
async fn a_refusal_is_logged_without_the_callers_name() {
    let app = App::with(LIMITS).await;
    let ada = Caller { subject: "ada@example.com".to_owned(), ..Caller::example(Role::User) };
    let log = Log::start();
    for _ in 0..4 {
        app.get("/api/resources").caller(&ada).await;
    }
    app.delete("/api/resources/x").caller(&ada).await;
    app.get("/api/resources").header("authorization", "Bearer nonsense").await;
    let lines = log.requests();
    assert_eq!((&lines[3]["status"], &lines[3]["code"]), (&json!(429), &json!("rate_limited")));
    assert_eq!((&lines[4]["status"], &lines[4]["code"]), (&json!(403), &json!("forbidden")));
    let identity = lines[3]["caller"].as_str().unwrap();
    assert!(identity.starts_with("default#") && identity.ends_with("#read"), "{identity}");
    assert_eq!(lines[5]["error"], "invalid token: it is neither a JWT nor an API key");
    assert!(!log.text().contains("ada@"), "{}", log.text());
}

#[tokio::test]
async fn without_the_limits_table_requests_are_answered_and_limited_in_memory() {
    let app = App::with(LIMITS).await;
    let table = app.store.table("RateLimitsTable");
    app.store.client().delete_table().table_name(table).send().await.unwrap();
    let log = Log::start();
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let response = as_user(app.get("/api/resources")).await;
        statuses.push(response.status);
        assert!(response.header("ratelimit").is_some());
        if response.status == 429 {
            assert!(response.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
        }
    }
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    let said: Vec<Value> = log.lines().into_iter().filter(|line| line["reason"].is_string()).collect();
    let [said] = &said[..] else { panic!("once a minute, not {said:#?}") };
    assert_eq!(said["level"], "WARN");
    assert!(said["reason"].as_str().unwrap().contains("ResourceNotFound"), "{said}");
}

#[tokio::test]
async fn a_batch_takes_a_token_for_each_of_its_operations() {
    let app = App::with(&[("RATE_LIMIT_WRITE", "10:0.01"), ("RATE_LIMIT_READ", "10:0.01")]).await;
    let create = json!({ "op": "create", "body": { "name": "n" } });
    let batch = |count: usize| {
        let body = json!({ "operations": vec![create.clone(); count] });
        as_user(app.post("/api/resources/batch", &body))
    };
    assert_eq!(batch(4).await.header("ratelimit"), Some("\"write\";r=6;t=100"));
    batch(7).await.problem(429, "rate_limited");
    assert_eq!(batch(6).await.status, 200);
    batch(1).await.problem(429, "rate_limited");
    // A batch larger than the bucket takes all tokens, and an invalid one takes one.
    let large = json!({ "operations": vec![create.clone(); 25] });
    let response = app.post("/api/resources/batch", &large).role(Role::Admin).await;
    assert!(response.header("ratelimit").unwrap().starts_with("\"write\";r=0;"), "{response:?}");
    let moderator = app.post("/api/resources/batch", &json!([])).await;
    assert_eq!(moderator.header("ratelimit"), Some("\"write\";r=9;t=100"));
}

#[tokio::test]
async fn a_batch_get_takes_a_token_for_each_ten_ids_begun() {
    let app = App::with(&[("RATE_LIMIT_WRITE", "10:0.01"), ("RATE_LIMIT_READ", "12:0.01")]).await;
    let ids = |count: usize| json!({ "ids": vec![NOWHERE; count] });
    let send = |body: &Value| as_user(app.post("/api/resources/batch-get", body));
    for (count, left) in [(1, 11), (10, 10), (11, 8), (50, 3)] {
        let response = send(&ids(count)).await;
        assert_eq!(response.header("ratelimit"), Some(&*format!("\"read\";r={left};t=100")), "{count}");
    }
    let refused = send(&ids(31)).await;
    refused.problem(429, "rate_limited");
    assert!(refused.header("ratelimit").unwrap().starts_with("\"read\";r=3;"));
    send(&ids(30)).await.data(200);
    // An invalid request takes the tokens for its ids all the same. A request for more tokens than the
    // capacity of the bucket takes all.
    let app = app.instance_with(&[("RATE_LIMIT_READ_MODERATOR", "4:0.01")]).await;
    let as_moderator = |body: &Value| app.post("/api/resources/batch-get", body);
    let unreadable = as_moderator(&json!({ "ids": 1 })).await;
    unreadable.problem(400, "validation_failed");
    assert_eq!(unreadable.header("ratelimit"), Some("\"read\";r=3;t=100"));
    let refused = as_moderator(&json!({ "ids": vec![1; 20] })).await;
    refused.problem(400, "validation_failed");
    assert_eq!(refused.header("ratelimit"), Some("\"read\";r=1;t=100"));
    as_moderator(&ids(100)).await.problem(429, "rate_limited");
    let admin = app.instance_with(&[("RATE_LIMIT_READ_ADMIN", "4:0.01")]).await;
    let response = admin.post("/api/resources/batch-get", &ids(100)).role(Role::Admin).await;
    response.data(200);
    assert_eq!(response.header("ratelimit"), Some("\"read\";r=0;t=100"));
}
