//! Responses in gzip.

use rstest::rstest;
use serde_json::{Value, json};

use crate::app::App;

/// A resource whose response is long enough to be compressed.
fn long() -> Value {
    json!({ "name": "n", "description": "d".repeat(2_000) })
}

#[rstest]
#[case("gzip", true)]
#[case("br, GZIP;q=0.5", true)]
#[case("*", true)]
#[case("gzip;q=0, *", false)]
#[case("br, identity", false)]
#[case("", false)]
#[tokio::test]
async fn a_client_gets_what_it_takes(#[case] accept: &str, #[case] compressed: bool) {
    let app = App::start().await;
    let created = app.post("/api/resources", &long()).await;
    let path = format!("/api/resources/{}", created.data(201)["id"].as_str().unwrap());
    for path in [&*path, "/api/resources?fields=*"] {
        let plain = app.get(path).await;
        let asked = app.get(path).header("accept-encoding", accept).await;
        assert_eq!((asked.status, &asked.text), (200, &plain.text));
        assert_eq!(asked.header("content-encoding"), compressed.then_some("gzip"));
        assert_eq!(asked.sent < plain.sent, compressed, "{} of {}", asked.sent, plain.sent);
        for name in ["content-type", "etag", "vary", "cache-control"] {
            assert_eq!(asked.header(name), plain.header(name), "{name}");
        }
        assert_eq!(plain.header("vary"), Some("Authorization, Accept-Encoding"));
    }
}

#[tokio::test]
async fn the_entity_tag_is_good_for_every_coding() {
    let app = App::start().await;
    let created = app.post("/api/resources", &long()).header("accept-encoding", "gzip").await;
    assert_eq!((created.header("etag"), created.header("content-encoding")), (Some("\"1\""), Some("gzip")));
    let path = format!("/api/resources/{}", created.data(201)["id"].as_str().unwrap());
    let same = app.get(&path).header("accept-encoding", "gzip").header("if-none-match", "\"1\"").await;
    assert_eq!((same.status, same.header("content-encoding"), same.sent), (304, None, 0));
    let changed = app
        .patch(&path, &json!({ "name": "m" }))
        .header("if-match", "\"1\"")
        .header("accept-encoding", "gzip")
        .await;
    assert_eq!((changed.status, changed.header("etag")), (200, Some("\"2\"")));
}

#[tokio::test]
async fn what_is_short_is_sent_as_it_is_and_a_replay_in_the_coding_that_it_is_asked_in() {
    let app = App::start().await;
    let short = app.post("/api/resources", &json!({ "name": "n" })).header("accept-encoding", "gzip").await;
    assert_eq!((short.status, short.header("content-encoding")), (201, None));
    let first = app.post("/api/resources", &long()).key("k").header("accept-encoding", "gzip").await;
    let plain = app.post("/api/resources", &long()).key("k").await;
    let again = app.post("/api/resources", &long()).key("k").header("accept-encoding", "gzip").await;
    assert_eq!((&plain.text, &again.text), (&first.text, &first.text));
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(again.header("content-encoding"), Some("gzip"));
}

#[tokio::test]
async fn text_that_gzip_makes_no_shorter_is_sent_as_it_is_up_to_the_largest_response() {
    let app = App::start().await;
    // Hardly compressible: encoded in Base64, the compressed body would exceed a function's response limit.
    let noise = || (0..380_000).map(|_| fastrand::alphanumeric()).collect::<String>();
    for _ in 0..13 {
        app.post("/api/resources", &json!({ "name": "n", "attributes": { "a": noise() } })).await.data(201);
    }
    let page = app.get("/api/resources?fields=*&limit=100").header("accept-encoding", "gzip").await;
    assert_eq!((page.status, page.header("content-encoding")), (200, None));
    assert!((4_500_000..6_000_000).contains(&page.sent), "{} bytes", page.sent);
}
