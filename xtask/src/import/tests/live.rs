//! Imports with concurrent writes.

use resource_api::domain::{Caller, Change, ExpectedVersion, Operation, Patch, ResourceId, Role, Values};

use super::*;

/// While a file is imported, others create customers with the same addresses, and change imported ones. Each
/// address has one customer, and no change of others is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_traffic_is_never_overwritten() {
    const COUNT: usize = 120;
    let world = World::start(SHOP).await;
    let ids: Vec<String> = (0..COUNT).map(|number| id(number as u64)).collect();
    let line = |number: usize| {
        let mut line = customer(number);
        line["id"] = ids[number].as_str().into();
        line
    };
    let text = file(&(0..COUNT).map(line).collect::<Vec<_>>());
    let writes = world.writes(None);
    let caller = Caller::example(Role::Admin);
    let others = async {
        let (mut created, mut changed) = (Vec::new(), Vec::new());
        for number in (0..COUNT).rev() {
            let values = Values::from_json(
                &CUSTOMERS,
                json!({ "name": "live", "email": format!("c{number}@example.com") }),
            );
            let create = Operation::Create(values.unwrap());
            if writes.execute(&caller, &CUSTOMERS, &create, Timestamp::now()).await.is_ok() {
                created.push(number);
            }
            let id = ResourceId::parse(&ids[COUNT - 1 - number]).unwrap();
            let change = Change::Update(Patch::from(json!({ "notes": "live" })));
            let patch = Operation::Change { id, expected: ExpectedVersion::Any, change };
            if writes.execute(&caller, &CUSTOMERS, &patch, Timestamp::now()).await.is_ok() {
                changed.push(id.to_string());
            }
        }
        (created, changed)
    };
    let (tally, (created, changed)) =
        tokio::join!(world.import(&text, Settings::skipping(&CUSTOMERS)), others);
    let tally = tally.unwrap();
    assert_eq!(tally.stored + tally.refused, COUNT as u64, "{tally:?}");
    assert_eq!(tally.refused, created.len() as u64);
    let records = world.exported("default", &CUSTOMERS).await;
    let records: Vec<Value> = records.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), COUNT);
    assert_eq!(records.iter().filter(|record| record["name"] == "live").count(), created.len());
    let with_notes = records.iter().filter(|record| record["notes"] == "live");
    let mut with_notes: Vec<_> = with_notes.map(|record| record["id"].as_str().unwrap().to_owned()).collect();
    let mut changed = changed;
    changed.sort_unstable();
    with_notes.sort_unstable();
    assert_eq!(with_notes, changed);
    assert_eq!(world.count("UniqueValuesTable", "default").await, COUNT);
}

/// After a change, the stored resource is not the record of the line.
#[tokio::test]
async fn a_record_that_was_changed_since_is_no_longer_that_of_the_line() {
    let world = World::start(SHOP).await;
    let mut line = customer(1);
    let at = id(1);
    line["id"] = at.as_str().into();
    let text = file(&[line]);
    world.import(&text, Settings::of(&CUSTOMERS)).await.unwrap();
    let change = Change::Update(Patch::from(json!({ "tier": "gold" })));
    let id = ResourceId::parse(&at).unwrap();
    let patch = Operation::Change { id, expected: ExpectedVersion::Any, change };
    let caller = Caller::example(Role::Admin);
    world.writes(None).execute(&caller, &CUSTOMERS, &patch, Timestamp::now()).await.unwrap();
    let before = world.exported("default", &CUSTOMERS).await;
    world.import(&text, Settings::of(&CUSTOMERS)).await.unwrap_err();
    assert_eq!(world.codes(), [(1, vec!["/id already_exists".to_owned()])]);
    assert_eq!(world.exported("default", &CUSTOMERS).await, before);
}

/// Two concurrent imports of one file create each record once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_imports_of_a_file_make_its_records_once() {
    let world = World::start(SHOP).await;
    let text = file(&(0..100).map(customer).collect::<Vec<_>>());
    let other = World { folder: TempDir::new().unwrap(), store: world.store.clone(), kinds: SHOP };
    let (one, two) = tokio::join!(
        world.import(&text, Settings::skipping(&CUSTOMERS)),
        other.import(&text, Settings::skipping(&CUSTOMERS))
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!((one.stored + two.stored, one.refused + two.refused), (100, 0), "{one:?} {two:?}");
    assert_eq!(world.exported("default", &CUSTOMERS).await.len(), 100);
}
