//! Tokens of an issuer with a key set, which rotates, and is down.

use futures_util::future::join_all;
use rsa::pkcs1::EncodeRsaPublicKey as _;

use super::issuer::{IssuerKey, RSA_KEY, Server};
use super::*;

#[tokio::test]
async fn each_algorithm_of_a_key_set_is_taken() {
    let keys = [IssuerKey::rsa("r"), IssuerKey::p256("e"), IssuerKey::ed25519("d")];
    let server = Server::of_keys(&keys.each_ref()).await;
    let verifier = verifier(KeySource::Jwks(server.url.clone())).await;
    for key in &keys {
        assert_eq!(verify(&verifier, &key.sign()).await.unwrap().subject, "ada", "{:?}", key.algorithm);
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_token_that_misuses_a_key_set_is_refused() {
    let (rsa, p256, other) = (IssuerKey::rsa("r"), IssuerKey::p256("e"), IssuerKey::p256("e"));
    let server = Server::of_keys(&[&rsa, &p256]).await;
    let verifier = verifier(KeySource::Jwks(server.url.clone())).await;

    let with_id = |algorithm, id: Option<&str>, key: &EncodingKey| {
        let mut header = Header::new(algorithm);
        header.kid = id.map(str::to_owned);
        encode(&header, &claims(), key).unwrap()
    };
    let public_as_secret =
        EncodingKey::from_secret(RSA_KEY.to_public_key().to_pkcs1_der().unwrap().as_bytes());
    let [_, payload, signature] =
        rsa.sign().split('.').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
    let header = |algorithm: &str| part(&json!({ "alg": algorithm, "kid": "r" }));
    let forged = [
        with_id(Algorithm::HS256, Some("r"), &public_as_secret),
        with_id(Algorithm::HS256, Some("e"), &public_as_secret),
        with_id(Algorithm::RS256, None, &rsa.private),
        with_id(Algorithm::RS256, Some("unknown"), &rsa.private),
        with_id(Algorithm::RS384, Some("r"), &rsa.private),
        with_id(Algorithm::RS256, Some("e"), &rsa.private),
        with_id(Algorithm::ES256, Some("r"), &p256.private),
        other.sign(),
        format!("{}.{payload}.", header("none")),
        format!("{}.{payload}.{signature}", header("ES256")),
        format!("{}.{payload}.{signature}", header("PS256")),
        hs256(&claims()),
    ];
    for token in forged {
        let refused = verify(&verifier, &token).await;
        assert!(matches!(refused, Err(Error::InvalidToken(_))), "{token}: {refused:?}");
    }
    // One fetch at start, and one for the unknown id.
    assert_eq!(server.requests(), 2);
    for _ in 0..20 {
        let _ = verify(&verifier, &with_id(Algorithm::RS256, Some("unknown"), &rsa.private)).await;
    }
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn keys_rotate_under_load_and_no_good_token_is_refused() {
    let mut current = IssuerKey::p256("key-0");
    let server = Server::of_keys(&[&current]).await;
    let verifier = verifier(KeySource::Jwks(server.url.clone())).await;
    for rotation in 1..=8 {
        let next = IssuerKey::p256(&format!("key-{rotation}"));
        // The old key stays published as long as its tokens are about.
        server.publish(&[&current, &next]);
        let now = later(40 * rotation);
        let tokens: Vec<_> = (0..40)
            .map(|number| format!("Bearer {}", if number % 2 == 0 { current.sign() } else { next.sign() }))
            .collect();
        let callers = join_all(tokens.iter().map(|token| verifier.verify(Some(token.as_bytes()), now)));
        for caller in callers.await {
            caller.unwrap();
        }
        assert_eq!(server.requests(), 1 + usize::try_from(rotation).unwrap());
        current = next;
    }
}

#[tokio::test]
async fn a_withdrawn_key_ends_and_a_lost_issuer_does_not() {
    let (old, new) = (IssuerKey::ed25519("old"), IssuerKey::ed25519("new"));
    let server = Server::of_keys(&[&old]).await;
    let verifier = verifier(KeySource::Jwks(server.url.clone())).await;
    let at = |token: String, now| {
        let verifier = &verifier;
        async move {
            let mut long = token;
            long.insert_str(0, "Bearer ");
            verifier.verify(Some(long.as_bytes()), now).await
        }
    };
    // The issuer is down: the last good set stays, however old it is.
    server.set(None);
    assert!(at(old.sign(), later(0)).await.is_ok());
    assert!(matches!(at(new.sign(), later(31)).await, Err(Error::InvalidToken(_))));
    server.set(Some("no JSON".to_owned()));
    assert!(matches!(at(new.sign(), later(62)).await, Err(Error::InvalidToken(_))));
    assert!(at(old.sign(), later(93)).await.is_ok());
    // It is back with another key.
    server.publish(&[&new]);
    assert!(at(new.sign(), later(124)).await.is_ok());
    assert!(matches!(at(old.sign(), later(125)).await, Err(Error::InvalidToken(_))));
}

#[tokio::test]
async fn without_any_key_set_there_is_no_telling_yet() {
    let key = IssuerKey::p256("k");
    let server = Server::start(None).await;
    let verifier = verifier(KeySource::Jwks(server.url.clone())).await;
    let at_start = server.requests();
    assert_eq!(at_start, 3, "a fetch is tried three times");
    assert!(matches!(verify(&verifier, &key.sign()).await, Err(Error::Unavailable(_))));
    server.publish(&[&key]);
    // Asked again only after a while.
    assert!(matches!(verify(&verifier, &key.sign()).await, Err(Error::Unavailable(_))));
    let token = format!("Bearer {}", key.sign());
    assert!(verifier.verify(Some(token.as_bytes()), later(31)).await.is_ok());
}
