//! Counts what an operation consumes, with a release binary over an embedded DynamoDB.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use testing::{RecordingBus, Template, TestStore};
use tokio::time::{interval, sleep};

use super::operations::Operation;
use crate::bench::counting_store::{Responses, Store, Used};
use crate::bench::lambda::{Instance, Invocation, binary, variables};

/// The wait for log lines that the function has already written to its standard output.
const LOG_DELAY: Duration = Duration::from_millis(100);
/// What API Gateway adds to a response, in bytes: the status line, `date`, `content-length` and
/// `apigw-requestid`.
const GATEWAY_HEADERS: usize = 130;
/// The interval between the requests of a frequent caller.
pub(super) const INTERVAL: Duration = Duration::from_millis(100);
/// The number of its requests that are measured, after as many that are not.
const REQUESTS: u32 = 50;

/// What one operation consumed.
#[derive(Clone, Copy)]
pub(super) struct Counted {
    pub(super) used: Used,
    /// The bytes written to the log.
    pub(super) logged: f64,
    /// The bytes of the response, with its headers.
    pub(super) sent: f64,
}

/// Release binaries, and a DynamoDB with data.
pub(super) struct Runner<'a> {
    pub(super) binaries: &'a Path,
    pub(super) template: &'a Template,
    pub(super) store: TestStore,
    pub(super) bus: RecordingBus,
}

impl Runner<'_> {
    /// Runs an operation in a warm function instance, with `RATE_LIMIT_BLOCK` off.
    pub(super) async fn count(&self, operation: &Operation) -> Result<Counted> {
        let (mut instance, store) = self.start(operation, "off").await?;
        let [before, event] = &operation.events;
        invoke(&mut instance, operation, before).await?;
        sleep(LOG_DELAY).await;
        let (used, logged) = (store.used(), instance.logged());
        let invocation = invoke(&mut instance, operation, event).await?;
        sleep(LOG_DELAY).await;
        let used = store.used().since(used, 1.0);
        let logged = float(instance.logged() - logged)?;
        let sent = float(sent(&invocation)?)?;
        Ok(Counted { used, logged, sent })
    }

    /// The rate limiter's writes for each request of a caller that sends ten a second. `calls` are the calls
    /// of a request for which the limiter writes once.
    pub(super) async fn limiter_writes(&self, operation: &Operation, calls: f64) -> Result<f64> {
        let (mut instance, store) = self.start(operation, "on").await?;
        let mut ticks = interval(INTERVAL);
        let mut used = store.used();
        for number in 0..2 * REQUESTS {
            if number == REQUESTS {
                used = store.used();
            }
            ticks.tick().await;
            invoke(&mut instance, operation, &operation.events[0]).await?;
        }
        Ok(store.used().since(used, f64::from(REQUESTS)).calls - (calls - 1.0))
    }

    async fn start(&self, operation: &Operation, blocks: &str) -> Result<(Instance, Store)> {
        let store = Store::start(self.store.endpoint(), Responses::Forwarded, None).await?;
        let function = self.template.functions.values().find(|it| it.binary == operation.function);
        let missing = || format!("template.yaml has no function {}", operation.function);
        let memory = function.with_context(missing)?.memory_size;
        let endpoint = store.endpoint();
        let variables = variables(self.template, &self.store, &endpoint, &self.bus)
            .chain([("RATE_LIMIT_BLOCK".to_owned(), blocks.to_owned())]);
        let binary = binary(self.binaries, operation.function)?;
        Ok((Instance::start(&binary, memory, None, variables).await?, store))
    }
}

async fn invoke(instance: &mut Instance, operation: &Operation, event: &str) -> Result<Invocation> {
    let Operation { function, name, status, .. } = operation;
    let invocation = instance.invoke(event.to_owned()).await?;
    let invocation = invocation.with_context(|| format!("the process of {function} ended"))?;
    ensure!(invocation.status == *status, "{name}: responded with {}, not {status}", invocation.status);
    Ok(invocation)
}

/// A response to API Gateway.
#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(rename = "isBase64Encoded", default)]
    encoded: bool,
}

/// The bytes that the client receives; 0 for a function on the stream.
fn sent(invocation: &Invocation) -> Result<usize> {
    if invocation.status == "done" {
        return Ok(0);
    }
    let Response { headers, body, encoded } = serde_json::from_slice(&invocation.response)?;
    let body = body.unwrap_or_default();
    let body = if encoded { STANDARD.decode(body)?.len() } else { body.len() };
    let headers: usize = headers.iter().map(|(name, value)| name.len() + value.len() + ": \r\n".len()).sum();
    Ok(GATEWAY_HEADERS + headers + body)
}

fn float(count: usize) -> Result<f64> {
    Ok(f64::from(u32::try_from(count)?))
}
