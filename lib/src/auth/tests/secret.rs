//! Tokens that are signed with a secret in Secrets Manager, and its rotation.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials, Region};
use futures_util::future::join_all;

use super::issuer::Server;
use super::*;
use crate::auth::secret::Secret;

/// A client for a Secrets Manager at an endpoint on this machine.
fn secrets(endpoint: &str) -> Client {
    let config = aws_sdk_secretsmanager::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .endpoint_url(endpoint)
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "tests"))
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    Client::from_conf(config.build())
}

fn with_secret(secret: Secret) -> Verifier {
    Verifier::of_secret(secret, config(KeySource::Secret(String::new())))
}

fn signed_with(secret: &str) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    format!("Bearer {}", encode(&Header::new(Algorithm::HS256), &claims(), &key).unwrap())
}

#[tokio::test]
async fn a_secret_is_read_again_when_a_signature_fails() {
    let kept = |secret: &str| Some(json!({ "SecretString": secret }).to_string());
    let old = "the first secret of the tests, 32 bytes and more";
    let new = "the second secret of the tests, 32 bytes and more";
    let server = Server::start(kept(old)).await;
    let secret = Secret::kept_in(secrets(&server.url), "arn".to_owned(), MAX_AGE).await.unwrap();
    let verifier = with_secret(secret);
    let (old, new, at) = (signed_with(old), signed_with(new), |token: String, now| {
        let verifier = &verifier;
        async move { verifier.verify(Some(token.as_bytes()), now).await }
    });
    assert!(at(old.clone(), later(0)).await.is_ok());
    assert!(at(new.clone(), later(30)).await.is_err(), "the copy is not yet a minute old");
    assert_eq!(server.requests(), 1);
    server.set(kept("the second secret of the tests, 32 bytes and more"));
    let all = join_all((0..16).map(|_| at(new.clone(), later(61)))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(server.requests(), 2, "one reads for all");
    assert!(at(old.clone(), later(62)).await.is_err());
    // While Secrets Manager returns no secret, the copy is used.
    server.set(Some("{}".to_owned()));
    assert!(at(old, later(200)).await.is_err());
    assert!(at(new, later(201)).await.is_ok());
}

#[tokio::test]
async fn a_secret_that_is_too_short_is_refused_at_start() {
    let server = Server::start(Some(json!({ "SecretString": "short" }).to_string())).await;
    assert!(Secret::kept_in(secrets(&server.url), "arn".to_owned(), MAX_AGE).await.is_err());
}

/// The same against moto's Secrets Manager, if `MOTO_ENDPOINT` is set.
#[tokio::test]
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "no function reads this variable")]
async fn a_secret_rotates_in_secrets_manager() {
    let Ok(endpoint) = std::env::var("MOTO_ENDPOINT") else {
        eprintln!("MOTO_ENDPOINT is not set: not run against moto");
        return;
    };
    let client = secrets(&endpoint);
    let name = format!("resource-api/{}", uuid::Uuid::now_v7());
    let (old, new) =
        ("the first secret of the tests, 32 bytes and more", "the second one, which is as long as that");
    let created = client.create_secret().name(&name).secret_string(old).send().await.unwrap();
    let arn = created.arn().unwrap().to_owned();
    let verifier = with_secret(Secret::kept_in(client.clone(), arn.clone(), MAX_AGE).await.unwrap());
    assert!(verifier.verify(Some(signed_with(old).as_bytes()), later(0)).await.is_ok());
    client.put_secret_value().secret_id(&arn).secret_string(new).send().await.unwrap();
    let tokens: Vec<_> = (0..32).map(|_| signed_with(new)).collect();
    let callers =
        join_all(tokens.iter().map(|token| verifier.verify(Some(token.as_bytes()), later(61)))).await;
    assert!(callers.iter().all(Result::is_ok), "{callers:?}");
}

/// A header field with a token that is signed with a secret and valid at `now`.
fn forged_at(secret: &str, now: Timestamp) -> String {
    let claims = with("exp", json!(now.as_seconds() + 60.0));
    let key = EncodingKey::from_secret(secret.as_bytes());
    format!("Bearer {}", encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap())
}

const OLD: &str = "the first secret of the tests, 32 bytes and more";
const NEW: &str = "the second secret of the tests, 32 bytes and more";

fn kept(secret: &str) -> String {
    json!({ "SecretString": secret }).to_string()
}

#[tokio::test]
async fn a_rotated_secret_is_no_longer_good_when_its_copy_has_reached_its_age() {
    let server = Server::start(Some(kept(OLD))).await;
    let verifier =
        with_secret(Secret::kept_in(secrets(&server.url), "arn".to_owned(), MAX_AGE).await.unwrap());
    server.set(Some(kept(NEW)));
    let verify = async |seconds: u64, secret: &str| {
        let now = later(seconds);
        verifier.verify(Some(forged_at(secret, now).as_bytes()), now).await
    };
    assert!(verify(890, OLD).await.is_ok(), "the copy is young enough");
    assert!(matches!(verify(901, OLD).await, Err(Error::InvalidToken(_))));
    assert!(verify(902, NEW).await.is_ok());
    let before = server.requests();
    let many = join_all((0..16).map(|_| verify(1850, NEW))).await;
    assert!(many.iter().all(Result::is_ok), "{many:?}");
    assert_eq!(server.requests(), before + 1, "one reads for all");
}

#[tokio::test]
async fn while_secrets_manager_is_down_a_copy_is_good_for_twice_its_age() {
    let server = Server::start(Some(kept(OLD))).await;
    let verifier =
        with_secret(Secret::kept_in(secrets(&server.url), "arn".to_owned(), MAX_AGE).await.unwrap());
    server.set(Some("{}".to_owned()));
    let verify = async |seconds: u64| {
        let now = later(seconds);
        verifier.verify(Some(forged_at(OLD, now).as_bytes()), now).await
    };
    assert!(verify(1790).await.is_ok());
    let asked = server.requests();
    assert!(verify(1791).await.is_ok());
    assert_eq!(server.requests(), asked, "not once a request");
    assert!(matches!(verify(1851).await, Err(Error::Unavailable(_))));
    server.set(Some(kept(OLD)));
    assert!(verify(1912).await.is_ok());
}
