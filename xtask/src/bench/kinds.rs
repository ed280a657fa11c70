//! The cost of pages of a declared kind, by its indexes: orders of the example shop.

use anyhow::{Context as _, Result, anyhow};
use kinds::shop::{KINDS, ORDERS};
use resource_api::cache::Cache;
use resource_api::domain::{
    Caller, Condition, FieldValue, Fields, Filter, ListRequest, Operator, PageStart, Resource, ResourceId,
    Role, Selection, ShownStatus, SortOrder, Timestamp, Values,
};
use resource_api::repository::ResourceRepository;
use resource_api::service::ReadService;
use serde_json::{Value, json};

use super::pages::{compare, measure, walk};
use crate::seed;

/// The number of customers. Each has the same number of orders.
const CUSTOMERS: usize = 1_000;
/// The number of the deep page.
const DEPTH: usize = 50;

/// Fills the table with orders, and reads pages of them: each takes one Query, with any filter and order.
pub(super) async fn run(repository: ResourceRepository, count: u64) -> Result<()> {
    // An admin sees all orders. A user sees only its own, read from another index.
    let author = Caller::example(Role::Admin);
    let customers: Vec<ResourceId> = (0..CUSTOMERS).map(|_| ResourceId::generate(Timestamp::now())).collect();
    let order = |number: u64| {
        let customer = customers[usize::try_from(number)? % CUSTOMERS];
        let body = json!({
            "number": format!("A-{number}"), "customer_id": customer, "total": fastrand::u16(..1000),
            "placed_on": format!("2026-{:02}-{:02}", 1 + number % 12, 1 + number % 28),
        });
        let values = Values::from_json(&ORDERS, body).map_err(|faults| anyhow!("{faults:?}"))?;
        Ok(Resource::new(values, &author, Timestamp::now()))
    };
    seed::write(&repository, &author.tenant, (0..count).map(order), count).await?;
    let service = ReadService::over(repository, Cache::default(), KINDS);
    let customer = json!(customers[7]);
    let pages = [
        ("all, newest first", "-created", vec![]),
        ("of a customer, newest first", "-created", vec![on("customer_id", Operator::Equal, &customer)?]),
        ("of a customer, oldest first", "created", vec![on("customer_id", Operator::Equal, &customer)?]),
        ("of a day, oldest first", "created", vec![on("placed_on", Operator::Equal, &json!("2026-05-05"))?]),
        ("by total", "total", vec![]),
        ("with a total from 100 to 200", "total", hundreds()?),
        (
            "by day, backwards from June",
            "-placed_on",
            vec![on("placed_on", Operator::Less, &json!("2026-07-01"))?],
        ),
    ];
    let mut measured = Vec::new();
    for (name, sort, conditions) in pages {
        measured.push(measure(&service, &author, name, &list(sort, conditions)?).await?);
    }
    for (name, sort, conditions) in
        [("of all", "-created", vec![]), ("with a total from 100 to 200", "total", hundreds()?)]
    {
        let deep = walk(&service, &author, list(sort, conditions)?, DEPTH).await?;
        measured.push(measure(&service, &author, &format!("page {DEPTH} {name}"), &deep).await?);
    }
    compare(&format!("A page of 20 of {count} orders of {CUSTOMERS} customers"), &measured)
}

fn hundreds() -> Result<Vec<Condition>> {
    Ok(vec![
        on("total", Operator::GreaterOrEqual, &json!(100))?,
        on("total", Operator::LessOrEqual, &json!(200))?,
    ])
}

fn on(field: &str, operator: Operator, value: &Value) -> Result<Condition> {
    let place = ORDERS.field_ref(field).context("no such field")?;
    let declared = ORDERS.declaration(place).context("no such field")?;
    let value = FieldValue::for_comparison(declared, value.clone()).map_err(|message| anyhow!(message))?;
    Ok(Condition::Field(place, operator, value))
}

fn list(sort: &str, conditions: Vec<Condition>) -> Result<ListRequest> {
    Ok(ListRequest {
        kind: &ORDERS,
        filter: Filter { statuses: ShownStatus::living(&ORDERS), conditions },
        order: SortOrder::parse(&ORDERS, sort).context("no such order")?,
        limit: 20,
        start: PageStart::Offset(0),
        selection: Selection { fields: ORDERS.summary(), expand: Fields::NONE },
    })
}
