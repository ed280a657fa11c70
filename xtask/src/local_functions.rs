//! The functions that `cargo lambda watch` runs on this machine, invoked as Lambda invokes them.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

/// How long an invocation may take, with the start of the function.
const TIMEOUT: Duration = Duration::from_secs(90);

/// The functions behind an API on this machine.
#[derive(Debug, Clone)]
pub(crate) struct LocalFunctions {
    api: String,
    client: reqwest::Client,
}

impl LocalFunctions {
    /// The functions of the API at this URL.
    pub(crate) fn at(api: &str) -> Self {
        Self { api: api.to_owned(), client: reqwest::Client::new() }
    }

    /// Invokes a function with an event. Returns its response.
    pub(crate) async fn invoke(&self, name: &str, event: &Value) -> Result<Value> {
        let url = format!("{}/2015-03-31/functions/{name}/invocations", self.api);
        let response = self.client.post(url).timeout(TIMEOUT).body(event.to_string()).send().await;
        ensure!(
            !response.as_ref().is_err_and(reqwest::Error::is_timeout),
            "{name} did not respond within {TIMEOUT:?}; the output of `dev` has the cause. `publish-events` needs EVENT_BUS_NAME"
        );
        let response = response.with_context(|| {
            format!("cannot reach the functions at {}; start them with `cargo xtask dev`", self.api)
        })?;
        let status = response.status();
        let failed = !status.is_success() || response.headers().contains_key("x-amz-function-error");
        let text = response.text().await?;
        match serde_json::from_str::<Value>(&text) {
            Ok(answer) if !failed && answer.get("batchItemFailures").is_some() => Ok(answer),
            _ => bail!("{name} failed ({status}): {text}"),
        }
    }
}
