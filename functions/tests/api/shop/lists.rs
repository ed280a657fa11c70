//! Lists of orders and customers: filters, ranges and orders over indexed fields, and the cost of each.

use rstest::rstest;
use serde_json::{Value, json};

use super::{customer, id};
use crate::app::App;
use crate::logs::Log;

/// Creates two customers and their orders. Returns the customers.
async fn shop(app: &App) -> [Value; 2] {
    let customers = [customer(app, "Ada").await, customer(app, "Grace").await];
    for (number, total, day, of, currency) in [
        ("A-1", "10", Some("2026-01-01"), 0, "EUR"),
        ("A-2", "9.99", Some("2026-03-01"), 1, "USD"),
        ("A-3", "-0", None, 0, "EUR"),
        ("A-4", "100", Some("2026-02-01"), 0, "USD"),
        ("A-5", "1e3", Some("2026-02-01"), 1, "EUR"),
    ] {
        let total: Value = serde_json::from_str(total).unwrap();
        let body = json!({
            "number": number, "total": total, "placed_on": day, "customer_id": customers[of]["id"],
            "currency": currency,
        });
        let created = app.post("/api/orders", &body).await.data(201).clone();
        if number == "A-4" {
            app.patch(&format!("/api/orders/{}", id(&created)), &json!({ "status": "paid" })).await.data(200);
        }
    }
    customers
}

#[rstest]
#[case("sort=total", "A-3,A-2,A-1,A-4,A-5", "Query:1")]
#[case("sort=-total&limit=2", "A-5,A-4", "Query:1")]
#[case("sort=total&total[gte]=10&total[lt]=1000", "A-1,A-4", "Query:1")]
#[case("sort=total&total[gt]=10&total[lte]=1000.0", "A-4,A-5", "Query:1")]
#[case("total[gt]=9.99", "A-5,A-4,A-1", "Query:1")]
#[case("total=10.00", "A-1", "Query:1")]
#[case("total=1E1&sort=created", "A-1", "Query:1")]
// Resources without a value are not in a list sorted by that field.
#[case("sort=placed_on", "A-1,A-4,A-5,A-2", "Query:1")]
#[case("sort=-placed_on&placed_on[lte]=2026-02-01", "A-5,A-4,A-1", "Query:1")]
#[case("placed_on=2026-02-01&sort=created", "A-4,A-5", "Query:1")]
#[case("placed_on[gte]=2026-02-01&sort=updated", "A-2,A-4,A-5", "Query:1")]
#[case("customer_id=ADA", "A-4,A-3,A-1", "Query:1")]
#[case("customer_id=ADA&sort=created&limit=2", "A-1,A-3", "Query:1")]
#[case("customer_id=ADA&sort=-total&total[gt]=0", "A-4,A-1", "Query:1")]
#[case("customer_id=ADA&placed_on=2026-02-01", "A-4", "Query:1")]
#[case("sort=customer_id", "A-1,A-3,A-4,A-2,A-5", "Query:1")]
#[case("status=open", "A-5,A-3,A-2,A-1", "Query:1")]
#[case("status=paid,cancelled", "A-4", "Query:1")]
#[case("status=open&sort=total&total[gte]=10", "A-1,A-5", "Query:1")]
#[case("created_by=moderator&customer_id=ADA", "A-4,A-3,A-1", "Query:1")]
#[case("created_by=nobody", "", "Query:1")]
#[case("total[gt]=10&total[lt]=10", "", "")]
#[case("total=1&total[gt]=10", "", "")]
#[case("total=10&total[gt]=10", "", "")]
#[case("total=10&total[lt]=10", "", "")]
#[case("total=10&total[gte]=10", "A-1", "Query:1")]
#[case("customer_id=ADA&total=10&total[lte]=10", "A-1", "Query:1")]
#[tokio::test]
async fn a_list_is_filtered_and_sorted_by_what_is_declared(
    #[case] query: &str,
    #[case] expected: &str,
    #[case] operations: &str,
) {
    let app = App::start().await;
    let [ada, _] = shop(&app).await;
    let query = query.replace("ADA", id(&ada));
    let log = Log::start();
    let page = app.get(&format!("/api/orders?fields=number&{query}")).await;
    let numbers: Vec<_> =
        page.data(200).as_array().unwrap().iter().map(|row| row["number"].as_str().unwrap()).collect();
    assert_eq!(numbers.join(","), expected);
    let limited = query.contains("limit");
    assert_eq!(page.body["pagination"]["next_cursor"].is_null(), !limited);
    assert_eq!(log.lines().pop().unwrap()["dynamodb_operations"], operations);
}

#[tokio::test]
async fn pages_go_on_where_the_one_before_ended() {
    let app = App::start().await;
    let [ada, _] = shop(&app).await;
    for query in [
        "sort=total",
        "sort=-placed_on",
        "sort=created&customer_id=ADA",
        "sort=-customer_id",
        "total[gte]=0&status=open",
    ] {
        let query = query.replace("ADA", id(&ada));
        let whole = app.get(&format!("/api/orders?{query}")).await.data(200).clone();
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = app.get(&format!("/api/orders?limit=1&{query}{cursor}")).await;
            rows.extend(page.data(200).as_array().unwrap().clone());
            let Some(next) = page.body["pagination"]["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(json!(rows), whole, "{query}");
    }
}

#[rstest]
#[case("number=A-1", &["number unknown_parameter"])]
#[case("total[ne]=1", &["total[ne] unknown_parameter"])]
#[case("customer_id[gt]=019a1b2c-0000-7000-8000-000000000000", &["customer_id[gt] unknown_parameter"])]
#[case("total=ten", &["total invalid_value"])]
#[case("total=", &["total invalid_value"])]
#[case("total=1&total=2", &["total repeated_parameter"])]
#[case("total[gte]=2&total[lt]=1", &["total[gte] contradictory", "total[lt] contradictory"])]
#[case("placed_on[gte]=yesterday", &["placed_on[gte] invalid_value"])]
#[case("customer_id=x", &["customer_id invalid_value"])]
#[case("sort=number", &["sort invalid_value"])]
#[case("sort=created_by", &["sort invalid_value"])]
#[case("created_after=2026-11-22T00:00:00Z", &["created_after unknown_parameter"])]
#[case("expand=related", &["expand invalid_value"])]
#[case("status=active", &["status invalid_value"])]
#[tokio::test]
async fn a_parameter_that_a_kind_does_not_have_is_named(#[case] query: &str, #[case] faults: &[&str]) {
    let app = App::start().await;
    let response = app.get(&format!("/api/orders?{query}")).await;
    assert_eq!(response.faults(400, "invalid_query"), faults);
    if faults[0].contains("unknown") {
        let message = response.body["details"][0]["message"].as_str().unwrap();
        assert!(
            message.contains("created_by, created_at, updated_at, customer_id, total, placed_on, status"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn customers_are_listed_by_names_in_their_folded_form() {
    let app = App::start().await;
    for name in ["b", "Straße", "A", "STRASSE 2", "Ä"] {
        customer(&app, name).await;
    }
    let names = async |query: &str| -> Vec<String> {
        let page = app.get(&format!("/api/customers?fields=name&{query}")).await;
        page.data(200)
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("sort=name").await, ["A", "b", "Straße", "STRASSE 2", "Ä"]);
    assert_eq!(names("name=strasse").await, ["Straße"]);
    assert_eq!(names("name[gte]=STRA%C3%9FE&sort=-name").await, ["Ä", "STRASSE 2", "Straße"]);
    assert_eq!(names("name[lt]=B&sort=created").await, ["A"]);
    assert_eq!(names("tier=standard&name[gt]=a&sort=created").await, ["b", "Straße", "STRASSE 2", "Ä"]);
    assert!(names("tier=gold").await.is_empty());
}
