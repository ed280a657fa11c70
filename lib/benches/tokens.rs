//! The CPU time of verifying a token, by algorithm: `cargo bench --package resource-api --bench tokens`.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use std::time::Duration;

use divan::Bencher;
use issuer::{IssuerKey, Server};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use resource_api::auth::Verifier;
use resource_api::config::{AccessConfig, ClaimsConfig, KeySource};
use resource_api::domain::{ClaimPath, RoleMap, Timestamp};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../src/auth/tests/issuer.rs"]
mod issuer;

const SECRET: &str = "a secret of a benchmark, long enough";
const ALGORITHMS: [&str; 4] = ["HS256", "RS256", "ES256", "EdDSA"];

fn main() {
    divan::main();
}

/// A token that was not seen before.
#[divan::bench(args = ALGORITHMS)]
fn new(bencher: Bencher<'_, '_>, algorithm: &str) {
    let (runtime, verifier, sign) = issuer(algorithm);
    let mut number = 0;
    bencher
        .with_inputs(|| {
            number += 1;
            sign(number)
        })
        .bench_local_values(|token| verify(&runtime, &verifier, &token));
}

/// A token that the same instance has verified before.
#[divan::bench(args = ALGORITHMS)]
fn repeated(bencher: Bencher<'_, '_>, algorithm: &str) {
    let (runtime, verifier, sign) = issuer(algorithm);
    let token = sign(0);
    verify(&runtime, &verifier, &token);
    bencher.bench_local(|| verify(&runtime, &verifier, &token));
}

fn verify(runtime: &Runtime, verifier: &Verifier, authorization: &str) {
    runtime.block_on(verifier.verify(Some(authorization.as_bytes()), Timestamp::now())).unwrap();
}

/// A verifier, and a function that signs a different token for each number.
fn issuer(algorithm: &str) -> (Runtime, Verifier, Box<dyn Fn(u64) -> String>) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let sign: Box<dyn Fn(&Value) -> String>;
    let keys = match algorithm {
        "HS256" => {
            let key = EncodingKey::from_secret(SECRET.as_bytes());
            sign = Box::new(move |claims| encode(&Header::new(Algorithm::HS256), claims, &key).unwrap());
            KeySource::Secret(SECRET.to_owned())
        }
        algorithm => {
            let key = match algorithm {
                "RS256" => IssuerKey::rsa("key"),
                "ES256" => IssuerKey::p256("key"),
                _ => IssuerKey::ed25519("key"),
            };
            let server = runtime.block_on(Server::of_keys(&[&key]));
            sign = Box::new(move |claims| key.sign(claims));
            KeySource::Jwks(server.url)
        }
    };
    let claims = ClaimsConfig {
        role: ClaimPath::ROLE,
        roles: RoleMap::default(),
        tenant: ClaimPath::TENANT,
        tenant_required: false,
    };
    let config = AccessConfig {
        keys,
        issuer: Some("https://issuer".to_owned()),
        audiences: vec!["api".to_owned()],
        claims,
        secret_max_age: Duration::from_mins(15),
    };
    let verifier = runtime.block_on(Verifier::connect(config, None)).unwrap();
    let expires = Timestamp::now().as_seconds() + 3_600.0;
    let sign = move |number| {
        let claims = json!({
            "sub": "ada", "role": "user", "exp": expires, "iss": "https://issuer", "aud": "api", "jti": number,
        });
        format!("Bearer {}", sign(&claims))
    };
    (runtime, verifier, Box::new(sign))
}
