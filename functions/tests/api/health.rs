//! `GET /health`

use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn it_answers() {
    let response = App::start().await.get("/health").await;
    assert_eq!((response.status, response.body), (200, json!({ "status": "ok" })));
}
