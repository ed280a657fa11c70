//! Resources for the functions that are measured, up to the largest that can be stored.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use kinds::RESOURCES;
use resource_api::aws;
use resource_api::domain::{
    Caller, Collection, HistoryAction, HistoryEntry, Resource, ResourceId, Role, SearchEntry, Shards, Status,
    Timestamp, Values, Words,
};
use resource_api::repository::sdk::Client;
use resource_api::repository::sdk::types::AttributeValue;
use resource_api::repository::{HistoryRepository, ResourceRepository, SearchRepository, Word, WordChange};
use serde_json::{Value, json};
use testing::{TestStore, image};

/// The length of the longest text of attributes, in bytes, that fits an item of 400 KB with the other fields.
pub(super) const LARGEST: usize = 390_000;

/// Writes data into the tables of a DynamoDB.
pub(super) struct Data {
    store: TestStore,
    caller: Caller,
}

/// Attributes of about this size in JSON, with as many objects as possible.
pub(super) fn many_objects(bytes: usize) -> String {
    let object = r#"{"":0}"#;
    let list = vec![object; bytes / (object.len() + 1)].join(",");
    format!(r#"{{"a":[{list}]}}"#)
}

/// Attributes with this number of characters, each of which takes 6 bytes in JSON.
pub(super) fn many_escapes(bytes: usize) -> String {
    format!(r#"{{"a":"{}"}}"#, r"\u0001".repeat(bytes))
}

impl Data {
    pub(super) fn new(store: TestStore) -> Self {
        Self { store, caller: Caller::example(Role::Admin) }
    }

    fn client(&self) -> Client {
        aws::dynamodb_from(&self.store.config())
    }

    fn repository(&self) -> ResourceRepository {
        ResourceRepository::new(self.client(), self.store.table("ResourcesTable"), Shards::default())
    }

    /// Stores resources with the same name and attributes, related to others.
    pub(super) async fn resources(
        &self,
        count: usize,
        attributes: &str,
        related_ids: &[ResourceId],
    ) -> Result<Vec<ResourceId>> {
        let values = values(attributes, related_ids)?;
        let repository = self.repository();
        let mut ids = Vec::new();
        for _ in 0..count {
            let resource = Resource::new(values.clone(), &self.caller, Timestamp::now());
            repository.store(&self.caller.tenant, &resource).await?;
            ids.push(resource.id);
        }
        Ok(ids)
    }

    /// Stores a deleted resource.
    pub(super) async fn deleted(&self, attributes: &str) -> Result<ResourceId> {
        let mut resource = Resource::new(values(attributes, &[])?, &self.caller, Timestamp::now());
        let (now, _) = Timestamp::now().since_epoch();
        let purge_at = Timestamp::from_epoch(now + 24 * 60 * 60, 0);
        resource.purge_at = Some(purge_at);
        self.repository().store(&self.caller.tenant, &resource).await?;
        Ok(resource.id)
    }

    /// Stores the words of resources' names.
    pub(super) async fn words(&self, ids: &[ResourceId]) -> Result<()> {
        let words = SearchRepository::new(self.client(), self.store.table("SearchTable"));
        let collection = self.caller.collection(&RESOURCES);
        let entry =
            SearchEntry { words: Words::of("word"), status: Some(Status::initial(&RESOURCES)), owner: None };
        let put: Vec<_> = ids.iter().flat_map(|id| word_puts(&collection, *id, &entry)).collect();
        Ok(words.write(&put).await?)
    }

    /// Stores versions of a resource.
    pub(super) async fn versions(&self, id: ResourceId, count: u64, attributes: &str) -> Result<()> {
        let history = HistoryRepository::new(self.client(), self.store.table("HistoryTable"));
        let first =
            Resource { id, ..Resource::new(values(attributes, &[])?, &self.caller, Timestamp::now()) };
        for version in 1..=count {
            let entry = HistoryEntry {
                action: HistoryAction::Updated,
                resource: Resource { version, ..first.clone() },
            };
            history.put(&[(self.caller.tenant.clone(), entry)]).await?;
        }
        Ok(())
    }

    /// The stream record of a change to only the version of a resource.
    pub(super) async fn record(&self, id: ResourceId) -> Result<Value> {
        let key = AttributeValue::S(format!("{}#{id}", self.caller.collection(&RESOURCES)));
        let table = self.store.table("ResourcesTable");
        let output = self.store.client().get_item().table_name(table).key("pk", key).send().await?;
        let mut before = output.item.ok_or_else(|| anyhow!("a resource was not stored"))?;
        let after = image(before.clone())?;
        before.insert("version".to_owned(), AttributeValue::N("0".to_owned()));
        Ok(json!({
            "awsRegion": "us-east-1",
            "eventID": "7de3041dd709b024af6f29e4fa13d34c",
            "eventName": "MODIFY",
            "eventSource": "aws:dynamodb",
            "eventVersion": "1.1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_795_367_397.0,
                "Keys": { "pk": after["pk"] },
                "NewImage": after,
                "OldImage": image(before)?,
                "SequenceNumber": "111000000000000000000000001",
                "SizeBytes": 1,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        }))
    }
}

/// The writes that put the words of a resource into the search table.
pub(super) fn word_puts(
    collection: &Collection,
    id: ResourceId,
    entry: &SearchEntry,
) -> impl Iterator<Item = WordChange> + use<> {
    let shared = Arc::new(entry.clone());
    let words = Word::all(&(collection.clone(), id), entry).into_iter();
    words.map(move |word| WordChange::Put(word, Arc::clone(&shared)))
}

fn values(attributes: &str, related_ids: &[ResourceId]) -> Result<Values> {
    let attributes: Value = serde_json::from_str(attributes)?;
    let related_ids: Vec<_> = related_ids.iter().map(ToString::to_string).collect();
    let body = json!({ "name": "word", "attributes": attributes, "related_ids": related_ids });
    Values::from_json(&RESOURCES, body).map_err(|faults| anyhow!("{faults:?}"))
}
