//! API keys: valid, forged, revoked, expired and cached.

use std::time::Duration;

use testing::{TestStore, local_config};

use super::*;
use crate::aws;
use crate::domain::{ApiKey, ApiKeyRecord, ApiKeyState};
use crate::repository::ApiKeyRepository;

struct Keys {
    store: TestStore,
    keys: ApiKeyRepository,
}

impl Keys {
    async fn new() -> Self {
        let store = TestStore::start().await.unwrap();
        let keys = Self::at(&store, store.endpoint());
        Self { store, keys }
    }

    fn at(store: &TestStore, endpoint: &str) -> ApiKeyRepository {
        ApiKeyRepository::new(aws::dynamodb_from(&local_config(endpoint)), store.table("ApiKeysTable"))
    }

    async fn create(&self, role: Role, lifetime: Option<Duration>) -> ApiKey {
        let key = ApiKey::new(rand::random());
        let expires_at = lifetime.map(|lifetime| Timestamp::now().checked_add(lifetime).unwrap());
        let record =
            ApiKeyRecord::new(&key, "tests".to_owned(), Tenant::parse("acme").unwrap(), role, expires_at);
        self.keys.create(&record).await.unwrap();
        key
    }

    async fn verifier(&self) -> Verifier {
        let secret = KeySource::Secret(SECRET.to_owned());
        Verifier::connect(config(secret), Some(self.keys.clone())).await.unwrap()
    }
}

async fn at(verifier: &Verifier, key: &str, now: Timestamp) -> Result<Caller, String> {
    let caller = verifier.verify(Some(format!("Bearer {key}").as_bytes()), now).await;
    caller.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_key_names_its_caller() {
    let keys = Keys::new().await;
    let verifier = keys.verifier().await;
    let key = keys.create(Role::Moderator, None).await;
    let id = key.id();
    let tenant = Tenant::parse("acme").unwrap();
    let expected = Caller { tenant, subject: format!("key:{id}"), role: Role::Moderator };
    assert_eq!(at(&verifier, key.reveal(), Timestamp::now()).await, Ok(expected));
    // The item does not contain the secret.
    let stored = keys.store.client().get_item().table_name(keys.store.table("ApiKeysTable"));
    let stored =
        stored.key("pk", aws_sdk_dynamodb::types::AttributeValue::S(id.to_string())).send().await.unwrap();
    let stored = format!("{:?}", stored.item.unwrap());
    let secret = &key.reveal()["rk_".len() + 32..];
    assert!(stored.contains(&key.sha256()) && !stored.contains(secret), "{stored}");
    assert!(!format!("{key:?}").contains(secret));
}

#[tokio::test]
async fn a_forged_or_broken_key_is_refused() {
    let keys = Keys::new().await;
    let verifier = keys.verifier().await;
    let (key, other) = (keys.create(Role::Admin, None).await, keys.create(Role::User, None).await);
    let (text, id) = (key.reveal(), key.id());
    let secret = |key: &ApiKey| key.reveal()["rk_".len() + 32..].to_owned();
    let never_created = ApiKey::new([7; 32]);
    let incomplete = "invalid token: it is not a complete API key";
    for (forged, reason) in [
        ("rk_".to_owned(), incomplete.to_owned()),
        (text[..text.len() - 1].to_owned(), incomplete.to_owned()),
        (text[..40].to_owned(), incomplete.to_owned()),
        (format!("{text}0"), incomplete.to_owned()),
        (format!("{text} "), String::new()),
        (text.to_uppercase().replace("RK_", "rk_"), incomplete.to_owned()),
        (format!("rk_{id}{}", "é".repeat(32)), incomplete.to_owned()),
        (format!("rk_{}", "é".repeat(60)), incomplete.to_owned()),
        (
            format!("rk_{id}{}", "0".repeat(64)),
            format!("invalid token: its secret is not that of the API key {id}"),
        ),
        (
            format!("rk_{id}{}", secret(&other)),
            format!("invalid token: its secret is not that of the API key {id}"),
        ),
        (
            never_created.reveal().to_owned(),
            format!("invalid token: there is no API key {}", never_created.id()),
        ),
        (format!("RK_{}", &text[3..]), "invalid token: it is neither a JWT nor an API key".to_owned()),
        (format!("rk_{}", "0".repeat(1 << 20)), incomplete.to_owned()),
    ] {
        let judged = at(&verifier, &forged, Timestamp::now()).await;
        match reason.as_str() {
            "" => assert!(judged.is_ok(), "white space at the end is none of it: {judged:?}"),
            reason => assert_eq!(judged.as_ref().err().map(String::as_str), Some(reason), "{forged:.80}"),
        }
    }
    let none = Verifier::connect(config(KeySource::Secret(SECRET.to_owned())), None).await.unwrap();
    let refused = at(&none, text, Timestamp::now()).await.unwrap_err();
    assert_eq!(refused, "invalid token: API keys are not accepted: API_KEYS_TABLE is not set");
}

#[tokio::test]
async fn a_revoked_key_ends_within_a_minute() {
    let keys = Keys::new().await;
    let (verifier, other) = (keys.verifier().await, keys.verifier().await);
    let key = keys.create(Role::User, None).await;
    let (text, id) = (key.reveal(), key.id());
    assert!(at(&verifier, text, later(0)).await.is_ok());
    keys.keys.revoke(id, later(1)).await.unwrap();
    let refused = Err(format!("invalid token: the API key {id} is revoked"));
    assert_eq!(at(&other, text, later(2)).await, refused, "an instance that has not seen it looks it up");
    assert!(at(&verifier, text, later(59)).await.is_ok(), "it is remembered");
    assert_eq!(at(&verifier, text, later(61)).await, refused);
    // Revoking it again changes nothing, and is no error.
    keys.keys.revoke(id, later(100)).await.unwrap();
    let record = keys.keys.find(id).await.unwrap().unwrap();
    assert_eq!(
        (record.state(later(0)), record.revoked_at.unwrap() < later(50)),
        (ApiKeyState::Revoked, true)
    );
    let unknown = keys.keys.revoke(ApiKey::new([1; 32]).id(), later(0)).await;
    assert!(matches!(unknown, Err(Error::NotFound)));
}

#[tokio::test]
async fn an_expired_key_ends_at_its_second_also_where_it_is_remembered() {
    let keys = Keys::new().await;
    let verifier = keys.verifier().await;
    let key = keys.create(Role::User, Some(Duration::from_secs(30))).await;
    assert!(at(&verifier, key.reveal(), later(0)).await.is_ok());
    let refused = at(&verifier, key.reveal(), later(31)).await.unwrap_err();
    assert_eq!(refused, format!("invalid token: the API key {} is expired", key.id()));
}

#[tokio::test]
async fn a_key_is_looked_up_once_a_minute() {
    let keys = Keys::new().await;
    let verifier = keys.verifier().await;
    let key = keys.create(Role::User, None).await;
    let ((), used) = Box::pin(crate::telemetry::usage::measured(async {
        for second in [0, 1, 30, 59] {
            assert!(at(&verifier, key.reveal(), later(second)).await.is_ok());
        }
    }))
    .await;
    assert_eq!(used.operations(), "GetItem:1");
}

#[tokio::test]
async fn a_table_that_does_not_respond_is_no_refusal() {
    let keys = Keys::new().await;
    let nowhere = Keys::at(&keys.store, "http://127.0.0.1:9");
    let verifier =
        Verifier::connect(config(KeySource::Secret(SECRET.to_owned())), Some(nowhere)).await.unwrap();
    let key = keys.create(Role::User, None).await;
    let header = format!("Bearer {}", key.reveal());
    let judged = verifier.verify(Some(header.as_bytes()), Timestamp::now()).await;
    assert!(matches!(judged, Err(Error::Unavailable(_))), "{judged:?}");
}
