//! A stand-in for DynamoDB that counts calls and capacity units. It forwards requests to an embedded
//! DynamoDB, or repeats the first response of that DynamoDB to each operation on a table.

mod buckets;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use testing::HttpMessage;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use self::buckets::Buckets;

/// A stand-in that runs as long as its Tokio runtime.
#[derive(Clone)]
pub(in crate::bench) struct Store {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    /// The embedded DynamoDB: `host:port`.
    upstream: String,
    responses: Responses,
    tls: Option<TlsAcceptor>,
    buckets: Mutex<Buckets>,
    /// The responses by operation and table.
    recorded: Mutex<HashMap<(String, String), Recorded>>,
    used: Mutex<Used>,
    first_connection: Mutex<Connection>,
}

/// When a client's first connection was made.
#[derive(Clone, Copy, Default)]
pub(in crate::bench) struct Connection {
    /// When it was accepted.
    pub(in crate::bench) opened: Option<Instant>,
    /// When its TLS handshake was complete; without TLS, as `opened`.
    pub(in crate::bench) secured: Option<Instant>,
}

/// Where the responses come from.
pub(in crate::bench) enum Responses {
    /// From the embedded DynamoDB.
    Forwarded,
    /// The first response of the embedded DynamoDB to the same operation on the same table, after a delay.
    /// The time of the embedded DynamoDB is then not part of the measurement.
    Repeated {
        /// The simulated round-trip time.
        delay: Duration,
        /// The table of token buckets, whose responses are computed.
        buckets_table: String,
    },
}

/// A response, and the capacity units that it consumes.
#[derive(Clone)]
struct Recorded {
    response: Vec<u8>,
    used: Used,
}

/// Calls of DynamoDB, and the capacity units that they consume.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(in crate::bench) struct Used {
    pub(in crate::bench) calls: f64,
    pub(in crate::bench) read_units: f64,
    pub(in crate::bench) write_units: f64,
}

impl Used {
    /// The difference from an earlier state, divided by the number of requests.
    pub(in crate::bench) fn since(self, then: Self, requests: f64) -> Self {
        let of = |now: f64, then: f64| (now - then) / requests;
        Self {
            calls: of(self.calls, then.calls),
            read_units: of(self.read_units, then.read_units),
            write_units: of(self.write_units, then.write_units),
        }
    }
}

impl Store {
    /// Starts it in front of an embedded DynamoDB.
    pub(in crate::bench) async fn start(
        upstream: &str,
        responses: Responses,
        tls: Option<TlsAcceptor>,
    ) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let upstream =
            upstream.strip_prefix("http://").context("the embedded DynamoDB has no http:// endpoint")?;
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            responses,
            tls,
            buckets: Mutex::default(),
            recorded: Mutex::default(),
            used: Mutex::default(),
            first_connection: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // An error means that a function closed the connection when it ended.
                tokio::spawn({
                    let shared = Arc::clone(&serving);
                    async move { shared.accept(connection).await.ok() }
                });
            }
        });
        Ok(Self { port, shared })
    }

    /// What was used so far.
    pub(in crate::bench) fn used(&self) -> Used {
        *self.shared.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first connection since this was last called.
    pub(in crate::bench) fn take_first_connection(&self) -> Connection {
        std::mem::take(&mut *self.shared.first_connection())
    }

    /// The URL to call it at.
    pub(in crate::bench) fn endpoint(&self) -> String {
        let scheme = if self.shared.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://localhost:{}", self.port)
    }
}

impl Shared {
    async fn accept(&self, connection: TcpStream) -> Result<()> {
        connection.set_nodelay(true)?;
        self.first_connection().opened.get_or_insert_with(Instant::now);
        match &self.tls {
            None => {
                self.first_connection().secured.get_or_insert_with(Instant::now);
                self.serve(connection).await
            }
            Some(tls) => {
                // The handshake of TLS 1.3 is one round trip.
                self.travel().await;
                let connection = tls.accept(connection).await?;
                self.first_connection().secured.get_or_insert_with(Instant::now);
                self.serve(connection).await
            }
        }
    }

    fn first_connection(&self) -> MutexGuard<'_, Connection> {
        self.first_connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, connection: impl AsyncRead + AsyncWrite + Unpin) -> Result<()> {
        let mut connection = BufReader::new(connection);
        loop {
            let request = HttpMessage::read(&mut connection).await?;
            let response = self.response(request).await?;
            self.travel().await;
            connection.get_mut().write_all(&response).await?;
            connection.get_mut().flush().await?;
        }
    }

    async fn travel(&self) {
        if let Responses::Repeated { delay, .. } = self.responses
            && !delay.is_zero()
        {
            sleep(delay).await;
        }
    }

    async fn response(&self, request: HttpMessage) -> Result<Vec<u8>> {
        let Recorded { response, used } = self.recorded(request).await?;
        let mut sum = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        sum.calls += used.calls;
        sum.read_units += used.read_units;
        sum.write_units += used.write_units;
        Ok(response)
    }

    async fn recorded(&self, request: HttpMessage) -> Result<Recorded> {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let Responses::Repeated { buckets_table, .. } = &self.responses else {
            return self.record(request, body).await;
        };
        let operation = request.field("x-amz-target").to_owned();
        let table = body["TableName"].as_str().unwrap_or_default().to_owned();
        if table == *buckets_table {
            let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
            let response = buckets.update(&body).context("unknown form of an update of a token bucket")?;
            return Ok(Recorded {
                response: response.bytes(),
                used: Used { calls: 1.0, read_units: 0.0, write_units: 1.0 },
            });
        }
        let key = (operation, table);
        let all = || self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(recorded) = all().get(&key) {
            return Ok(recorded.clone());
        }
        let recorded = self.record(request, body).await?;
        all().insert(key, recorded.clone());
        Ok(recorded)
    }

    /// Sends the request to the embedded DynamoDB, and asks for the consumed capacity as well.
    async fn record(&self, mut request: HttpMessage, mut body: Value) -> Result<Recorded> {
        let for_client = body.get("ReturnConsumedCapacity").is_some();
        body["ReturnConsumedCapacity"] = "TOTAL".into();
        request.body = body.to_string().into_bytes();
        let mut upstream = TcpStream::connect(&self.upstream).await?;
        upstream.write_all(&request.bytes()).await?;
        let mut response = HttpMessage::read(&mut BufReader::new(upstream)).await?;
        let mut body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let units = match &body["ConsumedCapacity"] {
            Value::Array(tables) => tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum(),
            table => table["CapacityUnits"].as_f64().unwrap_or_default(),
        };
        if !for_client && let Some(body) = body.as_object_mut() {
            body.remove("ConsumedCapacity");
        }
        response.body = body.to_string().into_bytes();
        let reads =
            ["GetItem", "BatchGetItem", "Query"].map(|operation| format!("DynamoDB_20120810.{operation}"));
        let (read_units, write_units) = if reads.iter().any(|read| read == request.field("x-amz-target")) {
            (units, 0.0)
        } else {
            (0.0, units)
        };
        Ok(Recorded { response: response.bytes(), used: Used { calls: 1.0, read_units, write_units } })
    }
}
