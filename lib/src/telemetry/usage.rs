//! What a request asked of DynamoDB and of the cache: calls and capacity units, gathered while it runs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;

tokio::task_local! {
    static USAGE: RefCell<Usage>;
}

/// Calls made and capacity units consumed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usage {
    /// How often each operation was sent, retries counted.
    pub calls: BTreeMap<String, u32>,
    /// Read capacity units, of the table and its indexes.
    pub read_units: f64,
    /// What became of the reads by id at the cache; the worst of them.
    pub cache: Option<CacheUse>,
    /// How often a change was attempted again because another one came first.
    pub conflicts_retried: u32,
    /// Write capacity units, of the table and its indexes. DynamoDB does not report those of a failed condition.
    pub write_units: f64,
}

impl Usage {
    /// All calls, whatever the operation.
    pub fn total_calls(&self) -> u32 {
        self.calls.values().sum()
    }

    /// The operations with their number of calls: `Query:3`.
    pub fn operations(&self) -> String {
        let operations: Vec<_> = self.calls.iter().map(|(name, calls)| format!("{name}:{calls}")).collect();
        operations.join(",")
    }
}

/// What became of a read at the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CacheUse {
    /// There is none.
    Off,
    /// Everything was in it.
    Hit,
    /// Something was not, and came from the store.
    Miss,
    /// It was not asked, because the caller said so, or did not answer.
    Bypass,
}

impl CacheUse {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Bypass => "bypass",
        }
    }
}

/// Runs a request and tells what it used.
pub async fn measured<F: Future>(request: F) -> (F::Output, Usage) {
    USAGE
        .scope(RefCell::default(), async {
            let output = request.await;
            (output, USAGE.with(RefCell::take))
        })
        .await
}

/// Counts one call. Outside a request nothing is counted.
pub fn count_call(operation: &str) {
    update(|usage| *usage.calls.entry(operation.to_owned()).or_default() += 1);
}

/// Notes what became of a read at the cache.
pub fn note_cache(cache: CacheUse) {
    update(|usage| usage.cache = usage.cache.max(Some(cache)));
}

/// Counts a change that is attempted again because another one came first.
pub fn count_conflict() {
    update(|usage| usage.conflicts_retried += 1);
}

/// Counts capacity units that were read.
pub fn count_read_units(units: f64) {
    update(|usage| usage.read_units += units);
}

/// Counts capacity units that were written.
pub fn count_write_units(units: f64) {
    update(|usage| usage.write_units += units);
}

fn update(change: impl FnOnce(&mut Usage)) {
    // An error says that there is no request: a connection warmed at start, a developer's command.
    let _ = USAGE.try_with(|usage| change(&mut usage.borrow_mut()));
}
