//! Reads through the cache, which contains resources of all callers: entries of others reveal nothing.

use resource_api::domain::Role;
use serde_json::json;

use super::{caller, create, path};
use crate::app::NOWHERE;
use crate::logs::Log;

#[tokio::test]
async fn what_others_have_read_tells_nothing() {
    let Some((app, _server)) = crate::cache::start(&[]).await else { return };
    let (ada, bob) = (caller("ada", Role::User), caller("bob", Role::User));
    let customer = crate::shop::customer(&app, "Ada").await["id"].clone();
    let order = |number: &str| json!({ "number": number, "customer_id": customer, "total": 1 });
    let [present, deleted] = [
        create(&app, &bob, "orders", &order("A-1")).await,
        create(&app, &bob, "orders", &order("A-2")).await,
    ];
    assert_eq!(app.delete(&path("orders", &deleted)).await.status, 204);
    // The first read starts an epoch, and the second fills the entry.
    for _ in 0..2 {
        app.get(&path("orders", &present)).header("cache-control", "no-cache").await.data(200);
    }
    let own = app.get(&path("orders", &present)).caller(&bob).await;
    assert_eq!((own.header("x-cache"), own.data(200)), (Some("hit"), &present));
    // For ada none of these exist, however often she reads them.
    let seen = async |call: crate::app::Call<'_>| {
        let log = Log::start();
        let response = call.caller(&ada).await;
        let line = log.requests().pop().unwrap();
        (response.status, response.header("x-cache").map(str::to_owned), line["dynamodb_operations"].clone())
    };
    let nothing = (404, Some("miss".to_owned()), json!("GetItem:1"));
    for _ in 0..3 {
        for path in [path("orders", &present), path("orders", &deleted), format!("/api/orders/{NOWHERE}")] {
            assert_eq!(seen(app.get(&path)).await, nothing, "{path}");
        }
    }
    let nothing = (200, Some("miss".to_owned()), json!("BatchGetItem:1"));
    for id in [&present["id"], &deleted["id"], &json!(NOWHERE)] {
        let call = app.post("/api/orders/batch-get", &json!({ "ids": [id] }));
        assert_eq!(seen(call).await, nothing, "{id}");
    }
    // A resource that she created is cached for her.
    let hers = create(&app, &ada, "orders", &order("A-3")).await;
    app.get(&path("orders", &hers)).caller(&ada).await.data(200);
    assert_eq!(app.get(&path("orders", &hers)).caller(&ada).await.header("x-cache"), Some("hit"));
}
