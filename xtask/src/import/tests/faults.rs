//! Lines that are refused, and lines that are accepted.

use kinds::RESOURCES;

use super::*;

/// Stores two customers, the first with an id. Returns that id.
async fn with_customers(world: &World) -> String {
    let there = id(1);
    let mut lines = [customer(1), customer(2)];
    lines[0]["id"] = there.as_str().into();
    world.import(&file(&lines), Settings::of(&CUSTOMERS)).await.unwrap();
    there
}

/// Lines with a fault of each sort, and the expected codes.
fn faulty(there: &str) -> (Vec<Value>, Vec<(u64, Vec<&'static str>)>) {
    let mut lines =
        vec![customer(10), customer(11), customer(12), customer(13), customer(10), customer(2), customer(14)];
    let repeated = id(2);
    lines[1]["id"] = repeated.as_str().into();
    lines[2]["id"] = repeated.as_str().into();
    lines[3]["tier"] = "lead".into();
    lines[3]["name"] = "".into();
    lines[6]["id"] = there.into();
    let expected = vec![
        (3, vec!["/id repeated"]),
        (4, vec!["/name too_short", "/tier invalid_value"]),
        (5, vec!["/email already_exists"]),
        (6, vec!["/email already_exists"]),
        (7, vec!["/id already_exists"]),
    ];
    (lines, expected)
}

fn owned(expected: Vec<(u64, Vec<&str>)>) -> Vec<(u64, Vec<String>)> {
    expected.into_iter().map(|(line, codes)| (line, codes.into_iter().map(str::to_owned).collect())).collect()
}

#[tokio::test]
async fn nothing_is_written_where_a_line_is_refused() {
    let world = World::start(SHOP).await;
    let there = with_customers(&world).await;
    let before = world.exported("default", &CUSTOMERS).await;
    let (lines, expected) = faulty(&there);
    let error = world.import(&file(&lines), Settings::of(&CUSTOMERS)).await.unwrap_err();
    assert!(error.to_string().contains("5 of 7 lines are refused"), "{error}");
    assert_eq!(world.codes(), owned(expected));
    assert_eq!(world.exported("default", &CUSTOMERS).await, before);
    assert_eq!(world.count("UniqueValuesTable", "default").await, 2);
}

#[tokio::test]
async fn good_lines_are_written_where_others_are_left_out() {
    let world = World::start(SHOP).await;
    let there = with_customers(&world).await;
    let (lines, expected) = faulty(&there);
    let text = file(&lines);
    for again in [false, true] {
        let tally = world.import(&text, Settings::skipping(&CUSTOMERS)).await.unwrap();
        let (stored, already) = if again { (0, 2) } else { (2, 0) };
        assert_eq!((tally.stored, tally.there, tally.refused), (stored, already, 5));
        assert_eq!(world.codes(), owned(expected.clone()));
        for (number, (_, line)) in world.refused() {
            assert_eq!(line, lines[usize::try_from(number).unwrap() - 1].to_string());
        }
        assert_eq!(world.exported("default", &CUSTOMERS).await.len(), 4);
        assert_eq!(world.count("UniqueValuesTable", "default").await, 4);
    }
}

#[tokio::test]
async fn the_first_good_line_gets_a_unique_value() {
    let world = World::start(SHOP).await;
    // The first write is slow: a concurrent write of another line would complete first.
    let count = AtomicUsize::new(0);
    let slow = move |operation: &str| match operation {
        "TransactWriteItems" if count.fetch_add(1, Ordering::Relaxed) == 0 => {
            Fault::Delay(Duration::from_millis(300))
        }
        _ => Fault::Pass,
    };
    let endpoint = Some(dynamodb_proxy(world.store.endpoint(), slow).await.unwrap());
    let mut lines = [customer(1), customer(1), customer(1)];
    lines[0]["tier"] = "lead".into();
    lines[2]["name"] = "third".into();
    world.import(&file(&lines), Settings { endpoint, ..Settings::skipping(&CUSTOMERS) }).await.unwrap();
    assert_eq!(
        world.codes(),
        owned(vec![(1, vec!["/tier invalid_value"]), (3, vec!["/email already_exists"])])
    );
}

/// A record that fits the body of a request, but not an item, is refused before anything is written.
#[tokio::test]
async fn a_record_that_no_item_holds_is_refused() {
    let world = World::start(Kinds::of(&[&RESOURCES])).await;
    let large = json!({ "name": "large", "attributes": { "text": "x".repeat(500_000) } });
    let text = file(&[json!({ "name": "small" }), large]);
    for (settings, stored) in [(Settings::of(&RESOURCES), 0), (Settings::skipping(&RESOURCES), 1)] {
        let _ = world.import(&text, settings).await;
        assert_eq!(world.codes(), owned(vec![(2, vec![" content_too_large"])]));
        assert_eq!(world.exported("default", &RESOURCES).await.len(), stored);
    }
}

/// A line that is not UTF-8 is reported in Base64.
#[tokio::test]
async fn a_line_that_is_no_record_is_refused_as_it_is() {
    let world = World::start(SHOP).await;
    let path = world.folder.path().join("bytes.ndjson");
    std::fs::write(&path, b"{\"name\": \"\xff\"}\n").unwrap();
    let line =
        super::super::lines::Lines::new(&b"{\"name\": \"\xff\"}\n"[..], super::super::lines::Place::START);
    let line = line.into_iter().next().unwrap().unwrap();
    let mut report = Report::open("bytes", Some(world.faults_file()), 0).unwrap();
    let faults = resource_api::domain::Fault::body("", "malformed_json", "m").into();
    report.refuse(&line, &faults, &indicatif::ProgressBar::hidden()).unwrap();
    let entry: Value = serde_json::from_slice(&std::fs::read(world.faults_file()).unwrap()).unwrap();
    let fault = json!({ "pointer": "", "code": "malformed_json", "message": "m" });
    assert_eq!(entry, json!({ "line": 1, "faults": [fault], "base64": "eyJuYW1lIjogIv8ifQ==" }));
}

#[tokio::test]
async fn lines_without_an_id_are_the_same_records_each_time() {
    let world = World::start(SHOP).await;
    let text = file(&(0..150).map(customer).collect::<Vec<_>>());
    let first = world.import(&text, Settings::of(&CUSTOMERS)).await.unwrap();
    let records = world.exported("default", &CUSTOMERS).await;
    assert_eq!((first.stored, records.len()), (150, 150));
    let names: Vec<_> =
        records.iter().map(|line| serde_json::from_str::<Value>(line).unwrap()["name"].clone()).collect();
    assert_eq!(names, (0..150).map(|number| json!(format!("Customer {number}"))).collect::<Vec<_>>());
    tokio::time::sleep(Duration::from_millis(5)).await;
    let second = world.import(&text, Settings::of(&CUSTOMERS)).await.unwrap();
    assert_eq!((second.stored, second.there), (0, 150));
    assert_eq!(world.exported("default", &CUSTOMERS).await, records);
    // The item is the time of the first import, which is not a stored response and does not expire.
    assert_eq!(world.count("IdempotencyTable", "default").await, 1);
}

/// Records that `export` prints as deleted are imported as deleted, with the status that a restore gives
/// them.
#[tokio::test]
async fn what_is_exported_is_imported_with_the_same_bytes() {
    let world = World::start(SHOP).await;
    let (customer_id, order_id) = (id(1), id(2));
    let mut customer = customer(1);
    customer["id"] = customer_id.as_str().into();
    customer["notes"] = "a\nb \u{1f600} \"quoted\"".into();
    let order = json!({
        "id": order_id, "number": "A-1", "customer_id": customer_id, "total": 0.30, "status": "deleted", "version": 3,
        "lines": [{ "sku": "s", "quantity": 3, "price": 0.1 }], "created_by": "ada",
        "$deleted": { "status": "shipped", "purge_at": "2030-01-01T00:00:00.000Z" },
    });
    world.import(&file(&[customer]), Settings::of(&CUSTOMERS)).await.unwrap();
    world.import(&file(&[order]), Settings::of(&ORDERS)).await.unwrap();
    for kind in [&CUSTOMERS, &ORDERS] {
        let lines = world.exported("default", kind).await;
        assert_eq!(lines.len(), 1);
        let other = Settings { tenant: "other", ..Settings::of(kind) };
        world.import(&format!("{}\n", lines[0]), other).await.unwrap();
        assert_eq!(world.exported("other", kind).await, lines);
    }
    let order: Value = serde_json::from_str(&world.exported("other", &ORDERS).await[0]).unwrap();
    assert_eq!(order["status"], "deleted");
    assert_eq!(order["$deleted"]["status"], "shipped");
    // A deleted record has no unique value.
    assert_eq!(world.count("UniqueValuesTable", "other").await, 1);
}

#[tokio::test]
async fn a_rate_is_kept() {
    let world = World::start(SHOP).await;
    let text = file(&(0..30).map(customer).collect::<Vec<_>>());
    let started = std::time::Instant::now();
    let settings = Settings { rate: Some(150.0), ..Settings::of(&CUSTOMERS) };
    let tally = world.import(&text, settings).await.unwrap();
    if world.store.counts_units() {
        assert!(tally.write_units > 200.0, "{tally:?}");
        // The import waits for the units of all writes but the last ones.
        let least = (tally.write_units - 16.0 * 10.0) / 150.0;
        assert!(started.elapsed().as_secs_f64() >= least, "{:?} for {tally:?}", started.elapsed());
    }
}
