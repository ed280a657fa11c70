//! A stand-in for an EventBridge bus, which keeps what is put to it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use aws_config::SdkConfig;
use serde_json::{Value, json};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::http_message::HttpMessage;
use super::local_config;

/// A bus that runs for as long as its runtime does.
#[derive(Debug, Clone)]
pub struct RecordingBus {
    endpoint: String,
    entries: Arc<Mutex<Vec<Value>>>,
    calls: Arc<AtomicUsize>,
    /// The code that every call is refused with.
    refusal: Option<&'static str>,
}

impl RecordingBus {
    /// Starts it. It refuses a share of the entries that it is given, and loses as many of its answers.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(faults: f64) -> Result<Self> {
        Self::with(faults, None).await
    }

    /// Starts a bus that refuses every call with this code.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn refusing(code: &'static str) -> Result<Self> {
        Self::with(0.0, Some(code)).await
    }

    async fn with(faults: f64, refusal: Option<&'static str>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let bus = Self {
            endpoint: format!("http://{}", listener.local_addr()?),
            entries: Arc::default(),
            calls: Arc::default(),
            refusal,
        };
        let recording = bus.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let recording = recording.clone();
                // A client that goes away is no fault of the bus.
                tokio::spawn(async move { recording.serve(client, faults).await.ok() });
            }
        });
        Ok(bus)
    }

    /// What a client of it is made with.
    pub fn config(&self) -> SdkConfig {
        local_config(&self.endpoint)
    }

    /// The entries that were taken, in their order: as they were sent, but with `Detail` as JSON.
    pub fn entries(&self) -> Vec<Value> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where it answers, as a URL.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How many calls there were.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    async fn serve(&self, client: TcpStream, faults: f64) -> Result<()> {
        let mut client = BufReader::new(client);
        loop {
            let request: Value = serde_json::from_slice(&HttpMessage::read(&mut client).await?.body)?;
            self.calls.fetch_add(1, Ordering::Relaxed);
            if let Some(code) = self.refusal {
                let refusal = HttpMessage::answer(400, &json!({ "__type": code, "message": "injected" }));
                client.get_mut().write_all(&refusal.bytes()).await?;
                continue;
            }
            let mut results = Vec::new();
            for entry in request["Entries"].as_array().into_iter().flatten() {
                if fastrand::f64() < faults {
                    results.push(json!({ "ErrorCode": "ThrottlingException", "ErrorMessage": "injected" }));
                    continue;
                }
                let mut entry = entry.clone();
                entry["Detail"] = serde_json::from_str(entry["Detail"].as_str().unwrap_or_default())?;
                self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
                results.push(json!({ "EventId": "1" }));
            }
            if fastrand::f64() < faults {
                return Ok(());
            }
            let failed = results.iter().filter(|result| result.get("ErrorCode").is_some()).count();
            let answer = json!({ "FailedEntryCount": failed, "Entries": results });
            client.get_mut().write_all(&HttpMessage::answer(200, &answer).bytes()).await?;
        }
    }
}
