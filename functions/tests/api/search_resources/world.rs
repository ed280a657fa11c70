//! A tenant's resources and their names, in DynamoDB and in the model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use resource_api::domain::{Caller, Role, Tenant};
use serde_json::{Value, json};

use crate::app::App;

/// Words in their written and their folded form.
pub(super) const WORDS: [(&str, &str); 24] = [
    ("cat", "cat"),
    ("Cat", "cat"),
    ("CATALOG", "catalog"),
    ("cataract", "cataract"),
    ("Café", "cafe"),
    ("CAFE\u{301}", "cafe"),
    ("Straße", "strasse"),
    ("STRASSE", "strasse"),
    ("straw", "straw"),
    ("Łódź", "lodz"),
    ("lodge", "lodge"),
    ("İstanbul", "istanbul"),
    ("ﬁne", "fine"),
    ("２０２６", "2026"),
    ("202", "202"),
    ("Ελλάδας", "ελλαδασ"),
    ("МОСКВА", "москва"),
    ("Мост", "мост"),
    ("会", "会"),
    ("회의록", "회의록"),
    ("회의", "회의"),
    ("مَرْحَبًا", "مرحبا"),
    ("हिन्दी", "हिन्दी"),
    ("ไ", "ไ"),
];
const SEPARATORS: [&str; 7] = [" ", " - ", "_", ", ", ".", "…", "  🚀 "];
pub(super) const STATUSES: [&str; 3] = ["draft", "active", "archived"];

/// A name: words, and the separator before each.
pub(super) type Name = Vec<(usize, &'static str)>;

#[derive(Debug, Clone)]
pub(super) enum Operation {
    Create(Name, &'static str),
    Rename(Index, Name),
    Move(Index, &'static str),
    Delete(Index),
    Restore(Index),
    Purge(Index),
}

fn name() -> impl Strategy<Value = Name> {
    prop::collection::vec((0..WORDS.len(), select(&SEPARATORS[..])), 1..5)
}

pub(super) fn operation() -> impl Strategy<Value = Operation> {
    let at = any::<Index>;
    prop_oneof![
        6 => (name(), select(&STATUSES[..])).prop_map(|(name, status)| Operation::Create(name, status)),
        3 => (at(), name()).prop_map(|(at, name)| Operation::Rename(at, name)),
        1 => (at(), select(&STATUSES[..])).prop_map(|(at, status)| Operation::Move(at, status)),
        1 => at().prop_map(Operation::Delete),
        1 => at().prop_map(Operation::Restore),
        1 => at().prop_map(Operation::Purge),
    ]
}

/// The model of a resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    pub(super) words: BTreeSet<&'static str>,
    pub(super) status: &'static str,
    pub(super) deleted: bool,
}

/// One tenant's resources, by id.
pub(super) struct World<'a> {
    pub(super) app: &'a App,
    pub(super) caller: Caller,
    pub(super) model: BTreeMap<String, Known>,
}

fn written(name: &Name) -> String {
    name.iter().enumerate().fold(String::new(), |text, (at, (word, separator))| {
        format!("{text}{}{}", if at == 0 { "" } else { separator }, WORDS[*word].0)
    })
}

fn words(name: &Name) -> BTreeSet<&'static str> {
    name.iter().map(|(word, _)| WORDS[*word].1).collect()
}

impl<'a> World<'a> {
    /// A tenant without resources.
    fn new(app: &'a App) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let tenant = Tenant::parse(&format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed))).unwrap();
        Self { app, caller: Caller { tenant, ..Caller::example(Role::Admin) }, model: BTreeMap::new() }
    }

    /// A tenant after these operations and the processing of their changes.
    pub(super) async fn after(app: &'a App, operations: &[Operation]) -> Self {
        let mut world = Self::new(app);
        for operation in operations {
            world.apply(operation).await;
        }
        app.follow().await;
        world
    }

    async fn apply(&mut self, operation: &Operation) {
        let pick = |at: &Index| {
            let at = (!self.model.is_empty()).then(|| at.index(self.model.len()))?;
            self.model.iter().nth(at).map(|(id, known)| (id.clone(), known.clone()))
        };
        let path = |id: &str| format!("/api/resources/{id}");
        match operation {
            Operation::Create(name, status) => {
                let body = json!({ "name": written(name), "status": status });
                let response = self.app.post("/api/resources", &body).caller(&self.caller).await;
                let id = response.data(201)["id"].as_str().unwrap().to_owned();
                self.model.insert(id, Known { words: words(name), status, deleted: false });
            }
            Operation::Rename(at, name) => {
                let Some((id, known)) = pick(at).filter(|(_, known)| !known.deleted) else { return };
                let body = json!({ "name": written(name) });
                self.app.patch(&path(&id), &body).caller(&self.caller).await.data(200);
                self.model.insert(id, Known { words: words(name), ..known });
            }
            Operation::Move(at, status) => {
                let Some((id, known)) = pick(at).filter(|(_, known)| !known.deleted) else { return };
                let body = json!({ "status": status });
                self.app.patch(&path(&id), &body).caller(&self.caller).await.data(200);
                self.model.insert(id, Known { status, ..known });
            }
            Operation::Delete(at) => {
                let Some((id, known)) = pick(at).filter(|(_, known)| !known.deleted) else { return };
                assert_eq!(self.app.delete(&path(&id)).caller(&self.caller).await.status, 204);
                self.model.insert(id, Known { deleted: true, ..known });
            }
            Operation::Restore(at) => {
                let Some((id, known)) = pick(at).filter(|(_, known)| known.deleted) else { return };
                let restore = self.app.post(&format!("{}/restore", path(&id)), &json!({}));
                restore.caller(&self.caller).await.data(200);
                self.model.insert(id, Known { deleted: false, ..known });
            }
            Operation::Purge(at) => {
                let Some((id, _)) = pick(at) else { return };
                let purge = self.app.delete(&format!("{}?purge=true", path(&id)));
                assert_eq!(purge.caller(&self.caller).await.status, 204);
                self.model.remove(&id);
            }
        }
    }

    /// The ids of a search's results, and whether they are exhaustive.
    pub(super) async fn search(&self, query: &str) -> (Vec<String>, bool) {
        let path = format!("/api/resources/search?{query}");
        let response = self.app.get(&path).caller(&self.caller).await;
        let exhaustive = response.body["pagination"]["exhaustive"].as_bool();
        let id = |row: &Value| row["id"].as_str().unwrap().to_owned();
        let ids = response.data(200).as_array().unwrap().iter().map(id).collect();
        (ids, exhaustive.unwrap())
    }
}
