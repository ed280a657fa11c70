use kinds::shop::{CUSTOMERS, KINDS};
use resource_api::aws;
use resource_api::cache::Cache;
use resource_api::domain::{Caller, Change, ExpectedVersion, Operation, Retention, Role, Shards, Values};
use resource_api::repository::{IdempotencyRepository, ResourceRepository, UniqueValueRepository};
use resource_api::service::WriteService;
use serde_json::{Value, json};
use testing::TestStore;

use super::*;

fn resources(store: &TestStore, shards: u8) -> ResourceRepository {
    let client = aws::dynamodb_from(&store.config());
    ResourceRepository::new(client, store.table("ResourcesTable"), Shards::new(shards).unwrap())
}

fn collection() -> Collection {
    Caller::example(Role::Admin).collection(&CUSTOMERS)
}

/// Creates customers in this number of shards, deletes every tenth, and returns all ids.
async fn create(store: &TestStore, shards: u8, count: usize) -> Vec<ResourceId> {
    let client = aws::dynamodb_from(&store.config());
    let writes = WriteService::over(
        resources(store, shards),
        UniqueValueRepository::new(client.clone(), store.table("UniqueValuesTable")),
        IdempotencyRepository::new(client, store.table("IdempotencyTable")),
        Cache::default(),
        Retention::default(),
        KINDS,
    );
    let caller = Caller::example(Role::Admin);
    let mut ids = Vec::new();
    for number in 0..count {
        let body = json!({ "name": "n", "email": format!("{number}@example.com") });
        let create = Operation::Create(Values::from_json(&CUSTOMERS, body).unwrap());
        let created = writes.execute(&caller, &CUSTOMERS, &create, Timestamp::now()).await.unwrap().unwrap();
        if number % 10 == 9 {
            let delete =
                Operation::Change { id: created.id, expected: ExpectedVersion::Any, change: Change::Delete };
            writes.execute(&caller, &CUSTOMERS, &delete, Timestamp::now()).await.unwrap();
        }
        ids.push(created.id);
    }
    ids
}

/// The ids that are printed.
async fn printed(store: &TestStore, shards: u8, deleted: bool, after: Option<ResourceId>) -> Vec<ResourceId> {
    let service = ExportService::over(resources(store, shards), collection(), deleted);
    let mut text = Vec::new();
    let mut output = Output::new(&mut text, after, "customers").unwrap();
    print(&service, after, &mut output).await.unwrap();
    output.flush().unwrap();
    drop(output);
    let id =
        |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().and_then(ResourceId::parse);
    str::from_utf8(&text).unwrap().lines().map(|line| id(line).unwrap()).collect()
}

#[tokio::test]
async fn records_are_printed_in_the_order_of_creation() {
    let store = TestStore::start().await.unwrap();
    let ids = create(&store, 3, 230).await;
    let living: Vec<_> =
        ids.iter().copied().enumerate().filter(|(number, _)| number % 10 != 9).map(|(_, id)| id).collect();
    assert_eq!(printed(&store, 3, false, None).await, living);
    assert_eq!(printed(&store, 3, true, None).await, ids);
    assert_eq!(printed(&store, 3, true, Some(ids[228])).await, ids[229..]);
    assert_eq!(printed(&store, 3, false, Some(ids[9])).await, living[9..]);
    assert_eq!(printed(&store, 3, true, Some(ids[229])).await, []);
}

/// With too few shards, an export would leave out records without an error.
#[tokio::test]
async fn lists_that_are_spread_further_are_noticed() {
    let store = TestStore::start().await.unwrap();
    create(&store, 4, 30).await;
    let service = |shards| ExportService::over(resources(&store, shards), collection(), false);
    assert!(service(1).has_more_shards().await.unwrap());
    assert!(!service(4).has_more_shards().await.unwrap());
    assert!(!service(64).has_more_shards().await.unwrap());
}

/// An output on which every write fails.
struct Failing(ErrorKind);

impl Write for Failing {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The id that an error names for `--after` must be that of a written record.
#[tokio::test]
async fn a_record_that_is_not_printed_is_not_the_last_one() {
    let store = TestStore::start().await.unwrap();
    let ids = create(&store, 1, 3).await;
    let service = ExportService::over(resources(&store, 1), collection(), false);
    for kind in [ErrorKind::StorageFull, ErrorKind::BrokenPipe] {
        let mut output = Output::new(Failing(kind), Some(ids[0]), "customers").unwrap();
        print(&service, Some(ids[0]), &mut output).await.unwrap();
        assert_eq!(output.flush().unwrap_err().kind(), kind);
        assert_eq!((output.read, output.last), (Some(ids[2]), Some(ids[0])));
    }
}
