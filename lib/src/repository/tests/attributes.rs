//! The stored form of attributes.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use testing::TestStore;

use super::values;
use crate::domain::{Caller, Resource, Role, Scope, Shards, Tenant, Timestamp};
use crate::repository::ResourceRepository;
use crate::repository::tests::resources;

/// The stored attribute value of `attributes`.
async fn stored(repository: &ResourceRepository, resource: &Resource) -> AttributeValue {
    let key = AttributeValue::S(format!("default#articles#{}", resource.id));
    let get = repository.client.get_item().table_name(&repository.table).key("pk", key);
    get.send().await.unwrap().item.unwrap()["rest"].as_m().unwrap()["attributes"].clone()
}

#[tokio::test]
async fn attributes_are_stored_as_their_text() {
    let repository = resources(&TestStore::start().await.unwrap(), Shards::default());
    let body = json!({ "name": "n", "attributes": { "b": [1.50, {}], "a": { "": "é" } } });
    let resource = Resource::new(values(body), &Caller::example(Role::User), Timestamp::now());
    repository.store(&Tenant::default(), &resource).await.unwrap();
    let text = AttributeValue::S(r#"{"a":{"":"é"},"b":[1.5,{}]}"#.to_owned());
    assert_eq!(stored(&repository, &resource).await, text);
}

#[tokio::test]
async fn a_character_takes_as_many_bytes_as_it_has() {
    let repository = resources(&TestStore::start().await.unwrap(), Shards::default());
    let text = "\"\\/\n\u{1}\u{7f}é";
    let body = json!({ "name": "n", "attributes": { text: [text, ""], "\\": null } });
    let resource = Resource::new(values(body), &Caller::example(Role::User), Timestamp::now());
    repository.store(&Tenant::default(), &resource).await.unwrap();
    let string = [b"\xff".as_slice(), text.as_bytes(), b"\xff"].concat();
    let bytes = [b"{", &string[..], b":[", &string, b",\xff\xff],\xff\\\xff:null}"].concat();
    assert_eq!(stored(&repository, &resource).await, AttributeValue::B(Blob::new(bytes)));
    assert_eq!(
        repository.find(&Scope::all(resource.collection(&Tenant::default())), resource.id).await.unwrap(),
        resource
    );
}
