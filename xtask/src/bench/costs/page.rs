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

What requests cost in AWS. `cargo xtask bench costs --write` measures what each operation consumes, and writes this page. Prices are list prices in
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

Calls, capacity units and bytes are measured with release binaries over an embedded DynamoDB, with the default configuration and clients that accept
gzip. The duration of an invocation is an estimate: {:.0} ms at {memory} MB. The access log of API Gateway adds a line of {ACCESS_LOG:.0} bytes for each
request.
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

Resources of about 1 KB, with one searched word each. A frequent caller sends ten requests a second, so that an instance takes
[blocks of tokens](rate-limits.md#blocks) for it; for any other caller, each request writes the token bucket. The rows \"afterwards\" are
`process-changes`, invoked with one stream record. The costs of writes include it.

| operation | calls | read units | write units | log bytes | response bytes | a million, frequent caller | other callers |
| --- | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    for line in lines {
        let counted = line.counted;
        let [often, seldom] = line.taken.map(|taken| taken.cost().total());
        writeln!(
            page,
            "| {} | {} | {} | {} | {:.0} | {:.0} | {often:.2} | {seldom:.2} |",
            line.name,
            counted.used.calls,
            counted.used.read_units,
            counted.used.write_units,
            counted.logged,
            counted.sent
        )?;
    }
    writeln!(page, "\nCalls and units are those without blocks of tokens. The components of the costs:\n")?;
    writeln!(page, "| a million | gateway | Lambda | DynamoDB | logs | transfer | together |")?;
    writeln!(page, "| --- | --- | --- | --- | --- | --- | --- |")?;
    for name in [READ, LIST, CREATE] {
        for (caller, taken) in ["frequent caller", "other callers"].iter().zip(taken(lines, name)) {
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
    for (number, caller) in ["frequent callers", "other callers"].into_iter().enumerate() {
        let all = SHARES.iter().fold(Taken::default(), |sum, (name, share)| {
            sum + taken(lines, name)[number] * (*share * MONTH / 1e6)
        });
        row(page, caller, all.cost())?;
    }
    Ok(())
}

const IDLE: &str = "
## Idle

Without requests, only storage is billed, for each GB and month: 0.25 in DynamoDB, 0.20 for its continuous backups, 0.03 in CloudWatch Logs. Optional parts
have monthly prices: a secret in Secrets Manager 0.40, a customer managed key in KMS 1.00,
[alarms, metrics and the dashboard](operations.md#what-it-costs), and the server of a [cache](caching.md), which the stack does not create.

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
        "## Compared with common patterns

The same requests in a back end whose rate limiter reads a counter and then writes it, which keeps the three lines that Lambda logs for each invocation,
lists with a Scan and a filter, and reads related records one by one. Everything else is as above, without blocks of tokens.

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
