//! `cargo xtask import`: writes the records of a file into the tables, each once, while the API serves
//! requests.
//!
//! First every line is validated, unless refused lines are skipped; then the records are written. An
//! interrupted import resumes where it was.

mod chunks;
mod deferred;
mod input;
mod job;
mod lines;
mod position;
mod report;
mod validate;
mod write;

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use resource_api::domain::{Announcement, Collection};
use resource_api::repository::FirstImports;
use resource_api::service::{ImportOptions, ImportService};

use self::input::Input;
use self::job::{Job, Tally};
use self::position::Position;
use self::report::Report;
use crate::local::{self, table_name, target};
use crate::store::{DEPLOYED_RATE, PATIENCE, Pace, StoreOptions, rate};

/// The tables that it uses.
const TABLES: [&str; 3] = ["ResourcesTable", "UniqueValuesTable", "IdempotencyTable"];

/// The options of `import`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The kind of the records, also one of the example shop
    kind: String,
    /// A file with a record in each line, as `export` prints them; `-` for standard input
    file: String,
    /// The tenant of the records
    #[arg(long, default_value = "default")]
    tenant: String,
    /// `stop` validates all lines first, and writes nothing if one is refused; `skip` leaves refused lines out
    #[arg(long, value_enum, default_value_t = OnFault::Stop)]
    on_fault: OnFault,
    /// Writes refused lines to this file, one JSON object each: `line`, `faults` and `text`
    #[arg(long)]
    faults: Option<PathBuf>,
    /// Write capacity units a second, on average [default: 500 with --deployed, else no limit]
    #[arg(long, value_parser = rate)]
    rate: Option<f64>,
    /// Publishes an event for each record, as for records that are created
    #[arg(long)]
    events: bool,
    /// Starts over instead of resuming an interrupted import
    #[arg(long)]
    from_start: bool,
    /// Accepts references to resources that must exist and do not
    #[arg(long)]
    allow_missing_references: bool,
    #[command(flatten)]
    store: StoreOptions,
}

/// The effect of a refused line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OnFault {
    Stop,
    Skip,
}

/// Imports the file, and prints the counts.
pub(crate) async fn run(options: Options) -> Result<()> {
    let started = Instant::now();
    let collection =
        Collection { tenant: local::tenant(&options.tenant)?, kind: local::find_kind(&options.kind)? };
    let is_own = options.faults.as_deref().is_some_and(|faults| is_same_file(&options.file, faults));
    ensure!(!is_own, "--faults is the file that is imported; choose another");
    let input = Input::open(&options.file).with_context(|| format!("cannot read {}", options.file))?;
    let (client, endpoint) = options.store.connect(&TABLES).await?;
    let identity = format!(
        "{endpoint} {:?} {collection} {} {:?} {:?} {} {} {}",
        ["ResourcesTable", "UniqueValuesTable", "IdempotencyTable"].map(table_name),
        input.digest,
        options.on_fault,
        options.faults,
        options.events,
        options.allow_missing_references,
        local::declared(),
    );
    let mut position = Position::load(&target().join("import"), &identity)?;
    if options.from_start {
        position = position.anew();
    }
    let first_imports = FirstImports::new(client.clone(), table_name("IdempotencyTable"));
    let announcement = if options.events { Announcement::Event } else { Announcement::None };
    let import_options =
        ImportOptions { announcement, allow_missing_references: options.allow_missing_references };
    let writes = local::writes(client).await?;
    let service = ImportService::over(writes, first_imports, collection, import_options);
    let rate = options.rate.or(options.store.deployed.then_some(DEPLOYED_RATE));
    let faults = options.faults.clone();
    let report = |length| Report::open(&options.file, options.faults, length);
    let job =
        Job { service, input, on_fault: options.on_fault, pace: rate.map(Pace::new), patience: PATIENCE };
    if position.validated || position.place.number > 1 {
        eprintln!(
            "Resuming at line {}; {} were refused before",
            position.place.number,
            lines(position.tally.refused)
        );
    }
    let tally = Box::pin(job.run(position, report))
        .await
        .with_context(|| format!("cannot import into {endpoint}"))?;
    let Tally { stored, there, refused, write_units } = tally;
    println!(
        "{}: {} of the tenant {} in {endpoint}: {stored} stored now, {there} before; {write_units} write units, {:.1?}",
        options.kind,
        lines(stored + there),
        options.tenant,
        started.elapsed()
    );
    let named =
        faults.map_or_else(|| "for the reasons above".to_owned(), |file| format!("see {}", file.display()));
    ensure!(refused == 0, "{} refused, {named}", lines(refused));
    Ok(())
}

/// A number of lines, in words.
fn lines(count: u64) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
}

/// Whether refused lines would overwrite the imported file, also under another name.
fn is_same_file(file: &str, faults: &Path) -> bool {
    let identity = |metadata: &Metadata| (metadata.dev(), metadata.ino());
    matches!((fs::metadata(file), fs::metadata(faults)), (Ok(file), Ok(faults)) if identity(&file) == identity(&faults))
}

#[cfg(test)]
mod tests;
