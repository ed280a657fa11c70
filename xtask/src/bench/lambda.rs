//! Runs a function's binary under a stand-in for Lambda's Runtime API, and measures the process.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use resource_api::config::DEVELOPMENT_SECRET;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use testing::{HttpMessage, RecordingBus, Template, TestStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

use crate::local::table_variable;

/// How long a function may take to start, or to respond.
const PATIENCE: Duration = Duration::from_mins(2);
/// One mebibyte.
pub(super) const MIB: u64 = 1024 * 1024;

/// A function instance.
pub(super) struct Instance {
    process: Child,
    started: Instant,
    events: mpsc::Sender<String>,
    outcomes: mpsc::Receiver<Outcome>,
    /// When it asked for its first event.
    ready: Arc<OnceLock<Instant>>,
    logged: Arc<AtomicUsize>,
}

/// The outcome of an invocation.
struct Outcome {
    /// The response, or the error.
    result: Result<Vec<u8>, String>,
    /// The time from the event to the result.
    took: Duration,
    at: Instant,
}

/// A function's response.
pub(super) struct Invocation {
    /// The status code; `done` from a function on a stream.
    pub(super) status: String,
    /// The response, as the function sends it.
    pub(super) response: Vec<u8>,
    /// The time from the event to the response.
    pub(super) took: Duration,
    /// The time from the start of the process to the response.
    pub(super) since_start: Duration,
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
    /// Starts a binary with these environment variables. `data_limit` is its `RLIMIT_DATA` in mebibytes: an
    /// allocation beyond it fails and ends the process.
    pub(super) async fn start(
        binary: &Path,
        mebibytes: u64,
        data_limit: Option<u64>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (events, to_give) = mpsc::channel(1);
        let (given, outcomes) = mpsc::channel(1);
        let ready = Arc::default();
        tokio::spawn(serve(listener, Arc::new(Mutex::new(to_give)), given, Arc::clone(&ready)));
        let name = binary.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let mut command = match data_limit {
            None => Command::new(binary),
            Some(mebibytes) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", r#"ulimit -d "$1" && exec "$0""#]).arg(binary);
                shell.arg((mebibytes * 1024).to_string());
                shell
            }
        };
        let started = Instant::now();
        let mut process = command
            .env_clear()
            .envs(variables)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", mebibytes.to_string())
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "group")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "stream")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run {}", binary.display()))?;
        let logged = Arc::new(AtomicUsize::new(0));
        let stdout = process.stdout.take().context("there is no standard output")?;
        tokio::spawn(count(stdout, Arc::clone(&logged)));
        Ok(Self { process, started, events, outcomes, ready, logged })
    }

    /// Invokes the function with an event. `None` if the process has ended.
    pub(super) async fn invoke(&mut self, event: String) -> Result<Option<Invocation>> {
        timeout(PATIENCE, self.events.send(event)).await.context("the function did not start in time")??;
        let outcome = tokio::select! {
            outcome = timeout(PATIENCE, self.outcomes.recv()) => outcome.context("the function did not respond in time")?,
            _ended = self.process.wait() => return Ok(None),
        };
        let Outcome { result, took, at } = outcome.context("the stand-in for the Runtime API has ended")?;
        match result {
            Err(error) => bail!("the invocation failed: {error}"),
            Ok(body) => {
                let response: Response =
                    serde_json::from_slice(&body).context("the function's response has an unknown format")?;
                ensure!(response.failures.is_empty(), "the function reported failed records");
                let status = response.status.map_or_else(|| "done".to_owned(), |status| status.to_string());
                Ok(Some(Invocation { status, response: body, took, since_start: at - self.started }))
            }
        }
    }

    /// When the process was started.
    pub(super) fn started(&self) -> Instant {
        self.started
    }

    /// The time from the start of the process until it asked for its first event.
    pub(super) fn ready_after(&self) -> Option<Duration> {
        Some(*self.ready.get()? - self.started)
    }

    /// The peak of resident memory so far, in bytes.
    pub(super) fn peak(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes * 1024)
    }

    /// The CPU time of all its threads so far.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let mut nanoseconds = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.id()?))? {
            // A thread may have ended since.
            let Ok(statistics) = std::fs::read_to_string(thread?.path().join("schedstat")) else { continue };
            nanoseconds += statistics.split(' ').next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// The bytes that the process has written to standard output.
    pub(super) fn logged(&self) -> usize {
        self.logged.load(Ordering::Relaxed)
    }

    fn id(&self) -> Result<u32> {
        self.process.id().context("the process has ended")
    }
}

/// A function's binary in a folder, as cargo builds it or as cargo-lambda does.
pub(super) fn binary(folder: &Path, function: &str) -> Result<PathBuf> {
    let places = [folder.join(function), folder.join(function).join("bootstrap")];
    let binary = places.into_iter().find(|path| path.is_file());
    binary.with_context(|| format!("{} has no binary of {function}: build it first", folder.display()))
}

/// The size of a binary, and its size in a deployment package, in bytes.
pub(super) fn sizes(binary: &Path) -> Result<(usize, usize)> {
    let binary = fs::read(binary)?;
    let mut archive = DeflateEncoder::new(Vec::new(), Compression::default());
    archive.write_all(&binary)?;
    Ok((binary.len(), archive.finish()?.len()))
}

/// The environment variables of a function: the tables of a store, the endpoint that DynamoDB is called at, and an event bus.
pub(super) fn variables(
    template: &Template,
    store: &TestStore,
    endpoint: &str,
    bus: &RecordingBus,
) -> impl Iterator<Item = (String, String)> {
    let tables = template.tables.keys().map(|table| (table_variable(table), store.table(table)));
    let others = [
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoint),
        ("AWS_ENDPOINT_URL_EVENTBRIDGE", bus.endpoint()),
        ("EVENT_BUS_NAME", "changes"),
        ("JWT_SECRET", DEVELOPMENT_SECRET),
        ("STAGE", "local"),
    ];
    tables.chain(others.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

async fn count(mut stdout: ChildStdout, logged: Arc<AtomicUsize>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = stdout.read(&mut buffer).await {
        logged.fetch_add(read, Ordering::Relaxed);
    }
}

async fn serve(
    listener: TcpListener,
    events: Arc<Mutex<mpsc::Receiver<String>>>,
    outcomes: mpsc::Sender<Outcome>,
    ready: Arc<OnceLock<Instant>>,
) {
    while let Ok((connection, _)) = listener.accept().await {
        tokio::spawn(talk(connection, Arc::clone(&events), outcomes.clone(), Arc::clone(&ready)));
    }
}

/// Serves one connection of the runtime: `next`, `response` and `error`.
async fn talk(
    connection: TcpStream,
    events: Arc<Mutex<mpsc::Receiver<String>>>,
    outcomes: mpsc::Sender<Outcome>,
    ready: Arc<OnceLock<Instant>>,
) -> Option<()> {
    connection.set_nodelay(true).ok()?;
    let mut connection = BufReader::new(connection);
    let mut given = Instant::now();
    loop {
        let request = HttpMessage::read(&mut connection).await.ok()?;
        let at = Instant::now();
        let path = request.head.first()?.split(' ').nth(1)?.to_owned();
        let mut answer = HttpMessage::answer(202, &json!({}));
        if path.ends_with("/invocation/next") {
            ready.get_or_init(|| at);
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
            given = Instant::now();
        } else {
            let failed = !path.ends_with("/response");
            let result = if failed {
                Err(String::from_utf8_lossy(&request.body).into_owned())
            } else {
                Ok(request.body)
            };
            outcomes.send(Outcome { result, took: at - given, at }).await.ok()?;
        }
        connection.get_mut().write_all(&answer.bytes()).await.ok()?;
    }
}
