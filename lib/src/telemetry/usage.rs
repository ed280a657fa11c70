//! The usage of DynamoDB and the cache by a request: calls and capacity units, counted while it runs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;

tokio::task_local! {
    static USAGE: RefCell<Usage>;
}

/// Calls made and capacity units consumed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usage {
    /// How often each operation was sent, including retries.
    pub calls: BTreeMap<String, u32>,
    /// Read capacity units, of the table and its indexes.
    pub read_units: f64,
    /// The result of the reads by id in the cache; the worst of them.
    pub cache: Option<CacheUse>,
    /// How often a change was retried because of a conflict.
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

/// The result of a read in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CacheUse {
    /// There is no cache.
    Off,
    /// Everything was in the cache.
    Hit,
    /// Something was read from DynamoDB.
    Miss,
    /// The cache was not used, because the caller requested it, or it did not respond.
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

/// Runs a request, and returns its usage.
pub async fn measured<F: Future>(request: F) -> (F::Output, Usage) {
    USAGE
        .scope(RefCell::default(), async {
            let output = request.await;
            (output, USAGE.with(RefCell::take))
        })
        .await
}

/// Counts one call, if a request is running.
pub fn count_call(operation: &str) {
    update(|usage| *usage.calls.entry(operation.to_owned()).or_default() += 1);
}

/// Records the result of a read in the cache.
pub fn note_cache(cache: CacheUse) {
    update(|usage| usage.cache = usage.cache.max(Some(cache)));
}

/// Counts a change that is retried because of a conflict.
pub fn count_conflict() {
    update(|usage| usage.conflicts_retried += 1);
}

/// Counts consumed read capacity units.
pub fn count_read_units(units: f64) {
    update(|usage| usage.read_units += units);
}

/// Counts consumed write capacity units.
pub fn count_write_units(units: f64) {
    update(|usage| usage.write_units += units);
}

fn update(change: impl FnOnce(&mut Usage)) {
    // It fails if no request is running, such as at start-up or in a developer's command.
    let _ = USAGE.try_with(|usage| change(&mut usage.borrow_mut()));
}
