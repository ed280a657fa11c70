//! `cargo xtask export`: prints the records of a kind with all fields, one a line, in the order of creation.

use std::io::{self, ErrorKind, Write};
use std::time::Duration;

use anyhow::{Context as _, Error, Result, ensure};
use futures_util::{TryStreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use resource_api::domain::{Collection, Position, RecordLine, Resource, ResourceId, Timestamp};
use resource_api::service::ExportService;

use crate::local;
use crate::store::{FIRST_PATIENCE, PATIENCE, StoreOptions, within};

/// The number of records in one read.
const READ: usize = 100;
/// The number of concurrent reads. DynamoDB returns at most 16 MB in each.
const CONCURRENCY: usize = 4;
/// The size of the output buffer, in bytes.
const BUFFER: usize = 1 << 16;

/// The options of `export`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The kind of the records, also one of the example shop
    kind: String,
    /// The tenant of the records
    #[arg(long, default_value = "default")]
    tenant: String,
    /// Starts after the record with this id, to continue an earlier export
    #[arg(long)]
    after: Option<String>,
    /// Also prints deleted records that can still be restored
    #[arg(long)]
    deleted: bool,
    #[command(flatten)]
    store: StoreOptions,
}

/// Prints the records.
pub(crate) async fn run(options: &Options) -> Result<()> {
    let collection =
        Collection { tenant: local::tenant(&options.tenant)?, kind: local::find_kind(&options.kind)? };
    let after = options
        .after
        .as_deref()
        .map(|id| ResourceId::parse(id).context("--after must be the id of a record"))
        .transpose()?;
    let (client, endpoint) = options.store.connect(&["ResourcesTable"]).await?;
    let service = ExportService::over(local::resources(client)?, collection, options.deleted);
    let cannot = || format!("cannot export from {endpoint}");
    ensure!(
        !within(FIRST_PATIENCE, service.has_more_shards()).await.with_context(cannot)?,
        "the lists have more partitions than LISTING_SHARDS; set LISTING_SHARDS to the value of the functions"
    );
    let mut output = Output::new(io::stdout().lock(), after, &options.kind)?;
    let read = print(&service, after, &mut output).await;
    // The records that were read before a failure are printed, so that they need not be read again.
    let printed = output.flush();
    output.bar.finish_and_clear();
    if let Err(error) = printed {
        // The reader has closed the pipe.
        if error.kind() == ErrorKind::BrokenPipe {
            return Ok(());
        }
        return Err(Error::from(error).context(
            "cannot write the output. It may end with an incomplete line: remove that line, and continue with --after and the id of the last complete line",
        ));
    }
    if let Err(error) = read {
        let again = output.last.map(|id| format!("; continue with --after {id}"));
        return Err(error.context(format!("{}{}", cannot(), again.unwrap_or_default())));
    }
    eprintln!("{} of the tenant {}: {} printed", options.kind, options.tenant, output.count);
    Ok(())
}

/// Prints the records after one.
async fn print(
    service: &ExportService,
    after: Option<ResourceId>,
    output: &mut Output<impl Write>,
) -> Result<()> {
    // The position of a page; `None` after the last page.
    let first: Option<Option<Position>> = Some(after.map(|id| id.to_string()));
    let pages = stream::try_unfold(first, async |position| {
        let Some(position) = position else { return Ok::<_, Error>(None) };
        let (ids, next) = within(PATIENCE, service.page(position.as_ref(), Timestamp::now())).await?;
        Ok(Some((ids, next.map(Some))))
    });
    let chunks = pages.map_ok(|ids| {
        let chunks: Vec<_> = ids.chunks(READ).map(<[_]>::to_vec).collect();
        stream::iter(chunks.into_iter().map(Ok))
    });
    let reads = chunks.try_flatten().map_ok(|ids: Vec<ResourceId>| async move {
        within(PATIENCE, service.records(&ids, Timestamp::now())).await
    });
    let mut read = std::pin::pin!(reads.try_buffered(CONCURRENCY));
    while let Some(records) = read.try_next().await? {
        for record in records {
            output.print(record)?;
            if output.failure.is_some() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The output and the progress.
struct Output<W: Write> {
    to: W,
    /// Lines that are not written yet.
    buffer: Vec<u8>,
    bar: ProgressBar,
    count: u64,
    /// The error of a write. It is not known how much of the buffer was written.
    failure: Option<io::Error>,
    /// The last record that was read, and the last one that was written.
    read: Option<ResourceId>,
    last: Option<ResourceId>,
}

impl<W: Write> Output<W> {
    fn new(to: W, after: Option<ResourceId>, kind: &str) -> Result<Self> {
        let template = format!("{{spinner}} {{human_pos}} {kind}, {{per_sec}}, {{elapsed}}");
        let bar = ProgressBar::no_length().with_style(ProgressStyle::with_template(&template)?);
        bar.enable_steady_tick(Duration::from_millis(200));
        Ok(Self { to, buffer: Vec::new(), failure: None, bar, count: 0, read: after, last: after })
    }

    fn print(&mut self, record: Resource) -> Result<()> {
        let id = record.id;
        serde_json::to_writer(&mut self.buffer, &RecordLine::from(record))?;
        self.buffer.push(b'\n');
        self.count += 1;
        self.read = Some(id);
        self.bar.inc(1);
        if self.buffer.len() >= BUFFER {
            self.failure = self.flush().err();
        }
        Ok(())
    }

    /// Writes the buffer.
    fn flush(&mut self) -> io::Result<()> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        self.to.write_all(&self.buffer)?;
        self.to.flush()?;
        self.buffer.clear();
        self.last = self.read;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
