//! `GET /api/resources` held against a model in memory: every combination of its parameters, over random resources.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use resource_api::domain::{
    Caller, Change, ExpectedVersion, Field, Fields, Operation as DomainOperation, Resource, ResourceId, Role,
    Tenant, Timestamp, Values, View, fold,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::app::App;

/// When the resources are made and changed, in milliseconds after a fixed time: often at the same.
const TIMES: [u32; 5] = [0, 1, 2, 500, 60_000];
const NAMES: [&str; 12] = ["a", "A", "ab", "ab c", "ab-c", "ä", "Ä", "ß", "SS", "ﬁ", "四半期", "🚀"];
const AUTHORS: [&str; 2] = ["ada@example.com", "bob & co"];
const STATUSES: [&str; 3] = ["draft", "active", "archived"];
const SORTS: [&str; 6] = ["created", "-created", "updated", "-updated", "name", "-name"];
const FIELDS: [&str; 5] = ["*", "id", "name,version", "related_ids,status", "attributes,id"];

/// Something that happens to a tenant's resources.
#[derive(Debug, Clone)]
enum Operation {
    Create(Said),
    Replace(Index, Said),
    Delete(Index),
}

/// What a caller says of a resource, and when.
#[derive(Debug, Clone)]
struct Said {
    author: &'static str,
    name: String,
    status: &'static str,
    related: Vec<Index>,
    at: u32,
}

/// What a list is asked for.
#[derive(Debug, Clone)]
struct Asked {
    statuses: Vec<&'static str>,
    sort: Option<&'static str>,
    created: (Option<u32>, Option<u32>),
    updated: (Option<u32>, Option<u32>),
    created_by: Option<&'static str>,
    fields: Option<&'static str>,
    related: bool,
    limit: Option<usize>,
    offset: Option<usize>,
}

fn moment(at: u32) -> Timestamp {
    Timestamp::from_epoch(1_790_000_000 + u64::from(at / 1000), at % 1000 * 1_000_000)
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

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        6 => said().prop_map(Operation::Create),
        2 => (any::<Index>(), said()).prop_map(|(which, said)| Operation::Replace(which, said)),
        1 => any::<Index>().prop_map(Operation::Delete),
    ]
}

/// A time range whose ends are in order.
fn period() -> impl Strategy<Value = (Option<u32>, Option<u32>)> {
    let end = || prop::option::weighted(0.3, select(&TIMES[..]));
    (end(), end()).prop_map(|ends| match ends {
        (Some(one), Some(other)) => (Some(one.min(other)), Some(one.max(other))),
        ends => ends,
    })
}

prop_compose! {
    fn asked()(
        statuses in prop::sample::subsequence(&STATUSES[..], 0..=3),
        sort in prop::option::weighted(0.9, select(&SORTS[..])),
        created in period(),
        updated in period(),
        created_by in prop::option::weighted(0.2, select(&AUTHORS[..])),
        fields in prop::option::weighted(0.4, select(&FIELDS[..])),
        related in prop::bool::weighted(0.3),
        limit in prop::option::weighted(0.9, prop_oneof![1..8_usize, 1..=100_usize]),
        offset in prop::option::weighted(0.3, 0..30_usize),
    ) -> Asked {
        Asked { statuses, sort, created, updated, created_by, fields, related, limit, offset }
    }
}

impl Asked {
    /// The query string without a cursor, and without the offset that only a first page has.
    fn query(&self) -> String {
        let mut query = vec![("marker", None)];
        let statuses = (!self.statuses.is_empty()).then(|| self.statuses.join(","));
        let time = |at: Option<u32>| at.map(|at| moment(at).to_string());
        query.extend([
            ("status", statuses),
            ("sort", self.sort.map(str::to_owned)),
            ("created_after", time(self.created.0)),
            ("created_before", time(self.created.1)),
            ("updated_after", time(self.updated.0)),
            ("updated_before", time(self.updated.1)),
            ("created_by", self.created_by.map(|subject| subject.replace(' ', "+").replace('&', "%26"))),
            ("fields", self.fields.map(str::to_owned)),
            ("expand", self.related.then(|| "related".to_owned())),
            ("limit", self.limit.map(|limit| limit.to_string())),
        ]);
        let given = query.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        given.collect::<Vec<_>>().join("&")
    }

    fn limit(&self) -> usize {
        self.limit.unwrap_or(20)
    }

    fn has(&self, resource: &Resource) -> bool {
        let within = |time: Timestamp, (after, before): (Option<u32>, Option<u32>)| {
            after.is_none_or(|after| time > moment(after))
                && before.is_none_or(|before| time < moment(before))
        };
        let status = resource.values.status.as_str();
        (self.statuses.is_empty() || self.statuses.contains(&status))
            && within(resource.id.created_at(), self.created)
            && within(resource.updated_at, self.updated)
            && self.created_by.is_none_or(|author| author == resource.created_by)
    }

    /// The resources of the list, in its order.
    fn of<'a>(&self, model: &'a BTreeMap<ResourceId, Resource>) -> Vec<&'a Resource> {
        let mut list: Vec<_> = model.values().filter(|resource| self.has(resource)).collect();
        let sort = self.sort.unwrap_or("-created");
        match sort.trim_start_matches('-') {
            "created" => {}
            "updated" => list.sort_by_key(|resource| resource.updated_at),
            _ => list.sort_by_key(|resource| fold(&resource.values.name)),
        }
        if sort.starts_with('-') {
            list.reverse();
        }
        list
    }

    /// A resource as a row of the list.
    fn row(&self, resource: &Resource, model: &BTreeMap<ResourceId, Resource>) -> Value {
        let view = |resource: &Resource, fields| json!(View::new(resource.clone(), fields));
        let fields = match self.fields {
            None => Fields::SUMMARY,
            Some("*") => Fields::ALL,
            Some(names) => {
                let fields: Vec<_> = names.split(',').map(|name| Field::parse(name).unwrap()).collect();
                Fields::of(&fields)
            }
        };
        let mut row = view(resource, fields);
        if self.related {
            let ids = &resource.values.related_ids;
            let (found, missing): (Vec<_>, Vec<_>) = ids.iter().partition(|id| model.contains_key(id));
            row["related"] = found.iter().map(|id| view(&model[id], Fields::SUMMARY)).collect();
            row["unresolved_related_ids"] = json!(missing);
        }
        row
    }
}

/// A tenant's resources, in the store and in the model.
struct World<'a> {
    app: &'a App,
    tenant: Tenant,
    model: BTreeMap<ResourceId, Resource>,
    /// Everything that ever was.
    ids: Vec<ResourceId>,
}

impl<'a> World<'a> {
    /// A tenant without resources.
    fn new(app: &'a App) -> Self {
        static TENANTS: AtomicUsize = AtomicUsize::new(0);
        let tenant = format!("tenant-{}", TENANTS.fetch_add(1, Ordering::Relaxed));
        Self { app, tenant: Tenant::parse(&tenant).unwrap(), model: BTreeMap::new(), ids: Vec::new() }
    }

    fn caller(&self, subject: &str) -> Caller {
        Caller { tenant: self.tenant.clone(), subject: subject.to_owned(), role: Role::Admin }
    }

    /// Gives the id of the resource that it happened to.
    async fn apply(&mut self, operation: &Operation) -> Option<ResourceId> {
        let service = self.app.changes();
        match operation {
            Operation::Create(said) => {
                let (caller, body) = (self.caller(said.author), self.body(said));
                let operation = DomainOperation::Create(Values::from_json(body).unwrap());
                let created = service.execute(&caller, &operation, moment(said.at)).await.unwrap().unwrap();
                self.ids.push(created.id);
                self.model.insert(created.id, created.clone());
                Some(created.id)
            }
            Operation::Replace(which, said) => {
                let id = self.existing(*which)?;
                let (caller, body) = (self.caller(said.author), self.body(said));
                let now = moment(said.at);
                let change = Change::Replace(Values::from_json(body).unwrap());
                let operation = DomainOperation::Change { id, expected: ExpectedVersion::Any, change };
                let replaced = service.execute(&caller, &operation, now).await.unwrap();
                self.model.insert(id, replaced.unwrap());
                Some(id)
            }
            Operation::Delete(which) => {
                let id = self.existing(*which)?;
                let operation =
                    DomainOperation::Change { id, expected: ExpectedVersion::Any, change: Change::Delete };
                service.execute(&self.caller("eve"), &operation, Timestamp::now()).await.unwrap();
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

    /// One page: its rows, and the cursor to the next.
    async fn page(&self, query: &str) -> (Vec<Value>, Option<String>) {
        let response = self.app.get(&format!("/api/resources?{query}")).caller(&self.caller("eve")).await;
        let rows = response.data(200).as_array().unwrap().clone();
        let cursor = response.body["pagination"]["next_cursor"].as_str().map(str::to_owned);
        (rows, cursor)
    }
}

/// An API for each number of shards, and a runtime for them.
fn shared() -> &'static (Runtime, Vec<App>) {
    static SHARED: OnceLock<(Runtime, Vec<App>)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let apps = runtime.block_on(async {
            let mut apps = Vec::new();
            for shards in ["1", "3", "16"] {
                apps.push(App::with(&[("LISTING_SHARDS", shards)]).await);
            }
            apps
        });
        (runtime, apps)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn each_page_is_the_models(
        shards in select(&[0_usize, 0, 0, 1, 1, 1, 2][..]),
        operations in prop::collection::vec(operation(), 0..50),
        asked in asked(),
    ) {
        let (runtime, apps) = shared();
        runtime.block_on(async {
            let mut world = World::new(&apps[shards]);
            for operation in &operations {
                world.apply(operation).await;
            }
            let list: Vec<_> =
                asked.of(&world.model).into_iter().map(|resource| asked.row(resource, &world.model)).collect();
            let rest = list.get(asked.offset.unwrap_or(0)..).unwrap_or_default();
            let mut pages = rest.chunks(asked.limit()).collect::<Vec<_>>();
            if pages.is_empty() {
                pages.push(&[]);
            }
            let query = asked.query();
            let mut at = asked.offset.map(|offset| format!("&offset={offset}")).unwrap_or_default();
            for (number, page) in pages.iter().enumerate() {
                let (rows, cursor) = world.page(&format!("{query}{at}")).await;
                prop_assert_eq!(&rows, page, "page {} of {}", number, &query);
                prop_assert_eq!(cursor.is_none(), number + 1 == pages.len(), "page {} of {}", number, &query);
                at = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_does_not_change_during_a_walk_is_given_once(
        shards in select(&[0_usize, 0, 0, 1, 1, 1, 2][..]),
        before in prop::collection::vec(operation(), 0..40),
        during in prop::collection::vec(prop::collection::vec(operation(), 0..4), 1..20),
        mut asked in asked(),
        limit in 1..8_usize,
    ) {
        let (runtime, apps) = shared();
        runtime.block_on(async {
            (asked.limit, asked.fields) = (Some(limit), Some("id"));
            let mut world = World::new(&apps[shards]);
            for operation in &before {
                world.apply(operation).await;
            }
            let mut unchanged = world.model.clone();
            let (query, mut at, mut seen) = (asked.query(), String::new(), Vec::new());
            let mut during = during.into_iter();
            loop {
                let (rows, cursor) = world.page(&format!("{query}{at}")).await;
                seen.extend(rows.into_iter().map(|row| row["id"].as_str().and_then(ResourceId::parse).unwrap()));
                let Some(cursor) = cursor else { break };
                at = format!("&cursor={cursor}");
                for operation in during.next().unwrap_or_default() {
                    if let Some(id) = world.apply(&operation).await {
                        unchanged.remove(&id);
                    }
                }
            }
            let expected: Vec<_> = asked.of(&unchanged).into_iter().map(|resource| resource.id).collect();
            seen.retain(|id| unchanged.contains_key(id));
            prop_assert_eq!(seen, expected);
            Ok(())
        })?;
    }
}
