//! Formats the functions' log for a terminal: one line for each request, with the causes of a failure.

use std::env;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, stdout};

use anyhow::Result;
use serde_json::{Map, Value};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};

/// Members of a log line that are not printed as fields.
const ORIGIN: [&str; 5] = ["timestamp", "level", "message", "target", "span"];
/// The beginnings of the lines that `cargo lambda watch` prints when it starts or ends a process.
const PROCESSES: [&str; 4] =
    ["spawning function", "starting lambda", "terminating lambda", "starting Runtime server"];

/// The format of the printed lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// As the functions write them: JSON.
    Json,
    /// Readable text.
    Readable {
        /// Whether the text has colours.
        colours: bool,
    },
}

impl Format {
    /// JSON if standard output is not a terminal, or if `json` is set.
    pub(super) fn of_stdout(json: bool) -> Self {
        if json || !stdout().is_terminal() {
            return Self::Json;
        }
        // no-color.org
        let colours = env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self::Readable { colours }
    }
}

/// Prints the lines of a program, until it ends.
pub(super) async fn print(output: impl AsyncRead + Unpin, colours: bool) -> Result<()> {
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some(line) = readable(&line, colours) {
            println!("{line}");
        }
    }
    Ok(())
}

/// A line as readable text; `None` if it is left out. Lines that are not a function's log stay as they are.
fn readable(line: &str, colours: bool) -> Option<String> {
    let paint = Paint(colours);
    let Ok(Value::Object(event)) = serde_json::from_str(line) else {
        let noise =
            PROCESSES.iter().any(|start| line.trim_start().trim_start_matches("INFO ").starts_with(start));
        return (!noise).then(|| line.to_owned());
    };
    match text(&event, "message") {
        "request" => Some(request(&event, paint)),
        "batch" if number(&event, "records") == 0.0 && event.get("error").is_none() => None,
        "batch" => Some(batch(&event, paint)),
        message => Some(other(&event, message, paint)),
    }
}

fn request(event: &Map<String, Value>, paint: Paint) -> String {
    let status = number(event, "status");
    let colour = match status {
        500.0.. => Colour::Red,
        400.0.. => Colour::Yellow,
        _ => Colour::Green,
    };
    let mut line = format!(
        "{} {} {:6} {}  {}",
        time(event),
        paint.with(colour, &format!("{status}")),
        text(event, "method"),
        text(event, "path"),
        paint.with(Colour::Grey, &usage(event)),
    );
    add_causes(event, paint, &mut line);
    line
}

fn batch(event: &Map<String, Value>, paint: Paint) -> String {
    let records = number(event, "records");
    let line = format!("{} {}: {records} changes  {}", time(event), text(event, "function"), usage(event));
    let mut line = paint.with(Colour::Grey, &line);
    let unreadable = number(event, "unreadable");
    if unreadable > 0.0 {
        line.push_str(&paint.with(Colour::Red, &format!("\n         {unreadable} records cannot be read")));
    }
    add_causes(event, paint, &mut line);
    line
}

/// Any other event: its level, its message and its fields.
fn other(event: &Map<String, Value>, message: &str, paint: Paint) -> String {
    let level = text(event, "level");
    let colour = match level {
        "ERROR" => Colour::Red,
        "WARN" => Colour::Yellow,
        _ => Colour::Grey,
    };
    let mut line = format!("{} {} {message}", time(event), paint.with(colour, level));
    for (name, value) in event.iter().filter(|(name, _)| !ORIGIN.contains(&name.as_str())) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // Writing to a string cannot fail.
        let _ = write!(line, "\n         {name}: {}", value.trim_end());
    }
    line
}

/// The duration and usage of a request or a batch: `7.6 ms, PutItem UpdateItem×2, 5 write units`.
fn usage(event: &Map<String, Value>) -> String {
    let mut parts = vec![format!("{:.1} ms", number(event, "duration_ms"))];
    if number(event, "dynamodb_calls") > 0.0 {
        let operations = text(event, "dynamodb_operations").replace(":1", "").replace(',', " ");
        parts.push(operations.replace(':', "×"));
    }
    for (name, unit) in [("dynamodb_read_units", "read units"), ("dynamodb_write_units", "write units")] {
        let units = number(event, name);
        if units > 0.0 {
            parts.push(format!("{units} {unit}"));
        }
    }
    if let Some(cache) = event.get("cache").and_then(Value::as_str).filter(|cache| *cache != "off") {
        parts.push(format!("cache {cache}"));
    }
    if event.get("cold_start") == Some(&Value::Bool(true)) {
        parts.push("cold start".to_owned());
    }
    parts.join(", ")
}

/// Adds the problem code of the response and the causes of the error, one a line.
fn add_causes(event: &Map<String, Value>, paint: Paint, line: &mut String) {
    let code = event.get("code").and_then(Value::as_str).unwrap_or_default();
    let error = event.get("error").and_then(Value::as_str).unwrap_or_default();
    let causes = [code].into_iter().chain(error.split(": ")).filter(|cause| !cause.is_empty());
    for (depth, cause) in causes.enumerate() {
        let indent = "  ".repeat(depth);
        let _ = write!(line, "\n         {indent}{}", paint.with(Colour::Grey, cause));
    }
}

/// The time of day in UTC, to the second.
fn time(event: &Map<String, Value>) -> String {
    let timestamp = text(event, "timestamp");
    timestamp.get(11..19).unwrap_or("--:--:--").to_owned()
}

fn text<'a>(event: &'a Map<String, Value>, name: &str) -> &'a str {
    event.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(event: &Map<String, Value>, name: &str) -> f64 {
    event.get(name).and_then(Value::as_f64).unwrap_or_default()
}

#[derive(Debug, Clone, Copy)]
enum Colour {
    Red,
    Green,
    Yellow,
    Grey,
}

/// Colours text, if colours are on (ECMA-48, Select Graphic Rendition).
#[derive(Debug, Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn with(self, colour: Colour, text: &str) -> String {
        if !self.0 {
            return text.to_owned();
        }
        let code = match colour {
            Colour::Red => 31,
            Colour::Green => 32,
            Colour::Yellow => 33,
            Colour::Grey => 90,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::readable;

    #[rstest]
    #[case::success(
        r#"{"timestamp":"2026-11-25T17:49:54.841794Z","level":"INFO","message":"request","route":"create-resource","method":"POST","path":"/api/resources","status":201,"caller":"c","duration_ms":7.593,"cold_start":true,"dynamodb_calls":2,"dynamodb_operations":"PutItem:1,UpdateItem:2","dynamodb_read_units":0.0,"dynamodb_write_units":5.0,"target":"t","span":{"name":"request"}}"#,
        "17:49:54 201 POST   /api/resources  7.6 ms, PutItem UpdateItem×2, 5 write units, cold start"
    )]
    #[case::a_client_error(
        r#"{"timestamp":"2026-11-25T17:49:54.841794Z","level":"INFO","message":"request","method":"GET","path":"/api/resources","status":401,"code":"invalid_token","duration_ms":0.349,"cold_start":false,"dynamodb_calls":0,"error":"invalid token: it has expired"}"#,
        "17:49:54 401 GET    /api/resources  0.3 ms\n         invalid_token\n           invalid token\n             it has expired"
    )]
    #[case::a_warning(
        r#"{"timestamp":"2026-11-25T17:49:54.841794Z","level":"WARN","message":"the cache does not respond; reads are served from DynamoDB","error":"timed out","target":"t"}"#,
        "17:49:54 WARN the cache does not respond; reads are served from DynamoDB\n         error: timed out"
    )]
    #[case::changes(
        r#"{"timestamp":"2026-11-25T17:49:54.841794Z","message":"batch","function":"process-changes","records":2,"unreadable":1,"duration_ms":9.293,"dynamodb_calls":1,"dynamodb_operations":"BatchGetItem:1","dynamodb_read_units":1.0,"dynamodb_write_units":0.0}"#,
        "17:49:54 process-changes: 2 changes  9.3 ms, BatchGetItem, 1 read units\n         1 records cannot be read"
    )]
    #[case::a_compiler_error("error[E0425]: cannot find value `x`", "error[E0425]: cannot find value `x`")]
    #[case::json_of_others("[1, 2]", "[1, 2]")]
    fn a_line_is_made_readable(#[case] line: &str, #[case] expected: &str) {
        assert_eq!(readable(line, false).as_deref(), Some(expected));
    }

    #[rstest]
    #[case(r#"{"message":"batch","function":"process-changes","records":0,"duration_ms":0.1}"#)]
    #[case(r#" INFO starting lambda function instance function="health" instance_id=1"#)]
    #[case(r" INFO terminating lambda scheduler")]
    fn what_says_nothing_is_left_out(#[case] line: &str) {
        assert_eq!(readable(line, false), None);
    }

    #[test]
    fn a_status_has_the_colour_of_its_class() {
        let line = |status: u16| format!(r#"{{"message":"request","status":{status}}}"#);
        for (status, colour) in
            [(200, "\u{1b}[32m200"), (304, "\u{1b}[32m304"), (404, "\u{1b}[33m404"), (503, "\u{1b}[31m503")]
        {
            assert!(readable(&line(status), true).unwrap().contains(colour), "{status}");
        }
    }
}
