//! The CPU time of the log line of a request: `cargo bench --package resource-api --bench log_line`.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use std::fs::File;
use std::io::{Write as _, sink};
use std::time::Duration;

use divan::Bencher;
use lambda_http::http::Method;
use lambda_runtime::Context;
use resource_api::config::{Environment, LoggingConfig, MetricsConfig};
use resource_api::domain::{BucketKey, Caller, RateLimitClass, Role};
use resource_api::telemetry::usage::Usage;
use resource_api::telemetry::{RequestContext, RequestLog, json_lines, write_lines_to};

fn main() {
    // Lines are written only if events of their level are logged.
    let logging = LoggingConfig::read(&mut Environment::new(|_| None));
    tracing::subscriber::set_global_default(json_lines(logging, sink)).unwrap();
    let null = File::options().write(true).open("/dev/null").unwrap();
    write_lines_to(move |line| (&null).write_all(line).unwrap());
    divan::main();
}

/// The line of a read by id, to `/dev/null`.
#[divan::bench]
fn line(bencher: Bencher<'_, '_>) {
    write(bencher, None);
}

/// The same with metrics.
#[divan::bench]
fn line_with_metrics(bencher: Bencher<'_, '_>) {
    let config = MetricsConfig { service: "resource-api".to_owned(), stage: "prod".to_owned() };
    write(bencher, Some(&config));
}

fn write(bencher: Bencher<'_, '_>, metrics: Option<&MetricsConfig>) {
    let caller = Caller::example(Role::User);
    let calls = ["GetItem", "UpdateItem"].map(|operation| (operation.to_owned(), 1));
    let context = RequestContext::new(None, Some("XyZ12hGwIAMEJVg="), &Context::default());
    bencher.bench_local(|| {
        let log = RequestLog {
            route: "get-resource",
            method: Method::GET.as_str(),
            path: "/api/resources/0199f3a0-7c1e-7d43-9b66-3f0e2a5d8c11",
            status: 200,
            code: None,
            caller: Some(BucketKey::new(&caller, RateLimitClass::Read)),
            api_key: None,
            duration: Duration::from_micros(6_012),
            cold_start: false,
            usage: Usage {
                calls: calls.clone().into(),
                read_units: 0.5,
                write_units: 1.0,
                ..Usage::default()
            },
            error: None,
        };
        log.write(&context, metrics);
    });
}
