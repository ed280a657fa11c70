//! Unique values under fire: 16 writers over 10 email addresses, while a fifth of all calls to DynamoDB go wrong. A ledger holds
//! every answer to what can have been true when it was given.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use functions::KINDS;
use futures_util::future::{join, join_all};
use kinds::shop::CUSTOMERS;
use resource_api::domain::{Caller, FieldValue, Resource, ResourceId, Role, Scope, Shards, UniqueValue};
use resource_api::repository::sdk::types::{AttributeValue, Get, TransactGetItem};
use rstest::rstest;
use serde_json::{Value, json};

use super::assert_unique_values_are_exact;
use crate::app::{App, Response, soak_time};

const WRITERS: usize = 16;
const EMAILS: usize = 10;

fn email(number: usize) -> String {
    format!("{number}@example.com")
}

/// For how long a customer may have had an email address, and for how long it certainly had it.
#[derive(Debug, Clone)]
struct Holding {
    id: String,
    email: usize,
    possible: (Instant, Option<Instant>),
    certain: (Instant, Option<Instant>),
}

/// An address that was refused, to a customer or a new one, during a request.
#[derive(Debug, Clone)]
struct Refusal {
    id: Option<String>,
    email: usize,
    during: (Instant, Instant),
}

#[derive(Debug, Default)]
struct Ledger {
    holdings: Vec<Holding>,
    refusals: Vec<Refusal>,
    uncertain: usize,
    certain: usize,
}

/// A customer as its only writer knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    email: usize,
    deleted: bool,
}

/// What is done to a customer.
#[derive(Debug, Clone)]
enum Step {
    Create { name: String, email: usize },
    Patch { id: String, email: usize },
    Put { id: String, email: usize },
    Delete { id: String },
    Restore { id: String },
    Purge { id: String },
}

impl Step {
    fn id(&self) -> Option<&str> {
        match self {
            Self::Create { .. } => None,
            Self::Patch { id, .. }
            | Self::Put { id, .. }
            | Self::Delete { id }
            | Self::Restore { id }
            | Self::Purge { id } => Some(id),
        }
    }

    fn body(&self) -> Value {
        match self {
            Self::Create { name, email } => json!({ "name": name, "email": self::email(*email) }),
            Self::Patch { email, .. } => json!({ "email": self::email(*email) }),
            Self::Put { email, .. } => json!({ "name": "put", "email": self::email(*email) }),
            _ => Value::Null,
        }
    }

    fn operation(&self) -> Value {
        let (op, body) = match self {
            Self::Create { .. } => ("create", self.body()),
            Self::Patch { .. } => ("update", self.body()),
            Self::Put { .. } => ("replace", self.body()),
            _ => return json!({ "op": "delete", "id": self.id() }),
        };
        self.id().map_or_else(
            || json!({ "op": op, "body": body }),
            |id| json!({ "op": op, "id": id, "body": body }),
        )
    }

    async fn send(&self, app: &App, key: Option<&str>) -> Response {
        let path = self.id().map_or("/api/customers".to_owned(), |id| format!("/api/customers/{id}"));
        let call = match self {
            Self::Create { .. } => app.post(&path, &self.body()),
            Self::Patch { .. } => app.patch(&path, &self.body()),
            Self::Put { .. } => app.put(&path, &self.body()),
            Self::Delete { .. } => app.delete(&path),
            Self::Restore { .. } => app.post(&format!("{path}/restore"), &Value::Null),
            Self::Purge { .. } => app.delete(&format!("{path}?purge=true")),
        };
        let call = call.role(Role::Admin);
        if let Some(key) = key { call.key(key).await } else { call.await }
    }
}

struct Writer<'a> {
    number: usize,
    app: &'a App,
    instances: &'a [App],
    ledger: &'a Mutex<Ledger>,
    known: BTreeMap<String, Known>,
    /// The holdings that have not ended.
    open: BTreeMap<String, Holding>,
    random: fastrand::Rng,
}

impl Writer<'_> {
    fn step(&mut self, name: String) -> Step {
        let (living, deleted): (Vec<_>, Vec<_>) = self.known.iter().partition(|(_, known)| !known.deleted);
        let living = self.random.choice(&living).map(|(id, _)| (*id).clone());
        let deleted = self.random.choice(&deleted).map(|(id, _)| (*id).clone());
        let email = self.random.usize(..EMAILS);
        match (self.random.u8(..12), living, deleted) {
            (0..=2, Some(id), _) => Step::Patch { id, email },
            (3, Some(id), _) => Step::Put { id, email },
            (4 | 5, Some(id), _) => Step::Delete { id },
            (6 | 7, _, Some(id)) => Step::Restore { id },
            (8, Some(id), _) | (9, _, Some(id)) => Step::Purge { id },
            _ => Step::Create { name, email },
        }
    }

    /// The customer as the store has it; `None` for none.
    async fn stored(&self, id: &str) -> Option<Known> {
        let scope = Scope::all(Caller::example(Role::Admin).collection(&CUSTOMERS));
        let found = self.app.repository(Shards::default()).find(&scope, ResourceId::parse(id).unwrap()).await;
        found.ok().map(|resource| known(&resource))
    }

    /// Notes what became of a customer by a request: what it had is over, and what it has begins.
    fn note(&mut self, id: &str, now: Option<Known>, (start, end): (Instant, Instant)) {
        let has = now.as_ref().filter(|known| !known.deleted).map(|known| known.email);
        let had = self.open.get(id).map(|holding| holding.email);
        if has != had {
            if let Some(mut holding) = self.open.remove(id) {
                holding.certain.1 = Some(start);
                holding.possible.1 = Some(end);
                self.ledger.lock().unwrap_or_else(PoisonError::into_inner).holdings.push(holding);
            }
            if let Some(email) = has {
                let holding =
                    Holding { id: id.to_owned(), email, possible: (start, None), certain: (end, None) };
                self.open.insert(id.to_owned(), holding);
            }
        }
        match now {
            Some(known) => self.known.insert(id.to_owned(), known),
            None => self.known.remove(id),
        };
    }

    /// Sends steps, one or a batch, and holds what the answer says to what the store has.
    async fn take(&mut self, steps: &[Step], key: Option<&str>) {
        let app = &self.instances[self.random.usize(..self.instances.len())];
        let start = Instant::now();
        let response = loop {
            let response = match steps {
                [step] => step.send(app, key).await,
                steps => {
                    let body = json!({ "operations": steps.iter().map(Step::operation).collect::<Vec<_>>() });
                    let call = app.post("/api/customers/batch", &body).role(Role::Admin);
                    if let Some(key) = key { call.key(key).await } else { call.await }
                }
            };
            // With a key it may be sent until it is answered.
            if response.status != 503 || key.is_none() {
                break response;
            }
        };
        let before = self.known.clone();
        let mut made = Vec::new();
        for (place, step) in steps.iter().enumerate() {
            let id = match (step, response.status) {
                (Step::Create { .. }, 200) => response.body["data"][place]["id"].as_str().map(str::to_owned),
                (Step::Create { .. }, 201) => response.body["data"]["id"].as_str().map(str::to_owned),
                (Step::Create { name, .. }, _) => self.named(name).await,
                _ => step.id().map(str::to_owned),
            };
            let now = match &id {
                Some(id) => self.stored(id).await,
                None => None,
            };
            let expected = match step {
                Step::Create { email, .. } | Step::Patch { email, .. } | Step::Put { email, .. } => {
                    Some(Known { email: *email, deleted: false })
                }
                Step::Delete { id } => before.get(id).map(|known| Known { deleted: true, ..known.clone() }),
                Step::Restore { id } => before.get(id).map(|known| Known { deleted: false, ..known.clone() }),
                Step::Purge { .. } => None,
            };
            let was = id.as_ref().and_then(|id| before.get(id)).cloned();
            match response.status {
                200 | 201 | 204 => assert_eq!(now, expected, "{step:?}: {response:#?}"),
                409 => assert_eq!(now, was, "{step:?}: {response:#?}"),
                503 => assert!(now == expected || now == was, "{step:?}: {now:?}, {was:?}"),
                _ => panic!("{step:?}: {response:#?}"),
            }
            made.push((id, was != now, was, now));
        }
        // All of them or none.
        let changed: Vec<_> = made.iter().filter(|(_, changed, ..)| *changed).collect();
        let would = |step: &Step, was: &Option<Known>| match step {
            Step::Patch { email, .. } | Step::Put { email, .. } => {
                was.as_ref().is_some_and(|was| was.email != *email)
            }
            _ => true,
        };
        let could = steps.iter().zip(&made).filter(|(step, (_, _, was, _))| would(step, was)).count();
        assert!(changed.is_empty() || changed.len() == could, "by half: {steps:?}: {made:?}");
        let end = Instant::now();
        {
            let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
            if response.status == 503 {
                ledger.uncertain += 1;
            } else {
                ledger.certain += 1;
            }
            if response.status == 409 {
                assert_eq!(response.body["code"], "already_exists", "{steps:?}: {response:#?}");
                ledger.refusals.extend(refused(steps, &before, &response).map(|(id, email)| Refusal {
                    id,
                    email,
                    during: (start, end),
                }));
            }
        }
        for (id, _, _, now) in made {
            if let Some(id) = id {
                self.note(&id, now, (start, end));
            }
        }
    }

    /// The customer of a name that nobody else gives, if there is one.
    async fn named(&self, name: &str) -> Option<String> {
        let page = self.app.get(&format!("/api/customers?name={name}&fields=id")).await;
        page.data(200)[0]["id"].as_str().map(str::to_owned)
    }
}

/// The customers and addresses that an answer refuses.
fn refused<'a>(
    steps: &'a [Step],
    before: &'a BTreeMap<String, Known>,
    response: &'a Response,
) -> impl Iterator<Item = (Option<String>, usize)> + 'a {
    response.body["details"].as_array().unwrap().iter().map(move |detail| {
        let pointer = detail["pointer"].as_str().unwrap();
        let place = pointer.strip_prefix("/operations/").and_then(|it| it.strip_suffix("/body/email"));
        let place: usize = place.map_or(0, |place| place.parse().unwrap());
        assert!(steps.len() > 1 || pointer == "/email", "{pointer}");
        let email = match &steps[place] {
            Step::Create { email, .. } | Step::Patch { email, .. } | Step::Put { email, .. } => *email,
            Step::Restore { id } => before[id].email,
            step => panic!("{step:?} was refused"),
        };
        (steps[place].id().map(str::to_owned), email)
    })
}

fn known(resource: &Resource) -> Known {
    let email = resource.values.named("email").and_then(FieldValue::as_text).unwrap();
    let number = email.strip_suffix("@example.com").unwrap().parse().unwrap();
    Known { email: number, deleted: resource.is_deleted() }
}

async fn write(mut writer: Writer<'_>, batches: bool, until: Instant) {
    for number in 0.. {
        if Instant::now() > until {
            break;
        }
        let mut steps: Vec<Step> = Vec::new();
        let wanted = if batches { writer.random.usize(2..5) } else { 1 };
        for part in 0..wanted {
            let step = writer.step(format!("w{}-{number}-{part}", writer.number));
            let in_a_batch = !matches!(step, Step::Restore { .. } | Step::Purge { .. });
            let repeated = |other: &Step| {
                (step.id().is_some() && other.id() == step.id())
                    || other.body()["email"] == step.body()["email"]
            };
            if !batches || (in_a_batch && !steps.iter().any(repeated)) {
                steps.push(step);
            }
        }
        if steps.is_empty() || (batches && steps.len() == 1) {
            continue;
        }
        let key = writer.random.bool().then(|| format!("{}-{number}", writer.number));
        writer.take(&steps, key.as_deref()).await;
    }
    let open: Vec<_> = writer.open.values().cloned().collect();
    writer.ledger.lock().unwrap_or_else(PoisonError::into_inner).holdings.extend(open);
}

/// Looks at the value of each address and at the customer that holds it, both at the same moment, again and again.
async fn watch(app: &App, done: &AtomicBool) -> usize {
    let (client, store) = (app.store.client(), &app.store);
    let keys: Vec<String> = (0..EMAILS).map(value_key).collect();
    let text = |item: &std::collections::HashMap<String, AttributeValue>, name: &str| {
        item.get(name).and_then(|value| value.as_s().ok()).cloned()
    };
    let mut looked = 0;
    while !done.load(Ordering::Relaxed) {
        for (number, key) in keys.iter().enumerate() {
            let pk = |key: &str| AttributeValue::S(key.to_owned());
            let value = client.get_item().table_name(store.table("UniqueValuesTable")).key("pk", pk(key));
            let Some(value) = value.send().await.unwrap().item else { continue };
            let holder = text(&value, "resource_id").unwrap();
            let get = |table: &str, key: &str| {
                let get = Get::builder().table_name(store.table(table)).key("pk", pk(key)).build().unwrap();
                TransactGetItem::builder().get(get).build()
            };
            let both = client
                .transact_get_items()
                .transact_items(get("UniqueValuesTable", key))
                .transact_items(get("ResourcesTable", &format!("default#customers#{holder}")));
            // A transaction that is under way stands in its way.
            let Ok(both) = both.send().await else { continue };
            let [value, customer] = both.responses() else { panic!("{both:?}") };
            if value.item.as_ref().and_then(|item| text(item, "resource_id")) != Some(holder.clone()) {
                continue;
            }
            let Some(customer) = &customer.item else { panic!("{holder} is gone, and its value is not") };
            assert!(!customer.contains_key("purge_at"), "{holder} is deleted and holds {number}");
            let has = text(customer["summary"].as_m().unwrap(), "email");
            assert_eq!(has, Some(email(number)), "{holder}");
            looked += 1;
        }
    }
    looked
}

/// The key of the value of an address.
fn value_key(number: usize) -> String {
    let values =
        resource_api::domain::Values::from_json(&CUSTOMERS, super::customer(&email(number))).unwrap();
    let resource =
        Resource::new(values, &Caller::example(Role::User), resource_api::domain::Timestamp::now());
    let [value] = &UniqueValue::all_of(&resource)[..] else { panic!("a customer has one unique value") };
    format!("default#customers#email#{}", value.digest)
}

impl Ledger {
    /// Whether two customers certainly had an address at the same time, and every refusal can be true.
    fn check(&self) {
        for (at, one) in self.holdings.iter().enumerate() {
            for other in &self.holdings[at + 1..] {
                if one.email == other.email && one.id != other.id {
                    let apart = |one: &Holding, other: &Holding| {
                        one.certain.1.is_some_and(|end| end <= other.certain.0)
                    };
                    assert!(apart(one, other) || apart(other, one), "{one:?} and {other:?}");
                }
            }
        }
        for refusal in &self.refusals {
            let (start, end) = refusal.during;
            let explains = |holding: &&Holding| {
                holding.email == refusal.email
                    && Some(&holding.id) != refusal.id.as_ref()
                    && holding.possible.0 <= end
                    && holding.possible.1.is_none_or(|over| over >= start)
            };
            assert!(self.holdings.iter().find(explains).is_some(), "nobody had it: {refusal:?}");
        }
    }
}

#[rstest]
#[case::one_by_one(false)]
#[case::in_batches(true)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_share_a_value_and_no_answer_is_untrue(#[case] batches: bool) {
    let app = App::start().await;
    let instances = app.unlucky_instances().await;
    let (ledger, done) = (Mutex::default(), AtomicBool::new(false));
    let until = Instant::now() + soak_time();
    let writers = (0..WRITERS).map(|number| {
        let writer = Writer {
            number,
            app: &app,
            instances: &instances,
            ledger: &ledger,
            known: BTreeMap::new(),
            open: BTreeMap::new(),
            random: fastrand::Rng::new(),
        };
        write(writer, batches, until)
    });
    let written = async {
        join_all(writers).await;
        done.store(true, Ordering::Relaxed);
    };
    let ((), looked) = join(written, watch(&app, &done)).await;
    assert_unique_values_are_exact(&app.store, KINDS).await;
    let ledger = ledger.into_inner().unwrap_or_else(PoisonError::into_inner);
    ledger.check();
    println!(
        "{} requests were answered, {} of them with already_exists; {} answers were uncertain; {looked} looks at a value and its customer; in {:?}",
        ledger.certain,
        ledger.refusals.len(),
        ledger.uncertain,
        soak_time()
    );
    assert!(ledger.certain > 20 && !ledger.refusals.is_empty() && looked > 20);
}
