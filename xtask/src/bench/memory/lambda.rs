//! A function's binary as Lambda runs it: a stand-in for the Runtime API, and the memory of the process limited.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use testing::HttpMessage;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

/// How long a function may take to start, or to answer.
const PATIENCE: Duration = Duration::from_mins(2);
/// One mebibyte.
pub(super) const MIB: u64 = 1024 * 1024;

/// A function that waits for events.
pub(super) struct Instance {
    process: Child,
    events: mpsc::Sender<String>,
    answers: mpsc::Receiver<Outcome>,
}

/// What a function made of an event.
enum Outcome {
    /// Its response.
    Response(Vec<u8>),
    /// Its error.
    Error(String),
}

/// What a function answered.
pub(super) struct StoredResponse {
    /// The status; `done` of a function on a stream.
    pub(super) status: String,
    /// The response's length.
    pub(super) bytes: usize,
}

impl StoredResponse {
    /// That there is none.
    pub(super) fn of_the_dead() -> Self {
        Self { status: "died".to_owned(), bytes: 0 }
    }
}

/// A response to API Gateway, or to the stream.
#[derive(Deserialize)]
struct Response {
    #[serde(rename = "statusCode")]
    status: Option<u16>,
    #[serde(rename = "batchItemFailures", default)]
    failures: Vec<Box<RawValue>>,
}

impl Instance {
    /// Starts a binary with these variables. It can have no more memory than `mebibytes` for its data (`RLIMIT_DATA`): what
    /// is beyond ends it.
    pub(super) async fn start(
        binary: &Path,
        mebibytes: u64,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (events, to_give) = mpsc::channel(1);
        let (given, answers) = mpsc::channel(1);
        tokio::spawn(serve(listener, Arc::new(Mutex::new(to_give)), given));
        let name = binary.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let process = Command::new("sh")
            .args(["-c", r#"ulimit -d "$1" && exec "$0""#])
            .arg(binary)
            .arg((mebibytes * 1024).to_string())
            .env_clear()
            .envs(variables)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", mebibytes.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run {}", binary.display()))?;
        Ok(Self { process, events, answers })
    }

    /// Gives the function an event. `None` when the process has ended.
    pub(super) async fn invoke(&mut self, event: String) -> Result<Option<StoredResponse>> {
        timeout(PATIENCE, self.events.send(event)).await.context("the function does not start")??;
        let outcome = tokio::select! {
            outcome = timeout(PATIENCE, self.answers.recv()) => outcome.context("the function does not answer")?,
            _ended = self.process.wait() => return Ok(None),
        };
        match outcome.context("the Runtime API has ended")? {
            Outcome::Error(error) => bail!("the invocation failed: {error}"),
            Outcome::Response(body) => {
                let response: Response =
                    serde_json::from_slice(&body).context("the response is no response")?;
                ensure!(response.failures.is_empty(), "records were reported as failed");
                let status = response.status.map_or_else(|| "done".to_owned(), |status| status.to_string());
                Ok(Some(StoredResponse { status, bytes: body.len() }))
            }
        }
    }

    /// The most memory that was resident so far, in bytes.
    pub(super) fn peak(&self) -> Result<u64> {
        let id = self.process.id().context("the process has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes * 1024)
    }
}

async fn serve(
    listener: TcpListener,
    events: Arc<Mutex<mpsc::Receiver<String>>>,
    answers: mpsc::Sender<Outcome>,
) {
    while let Ok((connection, _)) = listener.accept().await {
        tokio::spawn(talk(connection, Arc::clone(&events), answers.clone()));
    }
}

/// One connection of the runtime's: `next`, `response` and `error`.
async fn talk(
    connection: TcpStream,
    events: Arc<Mutex<mpsc::Receiver<String>>>,
    answers: mpsc::Sender<Outcome>,
) -> Option<()> {
    let mut connection = BufReader::new(connection);
    loop {
        let request = HttpMessage::read(&mut connection).await.ok()?;
        let path = request.head.first()?.split(' ').nth(1)?.to_owned();
        let mut answer = HttpMessage::answer(202, &json!({}));
        if path.ends_with("/invocation/next") {
            answer = HttpMessage::answer(200, &json!({}));
            answer.body = events.lock().await.recv().await?.into_bytes();
            let deadline = SystemTime::now().duration_since(UNIX_EPOCH).ok()? + PATIENCE;
            answer.head.extend([
                "lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned(),
                format!("lambda-runtime-deadline-ms: {}", deadline.as_millis()),
                "lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:f"
                    .to_owned(),
                "lambda-runtime-trace-id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700".to_owned(),
            ]);
        } else if path.ends_with("/response") {
            answers.send(Outcome::Response(request.body)).await.ok()?;
        } else {
            let error = String::from_utf8_lossy(&request.body).into_owned();
            answers.send(Outcome::Error(error)).await.ok()?;
        }
        connection.get_mut().write_all(&answer.bytes()).await.ok()?;
    }
}
