use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials, Region};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use proptest::prelude::*;
use rsa::pkcs1::{EncodeRsaPrivateKey as _, EncodeRsaPublicKey as _};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::secret::Secret;
use super::*;
use crate::Error;
use crate::config::{AccessConfig, KeySource};
use crate::domain::{Caller, Role, Tenant, Timestamp};

const SECRET: &str = "a secret of tests, long enough for HS256";

/// A moment so many seconds from now.
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

async fn verifier(keys: KeySource) -> Verifier {
    let (issuer, audience) = (Some("https://issuer".to_owned()), Some("api".to_owned()));
    Verifier::connect(AccessConfig { keys, issuer, audience }).await.unwrap()
}

async fn verify(verifier: &Verifier, token: &str) -> Result<Caller, Error> {
    verifier.verify(Some(format!("Bearer {token}").as_bytes()), Timestamp::now()).await
}

#[tokio::test]
async fn a_good_token_names_its_caller() {
    let verifier = verifier(KeySource::Secret(SECRET.to_owned())).await;
    let ada = Caller { tenant: Tenant::default(), subject: "ada".to_owned(), role: Role::User };
    assert_eq!(verify(&verifier, &hs256(&claims())).await.unwrap(), ada);
    let other = with("tenant", json!("acme_1-x"));
    assert_eq!(verify(&verifier, &hs256(&other)).await.unwrap().tenant.as_str(), "acme_1-x");
    let unknown = verify(&verifier, &hs256(&with("role", json!("owner")))).await.unwrap();
    assert_eq!(unknown.role, Role::Unknown);
    for (field, good) in [
        ("aud", json!(["other", "api"])),
        ("exp", json!(later(0).since_epoch().0 - 20)),
        ("nbf", json!(later(20).since_epoch().0)),
        ("sub", json!("é".repeat(256))),
        ("tenant", json!("t".repeat(64))),
    ] {
        verify(&verifier, &hs256(&with(field, good.clone())))
            .await
            .unwrap_or_else(|error| panic!("{good} {error}"));
    }
    let scheme = format!("bEaReR   {}", hs256(&claims()));
    verifier.verify(Some(scheme.as_bytes()), Timestamp::now()).await.unwrap();
}

#[rstest]
#[case::expired(with("exp", json!(later(0).since_epoch().0 - 31)))]
#[case::not_yet_valid(with("nbf", json!(later(40).since_epoch().0)))]
#[case::other_issuer(with("iss", json!("https://other")))]
#[case::no_issuer(without("iss"))]
#[case::other_audience(with("aud", json!("other")))]
#[case::other_audiences(with("aud", json!(["other", "more"])))]
#[case::no_audience(without("aud"))]
#[case::no_subject(without("sub"))]
#[case::no_expiry(without("exp"))]
#[case::no_role(without("role"))]
#[case::empty_subject(with("sub", json!("")))]
#[case::long_subject(with("sub", json!("x".repeat(257))))]
#[case::number_subject(with("sub", json!(1)))]
#[case::text_expiry(with("exp", json!("2099-01-01")))]
#[case::null_expiry(with("exp", json!(null)))]
#[case::text_start(with("nbf", json!("soon")))]
#[case::list_role(with("role", json!(["user"])))]
#[case::number_tenant(with("tenant", json!(1)))]
#[case::empty_tenant(with("tenant", json!("")))]
#[case::tenant_with_a_separator(with("tenant", json!("a#b")))]
#[case::long_tenant(with("tenant", json!("t".repeat(65))))]
#[case::list(json!([]))]
#[case::too_long(with("more", json!("x".repeat(100_000))))]
#[tokio::test]
async fn claims_that_are_not_good_are_refused(#[case] claims: Value) {
    let verifier = verifier(KeySource::Secret(SECRET.to_owned())).await;
    let refused = verify(&verifier, &hs256(&claims)).await;
    assert!(matches!(refused, Err(Error::InvalidToken(_))), "{refused:?}");
}

#[tokio::test]
async fn a_forged_or_broken_token_is_refused() {
    let verifier = verifier(KeySource::Secret(SECRET.to_owned())).await;
    let good = hs256(&claims());
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let unsigned =
        |algorithm: &str| format!("{}.{payload}.", part(&json!({ "alg": algorithm, "typ": "JWT" })));
    let other_secret = EncodingKey::from_secret(b"another secret, as long as the first one");
    let by = |algorithm| {
        let key = EncodingKey::from_secret(SECRET.as_bytes());
        encode(&Header::new(algorithm), &claims(), &key).unwrap()
    };
    let mut critical = Header::new(Algorithm::HS256);
    critical.crit = Some(vec!["exp".to_owned()]);
    let forged = [
        unsigned("none"),
        unsigned("None"),
        unsigned("NONE"),
        unsigned("nOnE"),
        unsigned(""),
        unsigned("HS256"),
        format!("{}.{payload}.{signature}", part(&json!({ "alg": "none" }))),
        encode(&Header::new(Algorithm::HS256), &claims(), &other_secret).unwrap(),
        by(Algorithm::HS384),
        by(Algorithm::HS512),
        format!("{}.{payload}.{signature}", part(&json!({ "alg": "HS384" }))),
        format!("{}.{payload}.{signature}", part(&json!({ "alg": "RS256" }))),
        format!("{header}.{}.{signature}", part(&with("role", json!("admin")))),
        good[..good.len() - 1].to_owned(),
        good[..good.len() / 2].to_owned(),
        format!("{header}.{payload}"),
        format!("{good}.{signature}"),
        format!("{good},Bearer {good}"),
        "é".to_owned(),
        ".".to_owned(),
        "..".to_owned(),
        encode(&critical, &claims(), &EncodingKey::from_secret(SECRET.as_bytes())).unwrap(),
    ];
    for token in forged {
        let refused = verify(&verifier, &token).await;
        assert!(matches!(refused, Err(Error::InvalidToken(_))), "{token}: {refused:?}");
    }
}

#[rstest]
#[case::nothing(None)]
#[case::empty(Some(""))]
#[case::other_scheme(Some("Basic YTpi"))]
#[case::scheme_alone(Some("Bearer "))]
#[case::no_scheme(Some("eyJhbGciOiJIUzI1NiJ9"))]
#[tokio::test]
async fn without_a_bearer_token_it_is_missing(#[case] field: Option<&str>) {
    let verifier = verifier(KeySource::Secret(SECRET.to_owned())).await;
    let refused = verifier.verify(field.map(str::as_bytes), Timestamp::now()).await;
    assert!(matches!(refused, Err(Error::MissingToken)), "{refused:?}");
}

proptest! {
    #[test]
    fn any_header_field_is_judged(field in prop::collection::vec(any::<u8>(), 0..200), scheme in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let verifier = runtime.block_on(verifier(KeySource::Secret(SECRET.to_owned())));
        let field = if scheme { [b"Bearer ".to_vec(), field].concat() } else { field };
        prop_assert!(runtime.block_on(verifier.verify(Some(&field), Timestamp::now())).is_err());
    }

    #[test]
    fn any_three_parts_are_judged(header in "\\PC{0,60}", payload in "\\PC{0,60}", signature in "[A-Za-z0-9_=-]{0,50}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let verifier = runtime.block_on(verifier(KeySource::Secret(SECRET.to_owned())));
        let parts = [URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload), signature];
        prop_assert!(runtime.block_on(verify(&verifier, &parts.join("."))).is_err());
    }
}

/// A key of an issuer, and what it publishes of it.
struct IssuerKey {
    id: String,
    algorithm: Algorithm,
    private: EncodingKey,
}

/// One RSA key for all tests: making it takes its time.
static RSA_KEY: LazyLock<rsa::RsaPrivateKey> =
    LazyLock::new(|| rsa::RsaPrivateKey::new(&mut rand::rngs::OsRng, 2048).unwrap());

impl IssuerKey {
    fn rsa(id: &str) -> Self {
        let private = EncodingKey::from_rsa_der(RSA_KEY.to_pkcs1_der().unwrap().as_bytes());
        Self { id: id.to_owned(), algorithm: Algorithm::RS256, private }
    }

    fn p256(id: &str) -> Self {
        let algorithm = &ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = ring::rand::SystemRandom::new();
        let der = ring::signature::EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self {
            id: id.to_owned(),
            algorithm: Algorithm::ES256,
            private: EncodingKey::from_ec_der(der.as_ref()),
        }
    }

    fn ed25519(id: &str) -> Self {
        // PKCS #8, version 1 (RFC 8410, section 7): a fixed beginning and 32 random bytes.
        let beginning = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        let der = [&beginning[..], &rand::random::<[u8; 32]>()].concat();
        Self { id: id.to_owned(), algorithm: Algorithm::EdDSA, private: EncodingKey::from_ed_der(&der) }
    }

    fn published(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.private, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.id.clone());
        serde_json::to_value(jwk).unwrap()
    }

    fn sign(&self) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.clone());
        encode(&header, &claims(), &self.private).unwrap()
    }
}

/// A real HTTP server with one document, which can be changed, and can be down.
#[derive(Clone)]
struct Server {
    url: String,
    document: Arc<Mutex<Option<String>>>,
    requests: Arc<AtomicUsize>,
}

impl Server {
    async fn start(document: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let server = Self { url, document: Arc::new(Mutex::new(document)), requests: Arc::default() };
        let serving = server.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = vec![0; 64 * 1024];
                let _ = stream.read(&mut request).await;
                serving.requests.fetch_add(1, Ordering::SeqCst);
                let document = serving.document.lock().unwrap().clone();
                let (status, body) =
                    document.map_or(("503 Service Unavailable", String::new()), |body| ("200 OK", body));
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        server
    }

    async fn of_keys(keys: &[&IssuerKey]) -> Self {
        Self::start(Some(key_set(keys))).await
    }

    fn publish(&self, keys: &[&IssuerKey]) {
        self.set(Some(key_set(keys)));
    }

    fn set(&self, document: Option<String>) {
        *self.document.lock().unwrap() = document;
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn key_set(keys: &[&IssuerKey]) -> String {
    json!({ "keys": keys.iter().map(|key| key.published()).collect::<Vec<_>>() }).to_string()
}

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
    Verifier::of_secret(secret, Some("https://issuer".to_owned()), Some("api".to_owned()))
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
    let secret = Secret::kept_in(secrets(&server.url), "arn".to_owned()).await.unwrap();
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
    // Secrets Manager is away: the copy stays.
    server.set(Some("{}".to_owned()));
    assert!(at(old, later(200)).await.is_err());
    assert!(at(new, later(201)).await.is_ok());
}

#[tokio::test]
async fn a_secret_that_is_too_short_is_refused_at_start() {
    let server = Server::start(Some(json!({ "SecretString": "short" }).to_string())).await;
    assert!(Secret::kept_in(secrets(&server.url), "arn".to_owned()).await.is_err());
}

/// The same against moto's Secrets Manager, when `MOTO_ENDPOINT` says where it is.
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
    let verifier = with_secret(Secret::kept_in(client.clone(), arn.clone()).await.unwrap());
    assert!(verifier.verify(Some(signed_with(old).as_bytes()), later(0)).await.is_ok());
    client.put_secret_value().secret_id(&arn).secret_string(new).send().await.unwrap();
    let tokens: Vec<_> = (0..32).map(|_| signed_with(new)).collect();
    let callers =
        join_all(tokens.iter().map(|token| verifier.verify(Some(token.as_bytes()), later(61)))).await;
    assert!(callers.iter().all(Result::is_ok), "{callers:?}");
}
