//! Records that refer to others.

use resource_api::domain::Field;

use super::*;

/// Seats that stand near others.
const SEATS: Kind = Kind::new("seats", "seat").fields(&[
    Field::text("name").required().length(1, 20),
    Field::references("near_ids", &Field::each_reference("seats"))
        .length(0, 100)
        .default("[]")
        .must_exist()
        .unlisted(),
]);

const SEATS_ONLY: Kinds = Kinds::of(&[&SEATS]);

fn seat(id: &str, near: &[&str]) -> Value {
    json!({ "id": id, "name": "n", "near_ids": near })
}

#[tokio::test]
async fn an_order_needs_its_customer() {
    let world = World::start(SHOP).await;
    let customer_id = id(1);
    let order = json!({ "number": "A-1", "customer_id": customer_id, "total": 1, "status": "shipped" });
    let text = file(&[order]);
    for settings in [Settings::of(&ORDERS), Settings::skipping(&ORDERS)] {
        let _ = world.import(&text, settings).await;
        assert_eq!(world.codes(), [(1, vec!["/customer_id reference_not_found".to_owned()])]);
    }
    let missing = Settings { tenant: "missing", allow_missing_references: true, ..Settings::of(&ORDERS) };
    assert_eq!(world.import(&text, missing).await.unwrap().stored, 1);
    let mut customer = customer(1);
    customer["id"] = customer_id.into();
    world.import(&file(&[customer]), Settings::of(&CUSTOMERS)).await.unwrap();
    assert_eq!(world.import(&text, Settings::of(&ORDERS)).await.unwrap().stored, 1);
    let order: Value = serde_json::from_str(&world.exported("default", &ORDERS).await[0]).unwrap();
    // A status that a new order could not have.
    assert_eq!(order["status"], "shipped");
}

/// References forwards, backwards and in circles, also if the import is killed between two calls.
#[tokio::test]
async fn records_refer_to_each_other_in_any_order() {
    let world = World::start(SEATS_ONLY).await;
    let ids: Vec<String> = (0..8).map(id).collect();
    let near =
        |number: usize, to: &[usize]| seat(&ids[number], &to.iter().map(|to| &*ids[*to]).collect::<Vec<_>>());
    let lines = [
        near(0, &[7]),
        near(1, &[0]),
        near(2, &[3]),
        near(3, &[4, 2]),
        near(4, &[2, 7]),
        near(5, &[5]),
        near(6, &[1, 0]),
        near(7, &[]),
    ];
    let text = file(&lines);
    assert_eq!(world.import(&text, Settings::of(&SEATS)).await.unwrap().stored, 8);
    let expected = world.exported("default", &SEATS).await;
    assert_eq!(expected.len(), 8);
    let mut completed = 0;
    for (calls, tenant) in ["a", "b", "c", "d", "e", "f", "g", "h"].into_iter().enumerate() {
        let settings = Settings { tenant, ..Settings::skipping(&SEATS) };
        let killed = world.killed(&text, settings.clone(), 3 * calls + 1, false).await;
        completed += usize::from(killed.is_some());
        world.import(&text, settings).await.unwrap();
        assert_eq!(world.exported(tenant, &SEATS).await, expected);
    }
    assert!(completed < 8);
}

/// If the target of a record is missing, the record is refused, and so are those that refer to it.
#[tokio::test]
async fn what_waits_for_a_refused_record_is_refused() {
    let world = World::start(SEATS_ONLY).await;
    let [first, second, third, nowhere] = [id(1), id(2), id(3), id(4)];
    let lines = [
        seat(&first, &[&second]),
        seat(&second, &[&third]),
        seat(&third, &[&first, &nowhere]),
        seat(&id(5), &[]),
    ];
    let tally = world.import(&file(&lines), Settings::skipping(&SEATS)).await.unwrap();
    assert_eq!((tally.stored, tally.refused), (1, 3));
    let codes = |pointer: &str| vec![format!("{pointer} reference_not_found")];
    let refused = world.codes();
    assert_eq!(refused[..2], [(1, codes("/near_ids/0")), (2, codes("/near_ids/0"))]);
    assert_eq!(refused[2].0, 3);
    assert!(refused[2].1.contains(&"/near_ids/1 reference_not_found".to_owned()));
    // With `OnFault::Stop`, the missing target is found before anything is written.
    let other = Settings { tenant: "other", ..Settings::of(&SEATS) };
    world.import(&file(&lines), other).await.unwrap_err();
    assert_eq!(world.codes(), [(3, codes("/near_ids/1"))]);
    assert_eq!(world.count("ResourcesTable", "other").await, 0);
}

/// More references than a transaction can check. A record can get them in several changes.
#[tokio::test]
async fn a_hundred_references_are_taken() {
    let world = World::start(SEATS_ONLY).await;
    let ids: Vec<String> = (0..100).map(id).collect();
    let mut lines: Vec<_> = ids.iter().map(|id| seat(id, &[])).collect();
    lines.push(seat(&id(200), &ids.iter().map(String::as_str).collect::<Vec<_>>()));
    assert_eq!(world.import(&file(&lines), Settings::of(&SEATS)).await.unwrap().stored, 101);
    let mut wrong = ids.clone();
    wrong[99] = id(300);
    let wrong = seat(&id(201), &wrong.iter().map(String::as_str).collect::<Vec<_>>());
    world.import(&file(&[wrong]), Settings::skipping(&SEATS)).await.unwrap();
    assert_eq!(world.codes(), [(1, vec!["/near_ids/99 reference_not_found".to_owned()])]);
}
