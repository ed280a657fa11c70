//! Imports records, exports them, imports the export for another tenant, and exports again.

use std::env;
use std::time::Instant;

use super::*;

/// The number of customers, and of orders. `IMPORT_RECORDS` sets another number.
fn count() -> usize {
    env::var("IMPORT_RECORDS").ok().map_or(250, |records| records.parse().unwrap())
}

/// A customer with all sorts of characters in its texts.
fn varied_customer(number: usize, random: &mut fastrand::Rng) -> Value {
    let mut line = customer(number);
    line["id"] = id(number as u64).into();
    line["status"] = (*random.choice(&["active", "archived"]).unwrap()).into();
    line["version"] = random.u32(1..1000).into();
    line["created_by"] = format!("ada \u{1f600} {number}").into();
    let parts = ["a", "\n", "\"", "\\", "\t", "é", "記", "\u{1f600}", "\u{2028}", "</"];
    line["notes"] =
        (0..random.usize(..60)).map(|_| *random.choice(&parts).unwrap()).collect::<String>().into();
    line
}

/// An order of one of these customers, whose lines add up to its total.
fn varied_order(number: usize, customers: &[Value], random: &mut fastrand::Rng) -> Value {
    let of_line = |random: &mut fastrand::Rng| (random.u64(1..10), random.u64(..100_000));
    let lines: Vec<_> = (0..random.usize(..4)).map(|_| of_line(random)).collect();
    let cents = lines.iter().map(|(quantity, price)| quantity * price).sum::<u64>();
    let decimal =
        |cents: u64| serde_json::from_str::<Value>(&format!("{}.{:02}", cents / 100, cents % 100)).unwrap();
    let line = |(quantity, price): &(u64, u64)| json!({ "sku": "s", "quantity": quantity, "price": decimal(*price) });
    json!({
        "number": format!("A-{number}"), "customer_id": random.choice(customers).unwrap()["id"], "total": decimal(cents),
        "lines": lines.iter().map(line).collect::<Vec<_>>(), "created_at": "2026-02-03T04:05:06.789Z",
        "status": *random.choice(&["open", "paid", "shipped", "cancelled"]).unwrap(),
    })
}

#[tokio::test]
async fn what_comes_back_has_the_same_bytes() {
    let world = World::start(SHOP).await;
    let mut random = fastrand::Rng::with_seed(3);
    let customers: Vec<_> = (0..count()).map(|number| varied_customer(number, &mut random)).collect();
    let orders: Vec<_> = (0..count()).map(|number| varied_order(number, &customers, &mut random)).collect();
    for (kind, lines) in [(&CUSTOMERS, customers), (&ORDERS, orders)] {
        let timed = async |text: &str, tenant| {
            let started = Instant::now();
            let tally = world.import(text, Settings { tenant, ..Settings::of(kind) }).await.unwrap();
            let imported = started.elapsed();
            let started = Instant::now();
            let exported = world.exported(tenant, kind).await;
            println!(
                "{} of {}: imported in {imported:.1?}, exported in {:.1?}",
                tally.stored,
                kind.name,
                started.elapsed()
            );
            assert_eq!((tally.stored, exported.len()), (count() as u64, count()));
            exported.join("\n") + "\n"
        };
        let there = timed(&file(&lines), "there").await;
        assert!(timed(&there, "back").await == there, "the exports of {} differ", kind.name);
    }
}
