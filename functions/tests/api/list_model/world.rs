//! A tenant's resources, in DynamoDB and in the model, and operations on them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use kinds::RESOURCES;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use resource_api::domain::{
    Caller, Change, ExpectedVersion, Operation as DomainOperation, Replacement, Resource, ResourceId, Role,
    Tenant, Timestamp, Values,
};
use serde_json::{Value, json};

use super::{AUTHORS, NAMES, STATUSES, TIMES, moment};
use crate::app::App;

/// An operation on a tenant's resources.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    Create(Said),
    Replace(Index, Said),
    Delete(Index),
}

/// The values that a caller sends, and the time.
#[derive(Debug, Clone)]
pub(super) struct Said {
    author: &'static str,
    name: String,
    status: &'static str,
    related: Vec<Index>,
    at: u32,
}

prop_compose! {
    fn said()(
        author in select(&AUTHORS[..]),
        name in prop_oneof![4 => select(&NAMES[..]).prop_map(str::to_owned), 1 => "[^\\pC\\s]{1,8}"],
        status in select(&STATUSES[..]),
        related in prop::collection::vec(any::<Index>(), 0..4),
        at in select(&TIMES[..]),
    ) -> Said {
        Said { author, name, status, related, at }
    }
}

pub(super) fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        6 => said().prop_map(Operation::Create),
        2 => (any::<Index>(), said()).prop_map(|(which, said)| Operation::Replace(which, said)),
        1 => any::<Index>().prop_map(Operation::Delete),
    ]
}

/// A tenant's resources, in DynamoDB and in the model.
pub(super) struct World<'a> {
    app: &'a App,
    tenant: Tenant,
    pub(super) model: BTreeMap<ResourceId, Resource>,
    /// The ids of all resources, including purged ones.
    ids: Vec<ResourceId>,
}

impl<'a> World<'a> {
    /// A tenant without resources.
    pub(super) fn new(app: &'a App) -> Self {
        static TENANTS: AtomicUsize = AtomicUsize::new(0);
        let tenant = format!("tenant-{}", TENANTS.fetch_add(1, Ordering::Relaxed));
        Self { app, tenant: Tenant::parse(&tenant).unwrap(), model: BTreeMap::new(), ids: Vec::new() }
    }

    fn caller(&self, subject: &str) -> Caller {
        Caller { tenant: self.tenant.clone(), subject: subject.to_owned(), role: Role::Admin }
    }

    /// Returns the id of the resource that the operation changed.
    pub(super) async fn apply(&mut self, operation: &Operation) -> Option<ResourceId> {
        let service = self.app.changes();
        match operation {
            Operation::Create(said) => {
                let (caller, body) = (self.caller(said.author), self.body(said));
                let operation = DomainOperation::Create(Values::from_json(&RESOURCES, body).unwrap());
                let created =
                    service.execute(&caller, &RESOURCES, &operation, moment(said.at)).await.unwrap().unwrap();
                self.ids.push(created.id);
                self.model.insert(created.id, created.clone());
                Some(created.id)
            }
            Operation::Replace(which, said) => {
                let id = self.existing(*which)?;
                let (caller, body) = (self.caller(said.author), self.body(said));
                let now = moment(said.at);
                let change = Change::Replace(Replacement::from_json(&RESOURCES, body).unwrap());
                let operation = DomainOperation::Change { id, expected: ExpectedVersion::Any, change };
                let replaced = service.execute(&caller, &RESOURCES, &operation, now).await.unwrap();
                self.model.insert(id, replaced.unwrap());
                Some(id)
            }
            Operation::Delete(which) => {
                let id = self.existing(*which)?;
                let operation =
                    DomainOperation::Change { id, expected: ExpectedVersion::Any, change: Change::Delete };
                service.execute(&self.caller("eve"), &RESOURCES, &operation, Timestamp::now()).await.unwrap();
                self.model.remove(&id);
                Some(id)
            }
        }
    }

    fn existing(&self, which: Index) -> Option<ResourceId> {
        let ids: Vec<_> = self.model.keys().collect();
        (!ids.is_empty()).then(|| *which.get(&ids)).copied()
    }

    fn body(&self, said: &Said) -> Value {
        let mut related: Vec<_> = Vec::new();
        for which in said.related.iter().filter(|_| !self.ids.is_empty()) {
            let id = which.get(&self.ids).to_string();
            if !related.contains(&id) {
                related.push(id);
            }
        }
        json!({ "name": said.name, "status": said.status, "related_ids": related, "attributes": { "at": said.at } })
    }

    /// One page: its rows, and the cursor of the next.
    pub(super) async fn page(&self, query: &str) -> (Vec<Value>, Option<String>) {
        let response = self.app.get(&format!("/api/resources?{query}")).caller(&self.caller("eve")).await;
        let rows = response.data(200).as_array().unwrap().clone();
        let cursor = response.body["pagination"]["next_cursor"].as_str().map(str::to_owned);
        (rows, cursor)
    }
}
