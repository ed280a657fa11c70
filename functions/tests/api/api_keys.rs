//! Requests with an API key.

use resource_api::domain::{ApiKey, ApiKeyRecord, Role, Tenant, Timestamp};
use resource_api::repository::ApiKeyRepository;
use serde_json::{Value, json};

use crate::app::{App, Call, client};
use crate::logs::Log;

fn keys(app: &App) -> ApiKeyRepository {
    ApiKeyRepository::new(client(&app.store), app.store.table("ApiKeysTable"))
}

async fn key(app: &App, tenant: &str, role: Role) -> ApiKey {
    let key = ApiKey::new(std::array::from_fn(|_| fastrand::u8(..)));
    let record = ApiKeyRecord::new(&key, String::new(), Tenant::parse(tenant).unwrap(), role, None);
    keys(app).create(&record).await.unwrap();
    key
}

fn with<'a>(call: Call<'a>, key: &ApiKey) -> Call<'a> {
    call.header("authorization", &format!("Bearer {}", key.reveal()))
}

#[tokio::test]
async fn a_key_is_a_caller_like_any_other() {
    let app = App::with(&[("RATE_LIMIT_WRITE", "2:0.01")]).await;
    let (ours, user) = (key(&app, "acme", Role::Admin).await, key(&app, "acme", Role::User).await);
    let foreign = key(&app, "other", Role::Admin).await;
    let body = json!({ "name": "n" });
    let created = with(app.post("/api/resources", &body), &user).await;
    assert!(created.header("ratelimit").unwrap().starts_with("\"write\";r=1;"));
    let resource = created.data(201).clone();
    assert_eq!(resource["created_by"], format!("key:{}", user.id()));
    let path = format!("/api/resources/{}", resource["id"].as_str().unwrap());
    with(app.get(&path), &ours).await.data(200);
    with(app.get(&path), &foreign).await.problem(404, "not_found");
    with(app.delete(&path), &user).await.problem(403, "forbidden");
    // It has its own bucket.
    with(app.post("/api/resources", &body), &user).await.data(201);
    with(app.post("/api/resources", &body), &user).await.problem(429, "rate_limited");
    with(app.post("/api/resources", &body), &ours).await.data(201);
}

#[tokio::test]
async fn the_log_names_the_key_and_why_it_is_refused_and_the_answer_does_not() {
    let app = App::start().await;
    let key = key(&app, "acme", Role::User).await;
    let log = Log::start();
    with(app.get("/api/resources"), &key).await.data(200);
    keys(&app).revoke(key.id(), Timestamp::now()).await.unwrap();
    let refused = with(app.instance().await.get("/api/resources"), &key).await;
    refused.problem(401, "invalid_token");
    assert_eq!(refused.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
    assert!(!refused.text.contains("is revoked") && !refused.text.contains(&key.id().to_string()));
    let lines = log.requests();
    assert_eq!(lines[0]["api_key"], key.id().to_string());
    assert_eq!(lines[1]["error"], format!("invalid token: the API key {} is revoked", key.id()));
    assert_eq!(lines[1]["caller"], Value::Null);
    assert!(!log.text().contains(&key.reveal()[40..]), "the secret is in the log");
}
