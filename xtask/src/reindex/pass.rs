//! One pass over a table, page by page.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use resource_api::Error;
use resource_api::repository::sdk::Client;
use resource_api::repository::{self, Item, StoredUniqueValue, StoredVersion, Word};
use resource_api::service::{HistoryRepair, Reindex, SharedValue};
use resource_api::telemetry::usage;

use super::position::{Position, Stage};
use super::table::Table;
use crate::local::ALL_KINDS;
use crate::store::Pace;

/// The number of items in a page.
const PAGE: i32 = 100;

/// A pass over tables.
pub(super) struct Pass<'a> {
    pub(super) client: &'a Client,
    pub(super) reindex: Reindex,
    /// The repair of the history, after a restore.
    pub(super) history: Option<HistoryRepair>,
    pub(super) pace: Pace,
}

impl Pass<'_> {
    /// Scans a table from a position on, and processes each page.
    pub(super) async fn over(&mut self, table: &Table, position: &mut Position) -> Result<()> {
        let bar = progress(table, position)?;
        loop {
            let scanned = self
                .client
                .scan()
                .table_name(&table.name)
                .limit(PAGE)
                .set_exclusive_start_key(position.key())
                .send()
                .await
                .with_context(|| format!("cannot read {}", table.name))?;
            let items = scanned.items.unwrap_or_default();
            let count = items.len() as u64;
            let (done, usage) = usage::measured(self.page(position.stage, items)).await;
            for shared in done.map_err(|error| anyhow!(error.chain()))? {
                bar.suspend(|| eprintln!("{shared}"));
                position.shared += 1;
            }
            bar.inc(count);
            let more = scanned.last_evaluated_key.is_some();
            if more {
                position.advance(scanned.last_evaluated_key, count)?;
                self.pace.spend(usage.write_units).await;
            } else {
                position.done += count;
                bar.finish();
                return Ok(());
            }
        }
    }

    /// Processes the items of a page in a stage. Returns the unique values that several resources have.
    async fn page(&self, stage: Stage, items: Vec<Item>) -> Result<Vec<SharedValue>, Error> {
        match stage {
            Stage::Resources => {
                let key =
                    |item: Item| Ok(repository::resource_key(&item, *ALL_KINDS)?.map(|key| (key, item)));
                let declared = items.into_iter().map(key).filter_map(Result::transpose);
                let declared = declared.collect::<Result<Vec<_>, Error>>()?;
                if let Some(history) = &self.history {
                    history.add_present(declared.iter().map(|(key, _)| key.clone()).collect()).await?;
                }
                self.reindex.write(declared).await
            }
            Stage::UniqueValues => {
                let stored = read(&items, |item| StoredUniqueValue::of_item(item, *ALL_KINDS))?;
                self.reindex.remove_stale_values(&stored).await.map(|()| Vec::new())
            }
            Stage::Words => {
                let words = read(&items, |item| Word::of_item(item, *ALL_KINDS))?;
                self.reindex.remove_stale(&words).await.map(|()| Vec::new())
            }
            Stage::Versions => {
                let versions = read(&items, |item| StoredVersion::of_item(item, *ALL_KINDS))?;
                if let Some(history) = &self.history {
                    history.remove_unreached(&versions).await?;
                }
                Ok(Vec::new())
            }
        }
    }
}

/// Reads items, and leaves out those of undeclared kinds.
fn read<T>(items: &[Item], of_item: impl Fn(&Item) -> Result<Option<T>, Error>) -> Result<Vec<T>, Error> {
    items.iter().map(of_item).filter_map(Result::transpose).collect()
}

fn progress(table: &Table, position: &Position) -> Result<ProgressBar> {
    let counts = if table.items > 0 { "{bar:40} {human_pos}/{human_len}" } else { "{spinner} {human_pos}" };
    let template = format!("{counts} {}, {{per_sec}}, {{elapsed}}", position.stage.plural());
    let bar = ProgressBar::new(table.items).with_style(ProgressStyle::with_template(&template)?);
    bar.set_position(position.done);
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar)
}
