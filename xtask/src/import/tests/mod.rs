//! Imports into an embedded DynamoDB: stored and refused lines, interruptions and faults.

mod deaths;
mod faults;
mod files;
mod live;
mod model;
mod references;
mod there_and_back;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kinds::shop::{CUSTOMERS, ORDERS};
use resource_api::aws;
use resource_api::cache::Cache;
use resource_api::domain::{
    Announcement, Collection, Kind, Kinds, RecordLine, Retention, Shards, Tenant, Timestamp,
};
use resource_api::repository::{
    FirstImports, IdempotencyRepository, ResourceRepository, UniqueValueRepository,
};
use resource_api::service::{ExportService, ImportOptions, ImportService, WriteService};
use serde_json::{Value, json};
use tempfile::TempDir;
use testing::{Fault, TestStore, dynamodb_proxy};
use tokio::sync::Notify;

use super::input::Input;
use super::job::{Job, Tally};
use super::position::Position;
use super::report::Report;
use super::{OnFault, Pace};

const SHOP: Kinds = Kinds::of(&[&CUSTOMERS, &ORDERS]);

/// A DynamoDB, and a folder for the files of an import.
struct World {
    store: TestStore,
    folder: TempDir,
    kinds: Kinds,
}

/// The settings of an import.
#[derive(Debug, Clone)]
struct Settings {
    tenant: &'static str,
    kind: &'static Kind,
    on_fault: OnFault,
    allow_missing_references: bool,
    /// The URL of a proxy for DynamoDB; `None` for none.
    endpoint: Option<String>,
    rate: Option<f64>,
    patience: Duration,
}

impl Settings {
    fn of(kind: &'static Kind) -> Self {
        Self {
            tenant: "default",
            kind,
            on_fault: OnFault::Stop,
            allow_missing_references: false,
            endpoint: None,
            rate: None,
            patience: Duration::from_mins(1),
        }
    }

    fn skipping(kind: &'static Kind) -> Self {
        Self { on_fault: OnFault::Skip, ..Self::of(kind) }
    }
}

fn collection(tenant: &str, kind: &'static Kind) -> Collection {
    Collection { tenant: Tenant::parse(tenant).unwrap(), kind }
}

impl World {
    async fn start(kinds: Kinds) -> Self {
        Self { store: TestStore::start().await.unwrap(), folder: TempDir::new().unwrap(), kinds }
    }

    fn repository(&self, endpoint: Option<&str>) -> ResourceRepository {
        let client = aws::dynamodb_from(&self.at(endpoint).config());
        ResourceRepository::new(client, self.store.table("ResourcesTable"), Shards::default())
    }

    fn at(&self, endpoint: Option<&str>) -> TestStore {
        endpoint.map_or_else(|| self.store.clone(), |endpoint| self.store.through(endpoint))
    }

    fn writes(&self, endpoint: Option<&str>) -> WriteService {
        let client = aws::dynamodb_from(&self.at(endpoint).config());
        WriteService::over(
            self.repository(endpoint),
            UniqueValueRepository::new(client.clone(), self.store.table("UniqueValuesTable")),
            IdempotencyRepository::new(client, self.store.table("IdempotencyTable")),
            Cache::default(),
            Retention::default(),
            self.kinds,
        )
    }

    /// Imports a text as a file, and resumes an interrupted import.
    async fn import(&self, text: &str, settings: Settings) -> anyhow::Result<Tally> {
        let Settings { tenant, kind, on_fault, allow_missing_references, endpoint, rate, patience } =
            settings;
        let file = self.folder.path().join("records.ndjson");
        std::fs::write(&file, text)?;
        let input = Input::open(file.to_str().unwrap())?;
        let identity = format!("{tenant} {} {on_fault:?} {}", kind.name, input.digest);
        let position = Position::load(self.folder.path(), &identity)?;
        let report = |length| Report::open("records.ndjson", Some(self.faults_file()), length);
        let client = aws::dynamodb_from(&self.at(endpoint.as_deref()).config());
        let first_imports = FirstImports::new(client, self.store.table("IdempotencyTable"));
        let options = ImportOptions { announcement: Announcement::None, allow_missing_references };
        let writes = self.writes(endpoint.as_deref());
        let service = ImportService::over(writes, first_imports, collection(tenant, kind), options);
        let job = Job { service, input, on_fault, pace: rate.map(Pace::new), patience };
        job.run(position, report).await
    }

    fn faults_file(&self) -> std::path::PathBuf {
        self.folder.path().join("faults.ndjson")
    }

    /// The refused lines: for each number the codes with their pointers, and the line.
    fn refused(&self) -> BTreeMap<u64, (Vec<String>, String)> {
        let text = std::fs::read_to_string(self.faults_file()).unwrap();
        let entry = |line: &str| {
            let entry: Value = serde_json::from_str(line).unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let faults = entry["faults"].as_array().unwrap().iter();
            let faults = faults.map(|fault| format!("{} {}", text(&fault["pointer"]), text(&fault["code"])));
            (entry["line"].as_u64().unwrap(), (faults.collect(), text(&entry["text"])))
        };
        let all: Vec<_> = text.lines().map(entry).collect();
        let count = all.len();
        let refused: BTreeMap<_, _> = all.into_iter().collect();
        assert_eq!(refused.len(), count, "a line is refused twice: {text}");
        refused
    }

    /// The codes of refused lines, by line.
    fn codes(&self) -> Vec<(u64, Vec<String>)> {
        self.refused().into_iter().map(|(number, (codes, _))| (number, codes)).collect()
    }

    /// The lines that `export` prints.
    async fn exported(&self, tenant: &str, kind: &'static Kind) -> Vec<String> {
        let service = ExportService::over(self.repository(None), collection(tenant, kind), true);
        let (mut lines, mut behind) = (Vec::new(), None);
        loop {
            let (ids, next) = service.page(behind.as_ref(), Timestamp::now()).await.unwrap();
            for ids in ids.chunks(100) {
                let records = service.records(ids, Timestamp::now()).await.unwrap();
                lines.extend(
                    records.into_iter().map(|it| serde_json::to_string(&RecordLine::from(it)).unwrap()),
                );
            }
            behind = next;
            if behind.is_none() {
                return lines;
            }
        }
    }

    /// The number of items of a tenant in a table.
    async fn count(&self, table: &str, tenant: &str) -> usize {
        let items = self.store.client().scan().table_name(self.store.table(table));
        let items: Vec<_> = items.into_paginator().items().send().collect::<Result<_, _>>().await.unwrap();
        let prefix = format!("{tenant}#");
        items.iter().filter(|item| item["pk"].as_s().unwrap().starts_with(&prefix)).count()
    }

    /// A proxy that passes a number of calls to DynamoDB. If `heard`, DynamoDB receives the next call, and
    /// its response is lost. All other calls hang. Returns the URL, and a notification of the first call that
    /// is not passed.
    async fn dying(&self, calls: usize, heard: bool) -> (String, Arc<Notify>) {
        let (count, died) = (AtomicUsize::new(0), Arc::new(Notify::new()));
        let notify = Arc::clone(&died);
        let fate = move |_: &str| match count.fetch_add(1, Ordering::Relaxed) {
            before if before < calls => Fault::Pass,
            before => {
                notify.notify_one();
                if before == calls && heard { Fault::LoseResponse } else { Fault::Hang }
            }
        };
        (dynamodb_proxy(self.store.endpoint(), fate).await.unwrap(), died)
    }

    /// Imports, and is killed after this number of calls. `None` if it was killed.
    async fn killed(
        &self,
        text: &str,
        settings: Settings,
        calls: usize,
        heard: bool,
    ) -> Option<anyhow::Result<Tally>> {
        let (endpoint, died) = self.dying(calls, heard).await;
        let settings = Settings { endpoint: Some(endpoint), ..settings };
        tokio::select! {
            done = self.import(text, settings) => Some(done),
            () = async {
                died.notified().await;
                // A call that was sent may still arrive.
                tokio::time::sleep(Duration::from_millis(20)).await;
            } => None,
        }
    }
}

/// A customer's line.
fn customer(number: usize) -> Value {
    json!({ "name": format!("Customer {number}"), "email": format!("c{number}@example.com") })
}

/// Lines as a file.
fn file(lines: &[Value]) -> String {
    lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect()
}

/// An id whose timestamp is this second of a fixed period.
fn id(second: u64) -> String {
    resource_api::domain::ResourceId::generate(Timestamp::from_epoch(1_700_000_000 + second, 0)).to_string()
}
