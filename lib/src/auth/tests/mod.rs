//! Helpers for the tests of tokens.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::*;
use crate::Error;
use crate::config::{AccessConfig, ClaimsConfig, KeySource};
use crate::domain::{Caller, ClaimPath, Role, RoleMap, Tenant, Timestamp};

mod api_keys;
mod configured_claims;
mod issuer;
mod issuers;
mod key_set;
mod secret;
mod tokens;
mod verified_tokens;

/// The maximum age of a copy of a secret in these tests.
const MAX_AGE: Duration = Duration::from_mins(15);
const SECRET: &str = "a secret of tests, long enough for HS256";

/// The time this many seconds from now.
fn later(seconds: u64) -> Timestamp {
    let (now, nanoseconds) = Timestamp::now().since_epoch();
    Timestamp::from_epoch(now + seconds, nanoseconds)
}

fn claims() -> Value {
    let now = Timestamp::now().as_seconds();
    json!({ "sub": "ada", "role": "user", "exp": now + 600.0, "iss": "https://issuer", "aud": "api" })
}

fn with(field: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[field] = value;
    claims
}

fn without(field: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(field);
    claims
}

fn hs256(claims: &Value) -> String {
    encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

fn config(keys: KeySource) -> AccessConfig {
    AccessConfig {
        keys,
        issuer: Some("https://issuer".to_owned()),
        audiences: vec!["api".to_owned()],
        claims: ClaimsConfig {
            role: ClaimPath::ROLE,
            roles: RoleMap::default(),
            tenant: ClaimPath::TENANT,
            tenant_required: false,
        },
        secret_max_age: MAX_AGE,
    }
}

async fn verifier(keys: KeySource) -> Verifier {
    Verifier::connect(config(keys), None).await.unwrap()
}

async fn verify(verifier: &Verifier, token: &str) -> Result<Caller, Error> {
    verifier.verify(Some(format!("Bearer {token}").as_bytes()), Timestamp::now()).await
}
