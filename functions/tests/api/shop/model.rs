//! Compares lists of orders with a model: after any operations, for any caller and any request, the pages
//! have exactly the rows of the model, in its order. For a caller that sees only its own orders, no cursor
//! contains an order of another.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kinds::shop::CUSTOMERS as CUSTOMERS_KIND;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use resource_api::domain::{Caller, Decimal, Resource, ResourceId, Role, Shards, Tenant, Values};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::app::App;

const TOTALS: [&str; 7] = ["0", "1", "1.5", "10", "99.99", "1e3", "12345678901234567890.25"];
const DAYS: [&str; 3] = ["2026-01-31", "2026-02-01", "2026-12-24"];
const CUSTOMERS: [&str; 2] = ["019a1b2c-0000-7000-8000-00000000000a", "019a1b2c-0000-7000-8000-00000000000b"];
const USERS: [&str; 2] = ["ada", "bob"];
const STATUSES: [&str; 4] = ["open", "paid", "shipped", "cancelled"];

#[derive(Debug, Clone)]
enum Operation {
    /// Created by one of the users.
    Create(&'static str, Option<&'static str>, &'static str, &'static str),
    Total(Index, &'static str),
    Day(Index, Option<&'static str>),
    Status(Index, &'static str),
    Delete(Index),
}

fn operation() -> impl Strategy<Value = Operation> {
    let day = || prop::option::of(select(&DAYS[..]));
    prop_oneof![
        6 => (select(&TOTALS[..]), day(), select(&CUSTOMERS[..]), select(&USERS[..]))
            .prop_map(|(total, day, of, by)| Operation::Create(total, day, of, by)),
        2 => (any::<Index>(), select(&TOTALS[..])).prop_map(|(at, total)| Operation::Total(at, total)),
        1 => (any::<Index>(), day()).prop_map(|(at, day)| Operation::Day(at, day)),
        3 => (any::<Index>(), select(&STATUSES[..])).prop_map(|(at, status)| Operation::Status(at, status)),
        1 => any::<Index>().prop_map(Operation::Delete),
    ]
}

/// A request for a list.
#[derive(Debug, Clone)]
struct Asked {
    /// The caller: a user, or `None` for an admin, who sees all.
    by: Option<&'static str>,
    statuses: Vec<&'static str>,
    customer: Option<&'static str>,
    total: Option<(&'static str, &'static str)>,
    day: Option<(&'static str, &'static str)>,
    sort: &'static str,
    descending: bool,
    limit: usize,
}

const OPERATORS: [&str; 5] = ["", "[gte]", "[gt]", "[lte]", "[lt]"];

prop_compose! {
    fn asked()(
        by in prop::option::of(select(&USERS[..])),
        statuses in prop::sample::subsequence(&STATUSES[..], 0..=3),
        customer in prop::option::weighted(0.4, select(&CUSTOMERS[..])),
        total in prop::option::weighted(0.5, (select(&OPERATORS[..]), select(&TOTALS[..]))),
        day in prop::option::weighted(0.3, (select(&OPERATORS[..]), select(&DAYS[..]))),
        sort in select(&["created", "updated", "total", "placed_on", "customer_id"][..]),
        descending in any::<bool>(),
        limit in 1..6_usize,
    ) -> Asked {
        Asked { by, statuses, customer, total, day, sort, descending, limit }
    }
}

fn decimal(order: &Value) -> Decimal {
    Decimal::parse(&order["total"].to_string()).unwrap()
}

fn holds(operator: &str, order: Ordering) -> bool {
    match operator {
        "[gte]" => order.is_ge(),
        "[gt]" => order.is_gt(),
        "[lte]" => order.is_le(),
        "[lt]" => order.is_lt(),
        _ => order.is_eq(),
    }
}

impl Asked {
    fn query(&self) -> String {
        let sign = if self.descending { "-" } else { "" };
        let mut query = format!("limit={}&sort={sign}{}", self.limit, self.sort);
        if !self.statuses.is_empty() {
            query.extend(["&status=", &self.statuses.join(",")]);
        }
        for (name, condition) in [
            ("customer_id", self.customer.map(|id| ("", id))),
            ("total", self.total),
            ("placed_on", self.day),
        ] {
            if let Some((operator, value)) = condition {
                query.extend(["&", name, operator, "=", value]);
            }
        }
        query
    }

    fn has(&self, order: &Value) -> bool {
        let day = order["placed_on"].as_str();
        self.by.is_none_or(|by| order["created_by"] == by)
            && (self.statuses.is_empty() || self.statuses.contains(&order["status"].as_str().unwrap()))
            && self.customer.is_none_or(|id| order["customer_id"] == id)
            && self.total.is_none_or(|(operator, bound)| {
                holds(operator, decimal(order).cmp(&Decimal::parse(bound).unwrap()))
            })
            && self.day.is_none_or(|(operator, bound)| day.is_some_and(|day| holds(operator, day.cmp(bound))))
            && (self.sort != "placed_on" || day.is_some())
    }

    fn of(&self, model: &BTreeMap<String, Value>) -> Vec<Value> {
        let mut list: Vec<_> = model.values().filter(|order| self.has(order)).cloned().collect();
        let text = |order: &Value, name: &str| order[name].as_str().unwrap_or_default().to_owned();
        match self.sort {
            "total" => list.sort_by_key(decimal),
            "updated" => list.sort_by_key(|order| text(order, "updated_at")),
            "created" => {}
            name => list.sort_by_key(|order| text(order, name)),
        }
        if self.descending {
            list.reverse();
        }
        list.iter().map(|order| order["id"].clone()).collect()
    }
}

/// One API for all cases. Each case has its own tenant.
fn shared() -> &'static (Runtime, [App; 2]) {
    static SHARED: OnceLock<(Runtime, [App; 2])> = OnceLock::new();
    SHARED.get_or_init(|| {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let apps = runtime.block_on(async {
            let one = App::start().await;
            let spread = one.instance_with(&[("LISTING_SHARDS", "3")]).await;
            [one, spread]
        });
        (runtime, apps)
    })
}

/// A user in the tenant of a caller.
fn user(caller: &Caller, subject: &str) -> Caller {
    Caller { subject: subject.to_owned(), role: Role::User, ..caller.clone() }
}

/// Whether a cursor contains the id of one of some orders.
fn names_one_of<'a>(cursor: &str, mut orders: impl Iterator<Item = &'a String>) -> bool {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    orders.any(|id| text.contains(id.as_str()))
}

/// Stores a customer with a given id, which a client cannot choose.
async fn store_customer(app: &App, caller: &Caller, id: &str) {
    let values = json!({ "name": "n", "email": format!("{id}@example.com") });
    let values = Values::from_json(&CUSTOMERS_KIND, values).unwrap();
    let customer = Resource::with_id(ResourceId::parse(id).unwrap(), values, caller);
    app.repository(Shards::default()).store(&caller.tenant, &customer).await.unwrap();
}

async fn apply(app: &App, caller: &Caller, model: &mut BTreeMap<String, Value>, operation: &Operation) {
    let at = |at: &Index| -> Option<String> {
        let ids: Vec<_> = model.keys().cloned().collect();
        (!ids.is_empty()).then(|| at.get(&ids).clone())
    };
    let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let (id, patch) = match operation {
        Operation::Create(total, day, of, by) => {
            let body = json!({ "number": format!("N-{}", fastrand::u32(..)), "total": number(total), "placed_on": day, "customer_id": of });
            let author = user(caller, by);
            let created = app.post("/api/orders", &body).caller(&author).await.data(201).clone();
            model.insert(created["id"].as_str().unwrap().to_owned(), created);
            return;
        }
        Operation::Delete(index) => {
            let Some(id) = at(index) else { return };
            app.delete(&format!("/api/orders/{id}")).caller(caller).await;
            model.remove(&id);
            return;
        }
        Operation::Total(index, total) => (at(index), json!({ "total": number(total) })),
        Operation::Day(index, day) => (at(index), json!({ "placed_on": day })),
        Operation::Status(index, status) => (at(index), json!({ "status": status })),
    };
    let Some(id) = id else { return };
    let response = app.patch(&format!("/api/orders/{id}"), &patch).caller(caller).await;
    // Some transitions are refused.
    if response.status == 200 {
        model.insert(id, response.body["data"].clone());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn pages_give_what_the_model_gives(
        spread in any::<bool>(),
        operations in prop::collection::vec(operation(), 0..30),
        asked in prop::collection::vec(asked(), 4),
    ) {
        let (runtime, apps) = shared();
        let app = &apps[usize::from(spread)];
        runtime.block_on(async {
            let tenant = format!("model-{:x}", fastrand::u64(..));
            let caller = Caller { tenant: Tenant::parse(&tenant).unwrap(), ..Caller::example(Role::Admin) };
            for id in CUSTOMERS {
                store_customer(app, &caller, id).await;
            }
            let mut model = BTreeMap::new();
            for operation in &operations {
                apply(app, &caller, &mut model, operation).await;
            }
            for asked in asked {
                let expected = asked.of(&model);
                let reader = asked.by.map_or_else(|| caller.clone(), |by| user(&caller, by));
                let of_others = || {
                    let of_another = |order: &&Value| asked.by.is_some_and(|by| order["created_by"] != by);
                    model.iter().filter(move |(_, order)| of_another(order)).map(|(id, _)| id)
                };
                let (mut ids, mut cursor) = (Vec::new(), String::new());
                loop {
                    let path = format!("/api/orders?{}{cursor}", asked.query());
                    let page = app.get(&path).caller(&reader).await;
                    let rows = page.data(200).as_array().unwrap();
                    prop_assert!(rows.len() == asked.limit || page.body["pagination"]["next_cursor"].is_null());
                    ids.extend(rows.iter().map(|row| row["id"].clone()));
                    let Some(next) = page.body["pagination"]["next_cursor"].as_str() else { break };
                    prop_assert!(!names_one_of(next, of_others()), "{}", asked.query());
                    cursor = format!("&cursor={next}");
                }
                prop_assert_eq!(ids, expected, "{}", asked.query());
            }
            Ok(())
        })?;
    }
}
