//! Tests the example shop from outside: kinds that refer to each other, served by the same functions.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::StatusCode;
use resource_api::domain::{Caller, Role};
use serde_json::{Value, json};
use testing::EXAMPLE_ID;

use super::client;
use super::dev::{Dev, this_program};
use crate::token;

/// The number of customers, and of orders, that are seeded.
const SEEDED: usize = 50;

/// Creates an order of a customer, lists it with the customer, checks that invalid orders are refused, and
/// seeds more of both kinds.
pub(super) async fn orders_of_a_customer(dev: &Dev) -> Result<()> {
    let (client, url) = (client()?, dev.url());
    let send = async |path: &str, body: &Value| -> Result<(StatusCode, Value)> {
        let answer = client.post(format!("{url}/api/{path}")).json(body).send().await?;
        Ok((answer.status(), answer.json().await?))
    };
    let (_, customer) = send("customers", &json!({ "name": "Ada", "email": "ada@example.com" })).await?;
    let customer = customer["data"]["id"].as_str().context("no customer")?.to_owned();
    let line = json!({ "sku": "notebook", "quantity": 3, "price": 0.1 });
    let order = json!({ "number": "A-1", "customer_id": customer, "total": 0.3, "lines": [line] });
    let (status, created) = send("orders", &order).await?;
    ensure!(status == StatusCode::CREATED, "{status}: {created}");
    let mut wrong = order.clone();
    wrong["total"] = json!(0.31);
    let (status, problem) = send("orders", &wrong).await?;
    ensure!(
        status == StatusCode::BAD_REQUEST && problem["details"][0]["code"] == "total_mismatch",
        "{problem}"
    );
    let (status, problem) = send("orders", &order).await?;
    ensure!(status == StatusCode::CONFLICT && problem["code"] == "already_exists", "{problem}");
    let of_nobody = json!({ "number": "A-2", "customer_id": EXAMPLE_ID, "total": 1 });
    let (status, problem) = send("orders", &of_nobody).await?;
    ensure!(status == StatusCode::CONFLICT && problem["code"] == "reference_not_found", "{problem}");
    let user = token::signed(&Caller::example(Role::User), Duration::from_mins(1))?;
    let of_user = client.get(format!("{url}/api/orders")).bearer_auth(user).send().await?;
    let of_user: Value = of_user.json().await?;
    ensure!(of_user["data"] == json!([]), "a user sees an order that another caller created: {of_user}");
    let list = format!("{url}/api/orders?customer_id={customer}&expand=customer&fields=number");
    let listed: Value = client.get(list).send().await?.json().await?;
    ensure!(listed["data"][0]["customer"]["name"] == "Ada", "{listed}");
    for kind in ["customers", "orders"] {
        let port = dev.ports[1].to_string();
        let arguments = ["--kind", kind, "--count", &SEEDED.to_string(), "--dynamodb-port", &port];
        let status = this_program("seed").args(arguments).status().await?;
        ensure!(status.success(), "seed ended with {status}");
        let page: Value = client.get(format!("{url}/api/{kind}?limit=100")).send().await?.json().await?;
        let rows = page["data"].as_array().map(Vec::len);
        ensure!(rows == Some(SEEDED + 1), "{rows:?} {kind}");
    }
    Ok(())
}
