//! `GET /health`

use std::process::Command;

use rstest::rstest;
use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn it_answers() {
    let response = App::start().await.get("/health").await;
    assert_eq!((response.status, response.body), (200, json!({ "status": "ok" })));
}

/// Invalid settings stop this function like every other one, so that a broken deployment is not reported as
/// healthy.
#[rstest]
#[case(env!("CARGO_BIN_EXE_health"))]
#[case(env!("CARGO_BIN_EXE_unmatched-request"))]
#[case(env!("CARGO_BIN_EXE_get-resource"))]
fn bad_settings_stop_every_function_with_the_same_message(#[case] binary: &str) {
    let settings = [
        ("JWT_SECRET", "short"),
        ("RATE_LIMIT_READ", "often"),
        ("RESOURCES_TABLE", "resources"),
        // Nothing listens there, and no call is made.
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1"),
    ];
    let ended = Command::new(binary).env_clear().envs(settings).output().unwrap();
    assert!(!ended.status.success());
    let log = String::from_utf8(ended.stdout).unwrap();
    for fault in
        ["JWT_SECRET must have at least 32 bytes", "RATE_LIMIT_READ must be", "RATE_LIMITS_TABLE is missing"]
    {
        assert!(log.contains(fault), "{binary} does not say {fault}: {log}");
    }
}
