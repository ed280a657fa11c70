//! An issuer: its keys, and a real HTTP server that publishes them. `benches/tokens.rs` includes this file, too.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A key of an issuer.
pub(super) struct IssuerKey {
    pub(super) id: String,
    pub(super) algorithm: Algorithm,
    pub(super) private: EncodingKey,
}

/// One RSA key for all tests, because it takes long to generate.
pub(super) static RSA_KEY: LazyLock<rsa::RsaPrivateKey> =
    LazyLock::new(|| rsa::RsaPrivateKey::new(&mut rand::rngs::OsRng, 2048).unwrap());

impl IssuerKey {
    pub(super) fn rsa(id: &str) -> Self {
        let private = EncodingKey::from_rsa_der(RSA_KEY.to_pkcs1_der().unwrap().as_bytes());
        Self { id: id.to_owned(), algorithm: Algorithm::RS256, private }
    }

    pub(super) fn p256(id: &str) -> Self {
        let algorithm = &ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = ring::rand::SystemRandom::new();
        let der = ring::signature::EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self {
            id: id.to_owned(),
            algorithm: Algorithm::ES256,
            private: EncodingKey::from_ec_der(der.as_ref()),
        }
    }

    pub(super) fn ed25519(id: &str) -> Self {
        // PKCS #8, version 1 (RFC 8410, section 7): a fixed beginning and 32 random bytes.
        let beginning = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        let der = [&beginning[..], &rand::random::<[u8; 32]>()].concat();
        Self { id: id.to_owned(), algorithm: Algorithm::EdDSA, private: EncodingKey::from_ed_der(&der) }
    }

    pub(super) fn published(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.private, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.id.clone());
        serde_json::to_value(jwk).unwrap()
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.clone());
        encode(&header, claims, &self.private).unwrap()
    }
}

/// A real HTTP server with one document, which can be changed. Without a document the response is a 503.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) url: String,
    document: Arc<Mutex<Option<String>>>,
    hangs: Arc<AtomicBool>,
    requests: Arc<AtomicUsize>,
}

impl Server {
    pub(super) async fn start(document: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let server = Self {
            url,
            document: Arc::new(Mutex::new(document)),
            hangs: Arc::default(),
            requests: Arc::default(),
        };
        let serving = server.clone();
        tokio::spawn(async move {
            let mut unanswered = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                if serving.hangs.load(Ordering::SeqCst) {
                    unanswered.push(stream);
                    continue;
                }
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

    pub(super) async fn of_keys(keys: &[&IssuerKey]) -> Self {
        Self::start(Some(key_set(keys))).await
    }

    pub(super) fn publish(&self, keys: &[&IssuerKey]) {
        self.set(Some(key_set(keys)));
    }

    pub(super) fn set(&self, document: Option<String>) {
        *self.document.lock().unwrap() = document;
    }

    /// From now on, accepts connections and never responds.
    pub(super) fn hang(&self) {
        self.hangs.store(true, Ordering::SeqCst);
    }

    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

pub(super) fn key_set(keys: &[&IssuerKey]) -> String {
    json!({ "keys": keys.iter().map(|key| key.published()).collect::<Vec<_>>() }).to_string()
}
