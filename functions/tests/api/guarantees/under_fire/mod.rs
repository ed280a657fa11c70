//! A soak test of unique values: 16 writers share 10 email addresses, while a fifth of all calls to DynamoDB
//! fail. A ledger checks that every response can have been correct when it was sent.

mod ledger;
mod step;
mod writer;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use functions::KINDS;
use futures_util::future::{join, join_all};
use kinds::shop::CUSTOMERS;
use resource_api::domain::{Caller, Resource, Role, Timestamp, UniqueValue, Values};
use resource_api::repository::sdk::types::{AttributeValue, Get, TransactGetItem};
use rstest::rstest;

use self::ledger::Ledger;
use self::writer::{Writer, write};
use super::assert_unique_values_are_exact;
use crate::app::{App, soak_time};

const WRITERS: usize = 16;
const EMAILS: usize = 10;

fn email(number: usize) -> String {
    format!("{number}@example.com")
}

/// Repeatedly reads the value of each address and the customer that holds it, in one transaction.
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
            // A transaction in progress makes the read fail.
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

/// The key of an address's unique value.
fn value_key(number: usize) -> String {
    let values = Values::from_json(&CUSTOMERS, super::customer(&email(number))).unwrap();
    let resource = Resource::new(values, &Caller::example(Role::User), Timestamp::now());
    let [value] = &UniqueValue::all_of(&resource)[..] else { panic!("a customer has one unique value") };
    format!("default#customers#email#{}", value.digest)
}

#[rstest]
#[case::one_by_one(false)]
#[case::in_batches(true)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_share_a_value_and_no_answer_is_untrue(#[case] batches: bool) {
    let app = App::start().await;
    let instances = app.unlucky_instances().await;
    let (ledger, done) = (Mutex::<Ledger>::default(), AtomicBool::new(false));
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
    assert!(ledger.certain > 0 && !ledger.refusals.is_empty() && looked > 0);
}
