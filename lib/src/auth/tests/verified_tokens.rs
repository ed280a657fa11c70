//! Tokens that are sent again: everything but the signature is validated again.

use super::issuer::{IssuerKey, Server};
use super::*;

async fn at(verifier: &Verifier, token: &str, now: Timestamp) -> Result<Caller, Error> {
    verifier.verify(Some(format!("Bearer {token}").as_bytes()), now).await
}

fn assert_refused(result: Result<Caller, Error>, why: &str) {
    match result {
        Err(Error::InvalidToken(reason)) => assert!(reason.contains(why), "{reason}"),
        other => panic!("{other:?}, not refused as {why}"),
    }
}

#[tokio::test]
async fn it_still_expires_and_no_other_token_passes_for_it() {
    let keys = [IssuerKey::rsa("r"), IssuerKey::p256("e"), IssuerKey::ed25519("d")];
    let server = Server::of_keys(&keys.each_ref()).await;
    let verifier = verifier(KeySource::Jwks(server.url.clone())).await;
    for key in &keys {
        let token = key.sign(&claims());
        for _ in 0..3 {
            assert_eq!(verify(&verifier, &token).await.unwrap().subject, "ada");
        }
        let (rest, signature) = token.rsplit_once('.').unwrap();
        let (header, payload) = rest.split_once('.').unwrap();
        let admin = part(&with("role", "admin".into()));
        // Another signature, none, and the same signature with other claims.
        let changed = if signature.starts_with('A') { "B" } else { "A" };
        assert_refused(verify(&verifier, &format!("{rest}.{changed}{}", &signature[1..])).await, "signature");
        assert_refused(verify(&verifier, &format!("{rest}.")).await, "");
        assert_refused(verify(&verifier, &format!("{header}.{admin}.{signature}")).await, "signature");
        assert_refused(at(&verifier, &token, later(700)).await, "expired");
        assert!(verify(&verifier, &token).await.is_ok(), "{payload}");
    }
}

#[tokio::test]
async fn it_ends_with_its_key() {
    let (first, second, other) = (IssuerKey::p256("k"), IssuerKey::p256("k"), IssuerKey::p256("other"));
    let server = Server::of_keys(&[&first]).await;
    let verifier = verifier(KeySource::Jwks(server.url.clone())).await;
    let token = first.sign(&claims());
    assert!(verify(&verifier, &token).await.is_ok());
    // The set that is fetched for the unknown key has another key with the same id.
    server.publish(&[&second, &other]);
    assert!(at(&verifier, &other.sign(&claims()), later(40)).await.is_ok());
    assert_refused(at(&verifier, &token, later(41)).await, "signature");
    assert!(at(&verifier, &second.sign(&claims()), later(42)).await.is_ok());
    // The next set has no key with this id.
    let token = second.sign(&claims());
    assert!(at(&verifier, &token, later(43)).await.is_ok());
    let newest = IssuerKey::p256("newest");
    server.publish(&[&newest]);
    assert!(at(&verifier, &newest.sign(&claims()), later(80)).await.is_ok());
    assert_refused(at(&verifier, &token, later(81)).await, "unknown");
}
