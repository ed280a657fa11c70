//! The page `docs/costs.md`.

use std::fmt::{Result, Write as _};

use super::operations::{CREATE, DELETE, EXPAND, LIST, PATCH, READ, SEARCH};
use super::prices::{self, Cost, Taken};
use super::{ACCESS_LOG, Line, SECONDS};

/// The requests of the example month, and the shares of its operations.
const MONTH: f64 = 10e6;
const SHARES: [(&str, f64); 6] =
    [(READ, 0.60), (LIST, 0.25), (SEARCH, 0.05), (CREATE, 0.04), (PATCH, 0.05), (DELETE, 0.01)];
/// The three lines that Lambda logs for each invocation in its text format, in bytes (docs/operations.md).
const LAMBDA_LINES: f64 = 262.0;
/// The read units of a scan of 10,000 records of 1 KB, eventually consistent.
const SCAN: f64 = 1_250.0;
/// The time of ten further calls, one after another, in seconds.
const TEN_CALLS: f64 = 0.05;

/// Writes the page.
pub(super) fn write(lines: &[Line], memory: u64) -> std::result::Result<String, std::fmt::Error> {
    let mut page = String::new();
    introduction(&mut page, memory)?;
    operations(&mut page, lines)?;
    month(&mut page, lines)?;
    page.push_str(IDLE);
    without(&mut page, lines, memory)?;
    Ok(page)
}

fn introduction(page: &mut String, memory: u64) -> Result {
    writeln!(
        page,
        "# Costs

What requests cost in AWS: `cargo xtask bench costs --write` counts what each takes, and writes this page. The prices are list prices in
US dollars for `{}` as of {}, without the free tier:

| what | price |
| --- | --- |
| a million requests to an HTTP API | {:.2} |
| a million invocations of a function | {:.2} |
| a GB-second of a function on arm64 | {:.10} |
| a million read units of DynamoDB, on demand | {:.3} |
| a million write units | {:.3} |
| a GB of logs | {:.2} |
| a GB sent to the internet | {:.2} |

Calls, units, and bytes of logs and of responses are counted in release binaries over an embedded DynamoDB, with the defaults and with clients that take
gzip. Compute is an estimate: {:.0} ms at {memory} MB for each invocation. Each request also has a line of {ACCESS_LOG:.0} bytes in the
gateway's access log.
",
        prices::REGION,
        prices::DATE,
        prices::GATEWAY_REQUESTS,
        prices::INVOCATIONS,
        prices::GB_SECOND,
        prices::READ_UNITS,
        prices::WRITE_UNITS,
        prices::LOGS,
        prices::TRANSFER,
        SECONDS * 1e3,
    )
}

fn operations(page: &mut String, lines: &[Line]) -> Result {
    writeln!(
        page,
        "## By operation

Resources of about 1 KB, with one searched word each. \"Often\" is a caller of ten requests a second, for whom an instance takes several tokens of the
[rate limit](rate-limits.md#blocks) in one write; \"seldom\" is one for whom each request writes. The rows \"afterwards\" are the functions on
the stream, with one change in each batch; the costs of the writes above include them.

| operation | calls | read units | write units | log bytes | response bytes | a million, often | seldom |
| --- | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    for line in lines {
        let counted = line.counted;
        let [often, seldom] = line.taken.map(|taken| taken.cost().total());
        writeln!(
            page,
            "| {} | {} | {} | {} | {:.0} | {:.0} | {often:.2} | {seldom:.2} |",
            line.name, counted.calls, counted.read_units, counted.write_units, counted.logged, counted.sent
        )?;
    }
    writeln!(page, "\nCalls and units are those of seldom callers. What makes up the costs:\n")?;
    writeln!(page, "| a million | gateway | Lambda | DynamoDB | logs | transfer | together |")?;
    writeln!(page, "| --- | --- | --- | --- | --- | --- | --- |")?;
    for name in [READ, LIST, CREATE] {
        for (caller, taken) in ["often", "seldom"].iter().zip(taken(lines, name)) {
            row(page, &format!("{name}, {caller}"), taken.cost())?;
        }
    }
    Ok(())
}

fn month(page: &mut String, lines: &[Line]) -> Result {
    let share = |(name, share): &(&str, f64)| format!("{:.0}% {name}", share * 100.0);
    let shares: Vec<_> = SHARES.iter().map(share).collect();
    writeln!(page, "\n## A month\n\n{:.0} million requests: {}.\n", MONTH / 1e6, shares.join(", "))?;
    writeln!(page, "| a month | gateway | Lambda | DynamoDB | logs | transfer | together |")?;
    writeln!(page, "| --- | --- | --- | --- | --- | --- | --- |")?;
    for (number, caller) in ["all callers often", "all callers seldom"].into_iter().enumerate() {
        let all = SHARES.iter().fold(Taken::default(), |sum, (name, share)| {
            sum + taken(lines, name)[number] * (*share * MONTH / 1e6)
        });
        row(page, caller, all.cost())?;
    }
    Ok(())
}

const IDLE: &str = "
## Idle

Nothing runs without requests, and nothing is provisioned. What is stored costs 0.25 a GB and month in DynamoDB, 0.20 for its continuous
backups, and 0.03 in CloudWatch Logs. What you turn on has a monthly price of its own: a secret in Secrets Manager 0.40, a key of
your own in KMS 1.00, and [alarms, metrics and the dashboard](operations.md#what-it-costs). A cache is a server of yours.

";

fn without(page: &mut String, lines: &[Line], memory: u64) -> Result {
    let [_, read] = taken(lines, READ);
    let [_, list] = taken(lines, LIST);
    let [_, expand] = taken(lines, EXPAND);
    let naive =
        |taken: Taken| taken + Taken { read_units: 0.5, logged_bytes: LAMBDA_LINES, ..Taken::default() };
    #[expect(clippy::cast_precision_loss, reason = "hundreds of megabytes")]
    let waiting = Taken { gb_seconds: TEN_CALLS * memory as f64 / 1024.0, ..Taken::default() };
    writeln!(
        page,
        "## The same with common patterns

What the same requests cost where the limiter reads its counter before it writes it, Lambda logs its own three lines for each invocation, a
list is a scan with a filter, and related records are read one by one. All else is as above, for seldom callers.

| a million | gateway | Lambda | DynamoDB | logs | transfer | together |
| --- | --- | --- | --- | --- | --- | --- |"
    )?;
    row(page, READ, read.cost())?;
    row(page, "with such a limiter and log", naive(read).cost())?;
    row(page, LIST, list.cost())?;
    row(
        page,
        "by a scan of 10,000 records",
        (naive(list) + Taken { read_units: SCAN - list.read_units, ..Taken::default() }).cost(),
    )?;
    row(page, EXPAND, expand.cost())?;
    row(page, "with ten reads of 5 ms", (naive(expand) + waiting).cost())
}

fn row(page: &mut String, name: &str, cost: Cost) -> Result {
    let Cost { gateway, lambda, dynamodb, logs, transfer } = cost;
    writeln!(
        page,
        "| {name} | {gateway:.2} | {lambda:.2} | {dynamodb:.2} | {logs:.2} | {transfer:.2} | {:.2} |",
        cost.total()
    )
}

/// What an operation takes for callers that send many requests, and for others.
fn taken(lines: &[Line], name: &str) -> [Taken; 2] {
    lines.iter().find(|line| line.name == name).map(|line| line.taken).unwrap_or_default()
}
