//! A stand-in for an EventBridge bus, which records the entries that are put to it.

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
    /// The code with which every call is rejected.
    refusal: Option<&'static str>,
}

impl RecordingBus {
    /// Starts a bus. It rejects this share of the entries, and loses the same share of its responses.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start(faults: f64) -> Result<Self> {
        Self::with(faults, None).await
    }

    /// Starts a bus that rejects every call with this code.
    ///
    /// # Errors
    /// If no port is free.
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
                // A client that disconnects is not an error of the bus.
                tokio::spawn(async move { recording.serve(client, faults).await.ok() });
            }
        });
        Ok(bus)
    }

    /// The configuration of its clients.
    pub fn config(&self) -> SdkConfig {
        local_config(&self.endpoint)
    }

    /// The accepted entries, in order: as they were sent, but with `Detail` as JSON.
    pub fn entries(&self) -> Vec<Value> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its URL.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The number of calls.
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
