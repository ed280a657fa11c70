//! The output of log events and panics.

use std::backtrace::Backtrace;
use std::io::{Write as _, stdout};

use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::write_lines_to;
use crate::config::LoggingConfig;

/// Sends log events, the lines of requests and panics to standard output. Call it once, at start-up.
pub fn init(config: LoggingConfig) {
    // It fails if there is a subscriber already.
    let _ = json_lines(config, stdout).try_init();
    write_lines_to(|line| {
        // If standard output is closed, the error cannot be reported anywhere.
        let _ = stdout().write_all(line);
    });
    log_panics();
}

/// Writes log events as JSON lines, each with the identity of its request.
pub fn json_lines<W>(config: LoggingConfig, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines =
        tracing_subscriber::fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(writer);
    tracing_subscriber::registry().with(config.filter).with(not_for_the_log()).with(lines)
}

/// Excludes events that must not be logged, whatever `RUST_LOG` contains. At level TRACE, Lambda's runtime
/// and the SDK log whole requests, with tokens and bodies. The runtime also logs each failed batch as a
/// panic, in addition to the batch's own line.
fn not_for_the_log() -> Targets {
    Targets::new()
        .with_default(LevelFilter::DEBUG)
        .with_target("resource_api", LevelFilter::TRACE)
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
}

/// Makes every panic a log event, with its backtrace.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message");
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let backtrace = Backtrace::force_capture();
        tracing::error!(panic = message, %location, %backtrace, "panicked");
    }));
}
