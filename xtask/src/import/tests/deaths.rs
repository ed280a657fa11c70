//! Imports that are killed at any call, and imports with faults of DynamoDB.

use rstest::rstest;

use super::*;

/// A valid file of the shop's customers, some with ids or times, some without.
fn customers() -> String {
    let line = |number: usize| {
        let mut line = customer(number);
        match number % 3 {
            0 => line["id"] = id(number as u64).into(),
            1 => line["created_at"] = "2020-02-29T12:00:00Z".into(),
            _ => {}
        }
        line
    };
    file(&(0..10).map(line).collect::<Vec<_>>())
}

/// An import that is killed after any number of calls, and resumed, stores each record once and nothing else.
#[rstest]
#[tokio::test]
async fn a_killed_import_is_taken_up(
    #[values(OnFault::Stop, OnFault::Skip)] on_fault: OnFault,
    #[values(false, true)] heard: bool,
) {
    let world = World::start(SHOP).await;
    let text = customers();
    let settings = |tenant| Settings { tenant, on_fault, ..Settings::of(&CUSTOMERS) };
    let (mut killed, mut calls) = (0, 0);
    loop {
        let tenant: &'static str = format!("t{calls}").leak();
        if let Some(done) = world.killed(&text, settings(tenant), calls, heard).await {
            assert_eq!(done.unwrap().stored, 10);
            break;
        }
        killed += 1;
        let tally = world.import(&text, settings(tenant)).await.unwrap();
        assert_eq!(tally.stored + tally.there, 10, "after {calls} calls");
        let records = world.exported(tenant, &CUSTOMERS).await;
        let mut names: Vec<_> =
            records.iter().map(|it| serde_json::from_str::<Value>(it).unwrap()["name"].to_string()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!((records.len(), names.len()), (10, 10), "after {calls} calls");
        assert_eq!(world.count("UniqueValuesTable", tenant).await, 10);
        calls += 1;
    }
    assert!(killed >= 12, "it made {killed} calls");
}

/// With faults of DynamoDB, no valid line is refused, and none is stored twice.
#[tokio::test]
async fn faults_of_the_store_are_no_faults_of_a_line() {
    const FAULTS: &str =
        "throttle=0.06,error=0.06,lose-request=0.04,lose-response=0.08,partial=0.05,conflict=0.08";
    let world = World::start(SHOP).await;
    let text = customers() + &file(&(10..60).map(customer).collect::<Vec<_>>());
    for (on_fault, tenant) in [(OnFault::Stop, "stop"), (OnFault::Skip, "skip")] {
        let faults: testing::Faults = FAULTS.parse().unwrap();
        let endpoint = dynamodb_proxy(world.store.endpoint(), move |_| faults.next()).await.unwrap();
        let settings = Settings { tenant, on_fault, endpoint: Some(endpoint), ..Settings::of(&CUSTOMERS) };
        let tally = world.import(&text, settings).await.unwrap();
        assert_eq!((tally.stored, tally.there, tally.refused), (60, 0, 0));
        assert_eq!(world.exported(tenant, &CUSTOMERS).await.len(), 60);
        assert_eq!(world.count("UniqueValuesTable", tenant).await, 60);
    }
}

/// If DynamoDB fails for longer than `patience`, the import ends, and can be resumed.
#[tokio::test]
async fn a_store_that_is_away_is_no_fault_of_a_line() {
    let world = World::start(SHOP).await;
    let text = customers();
    let count = AtomicUsize::new(0);
    let away =
        move |_: &str| if count.fetch_add(1, Ordering::Relaxed) < 12 { Fault::Pass } else { Fault::Error };
    let endpoint = dynamodb_proxy(world.store.endpoint(), away).await.unwrap();
    let settings = Settings { patience: Duration::from_secs(1), ..Settings::skipping(&CUSTOMERS) };
    let error =
        world.import(&text, Settings { endpoint: Some(endpoint), ..settings.clone() }).await.unwrap_err();
    assert!(format!("{error:#}").contains("to resume at line 1"), "{error:#}");
    assert!(world.refused().is_empty());
    assert_eq!(world.import(&text, Settings::skipping(&CUSTOMERS)).await.unwrap().refused, 0);
    assert_eq!(world.exported("default", &CUSTOMERS).await.len(), 10);
}
