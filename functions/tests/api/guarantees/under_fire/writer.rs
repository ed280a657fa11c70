//! A writer. No other writer changes its customers, so it can verify each response.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use kinds::shop::CUSTOMERS;
use resource_api::domain::{Caller, ResourceId, Role, Scope, Shards};
use serde_json::json;

use super::EMAILS;
use super::ledger::{Holding, Ledger, Refusal};
use super::step::{Known, Step, known};
use crate::app::{App, Response};

pub(super) struct Writer<'a> {
    pub(super) number: usize,
    pub(super) app: &'a App,
    pub(super) instances: &'a [App],
    pub(super) ledger: &'a Mutex<Ledger>,
    pub(super) known: BTreeMap<String, Known>,
    /// The holdings that have not ended.
    pub(super) open: BTreeMap<String, Holding>,
    pub(super) random: fastrand::Rng,
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

    /// The stored customer; `None` if there is none.
    async fn stored(&self, id: &str) -> Option<Known> {
        let scope = Scope::all(Caller::example(Role::Admin).collection(&CUSTOMERS));
        let found = self.app.repository(Shards::default()).find(&scope, ResourceId::parse(id).unwrap()).await;
        found.ok().map(|resource| known(&resource))
    }

    /// Records the effect of a request on a customer: ends its former holding, and begins a new one.
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

    /// Sends steps, alone or as a batch, and checks the response against the stored customers.
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
            // With a key, a 503 is retried.
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
        // All of the steps have been applied, or none.
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

    /// The customer with a name that only one request used, if there is one.
    async fn named(&self, name: &str) -> Option<String> {
        let page = self.app.get(&format!("/api/customers?name={name}&fields=id")).await;
        page.data(200)[0]["id"].as_str().map(str::to_owned)
    }
}

/// The customers and addresses that a response refuses.
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

pub(super) async fn write(mut writer: Writer<'_>, batches: bool, until: Instant) {
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
