//! Tokens of an issuer with a key set: forged tokens, rotated keys, and an issuer that is down.

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
        assert_eq!(
            verify(&verifier, &key.sign(&claims())).await.unwrap().subject,
            "ada",
            "{:?}",
            key.algorithm
        );
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
        rsa.sign(&claims()).split('.').map(str::to_owned).collect::<Vec<_>>().try_into().unwrap();
    let header = |algorithm: &str| part(&json!({ "alg": algorithm, "kid": "r" }));
    let forged = [
        with_id(Algorithm::HS256, Some("r"), &public_as_secret),
        with_id(Algorithm::HS256, Some("e"), &public_as_secret),
        with_id(Algorithm::RS256, None, &rsa.private),
        with_id(Algorithm::RS256, Some("unknown"), &rsa.private),
        with_id(Algorithm::RS384, Some("r"), &rsa.private),
        with_id(Algorithm::RS256, Some("e"), &rsa.private),
        with_id(Algorithm::ES256, Some("r"), &p256.private),
        other.sign(&claims()),
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
        // The old key stays published while its tokens are valid.
        server.publish(&[&current, &next]);
        let now = later(40 * rotation);
        let tokens: Vec<_> = (0..40)
            .map(|number| {
                format!(
                    "Bearer {}",
                    if number % 2 == 0 { current.sign(&claims()) } else { next.sign(&claims()) }
                )
            })
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
    // While the issuer is down, the last good set is used.
    server.set(None);
    assert!(at(old.sign(&claims()), later(0)).await.is_ok());
    assert!(matches!(at(new.sign(&claims()), later(31)).await, Err(Error::InvalidToken(_))));
    server.set(Some("no JSON".to_owned()));
    assert!(matches!(at(new.sign(&claims()), later(62)).await, Err(Error::InvalidToken(_))));
    assert!(at(old.sign(&claims()), later(93)).await.is_ok());
    // The issuer is up again, with another key.
    server.publish(&[&new]);
    assert!(at(new.sign(&claims()), later(124)).await.is_ok());
    assert!(matches!(at(old.sign(&claims()), later(125)).await, Err(Error::InvalidToken(_))));
}

#[tokio::test]
async fn without_any_key_set_there_is_no_telling_yet() {
    let key = IssuerKey::p256("k");
    let server = Server::start(None).await;
    let verifier = verifier(KeySource::Jwks(server.url.clone())).await;
    let at_start = server.requests();
    assert_eq!(at_start, 3, "a fetch is tried three times");
    assert!(matches!(verify(&verifier, &key.sign(&claims())).await, Err(Error::Unavailable(_))));
    server.publish(&[&key]);
    // It is fetched again only after 30 s.
    assert!(matches!(verify(&verifier, &key.sign(&claims())).await, Err(Error::Unavailable(_))));
    let token = format!("Bearer {}", key.sign(&claims()));
    assert!(verifier.verify(Some(token.as_bytes()), later(31)).await.is_ok());
}

/// A header field with a token that is valid at `now`.
fn signed_at(key: &IssuerKey, now: Timestamp) -> String {
    let mut header = Header::new(key.algorithm);
    header.kid = Some(key.id.clone());
    let claims = with("exp", json!(now.as_seconds() + 60.0));
    format!("Bearer {}", encode(&header, &claims, &key.private).unwrap())
}

#[tokio::test]
async fn while_the_issuer_is_down_for_long_known_keys_do_not_wait_for_it() {
    let key = IssuerKey::p256("k");
    let server = Server::of_keys(&[&key]).await;
    let verifier = verifier(KeySource::Jwks(server.url.clone())).await;
    let verify = async |seconds: u64| {
        let now = later(seconds);
        verifier.verify(Some(signed_at(&key, now).as_bytes()), now).await
    };
    // The issuer accepts connections and never responds.
    server.hang();
    for hour in 1..24 {
        let started = std::time::Instant::now();
        assert!(verify(3600 * hour + 60).await.is_ok());
        // A fetch fails after three attempts of 2 s.
        assert!(started.elapsed().as_secs() < 2, "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn after_a_day_without_its_issuer_no_key_is_good() {
    let key = IssuerKey::p256("k");
    let server = Server::of_keys(&[&key]).await;
    let verifier = verifier(KeySource::Jwks(server.url.clone())).await;
    let verify = async |seconds: u64| {
        let now = later(seconds);
        verifier.verify(Some(signed_at(&key, now).as_bytes()), now).await
    };
    server.set(None);
    assert!(verify(24 * 3600 - 60).await.is_ok());
    assert!(matches!(verify(24 * 3600 + 60).await, Err(Error::Unavailable(_))));
    server.publish(&[&key]);
    assert!(verify(24 * 3600 + 100).await.is_ok());
}

#[tokio::test]
async fn a_key_that_is_withdrawn_ends_within_the_hour() {
    let (old, new) = (IssuerKey::p256("old"), IssuerKey::p256("new"));
    let server = Server::of_keys(&[&old]).await;
    let verifier = verifier(KeySource::Jwks(server.url.clone())).await;
    server.publish(&[&new]);
    let verify = async |seconds: u64, key: &IssuerKey| {
        let now = later(seconds);
        verifier.verify(Some(signed_at(key, now).as_bytes()), now).await
    };
    assert!(verify(3590, &old).await.is_ok());
    assert!(matches!(verify(3601, &old).await, Err(Error::InvalidToken(_))));
    assert!(verify(3602, &new).await.is_ok());
}

#[tokio::test]
async fn a_token_without_a_tenant_is_refused_where_one_is_required() {
    let secret = KeySource::Secret(SECRET.to_owned());
    let mut required = config(secret.clone());
    required.claims.tenant_required = true;
    let strict = Verifier::connect(required, None).await.unwrap();
    let lenient = verifier(secret).await;
    let (without, with) = (hs256(&claims()), hs256(&with("tenant", json!("acme"))));
    assert!(
        matches!(verify(&strict, &without).await, Err(Error::InvalidToken(reason)) if reason == "it has no claim tenant")
    );
    assert_eq!(verify(&strict, &with).await.unwrap().tenant, Tenant::parse("acme").unwrap());
    assert_eq!(verify(&lenient, &without).await.unwrap().tenant, Tenant::default());
}
