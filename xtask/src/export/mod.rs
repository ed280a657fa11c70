//! `cargo xtask export`: prints the records of a kind, whole, one a line, in the order of creation.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::time::Duration;

use anyhow::{Context as _, Error, Result, ensure};
use futures_util::{TryStreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use resource_api::domain::{Collection, Position, RecordLine, Resource, ResourceId, Timestamp};
use resource_api::service::ExportService;

use crate::local;
use crate::store::{FIRST_PATIENCE, PATIENCE, StoreOptions, within};

/// The records of one read.
const READ: usize = 100;
/// The reads that are made at the same time. DynamoDB gives 16 MB at most in each.
const CONCURRENCY: usize = 4;

/// What `export` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The kind of the records, also one of the example shop
    kind: String,
    /// Whose records
    #[arg(long, default_value = "default")]
    tenant: String,
    /// Begins behind the record of this id: the last one that was printed before
    #[arg(long)]
    after: Option<String>,
    /// Prints deleted records, too, as long as they can be restored
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
        .map(|id| ResourceId::parse(id).context("--after takes an id"))
        .transpose()?;
    let (client, endpoint) = options.store.connect(&["ResourcesTable"]).await?;
    let service = ExportService::over(local::resources(client)?, collection, options.deleted);
    let cannot = || format!("cannot export from {endpoint}");
    ensure!(
        !within(FIRST_PATIENCE, service.has_more_shards()).await.with_context(cannot)?,
        "the lists have more partitions than LISTING_SHARDS says here; set it as the functions have it"
    );
    let mut output = Output::new(io::stdout().lock(), after, &options.kind)?;
    let printed = print(&service, after, &mut output).await.and_then(|()| output.flush());
    output.bar.finish_and_clear();
    match printed {
        Err(error) if is_broken_pipe(&error) => return Ok(()),
        Err(error) => {
            let again = output.last.map(|id| format!("; --after {id} goes on behind what is printed"));
            return Err(error.context(format!("{}{}", cannot(), again.unwrap_or_default())));
        }
        Ok(()) => {}
    }
    eprintln!("{} {} of the tenant {} printed", output.count, options.kind, options.tenant);
    Ok(())
}

/// Prints the records behind one.
async fn print(
    service: &ExportService,
    after: Option<ResourceId>,
    output: &mut Output<impl Write>,
) -> Result<()> {
    // The position of a page; `None` behind the last one.
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
        }
    }
    Ok(())
}

/// Where lines go, and what has gone there.
struct Output<W: Write> {
    to: BufWriter<W>,
    bar: ProgressBar,
    count: u64,
    last: Option<ResourceId>,
}

impl<W: Write> Output<W> {
    fn new(to: W, after: Option<ResourceId>, kind: &str) -> Result<Self> {
        let template = format!("{{spinner}} {{human_pos}} {kind}, {{per_sec}}, {{elapsed}}");
        let bar = ProgressBar::no_length().with_style(ProgressStyle::with_template(&template)?);
        bar.enable_steady_tick(Duration::from_millis(200));
        Ok(Self { to: BufWriter::with_capacity(1 << 16, to), bar, count: 0, last: after })
    }

    fn print(&mut self, record: Resource) -> Result<()> {
        let id = record.id;
        let mut line = serde_json::to_vec(&RecordLine::from(record))?;
        line.push(b'\n');
        self.to.write_all(&line)?;
        self.count += 1;
        self.last = Some(id);
        self.bar.inc(1);
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(self.to.flush()?)
    }
}

/// Whether nobody reads what is printed any more.
fn is_broken_pipe(error: &Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests;
