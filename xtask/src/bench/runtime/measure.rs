//! Measures the cold start and the warm requests of one process.

use std::iter::Cycle;
use std::path::Path;
use std::slice::Iter;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::cases::Case;
use crate::bench::counting_store::{Connection, Store, Used};
use crate::bench::lambda::{Instance, Invocation};

/// The warm-up time: the rate limiter needs a second to recognize callers that send many requests.
const WARM_UP: Duration = Duration::from_millis(1_500);
/// The value of `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, in MiB. Neither memory nor CPU is limited.
const MEMORY: u64 = 256;

/// A cold start.
#[derive(Clone, Copy)]
pub(super) struct Cold {
    /// From the start of the process until it opens a connection to DynamoDB.
    pub(super) connected: Duration,
    /// From the start of the process until the TLS handshake of that connection is complete.
    pub(super) secured: Duration,
    /// From the start of the process until it asks for an event.
    pub(super) ready: Duration,
    /// From the start of the process to the response.
    pub(super) time: Duration,
    /// The CPU time until then.
    pub(super) cpu: Duration,
}

/// The warm requests: values for one request.
#[derive(Clone, Copy)]
pub(super) struct Warm {
    /// The median time from the event to the response.
    pub(super) time: Duration,
    pub(super) cpu: Duration,
    /// The peak of resident memory, in bytes.
    pub(super) memory: u64,
    /// The bytes written to the log.
    pub(super) logged: f64,
    /// The bytes of the response, as the function sends it.
    pub(super) response: usize,
    pub(super) used: Used,
}

/// A running process, and the requests of its case.
pub(super) struct Process<'a> {
    instance: Instance,
    store: &'a Store,
    case: &'a Case,
    events: Cycle<Iter<'a, String>>,
}

impl<'a> Process<'a> {
    /// Starts a binary, and sends it the first request.
    pub(super) async fn start(
        binary: &Path,
        (case, delay): (&'a Case, Duration),
        store: &'a Store,
        variables: Vec<(String, String)>,
    ) -> Result<(Self, Cold)> {
        store.take_first_connection();
        let instance = Instance::start(binary, MEMORY, None, variables).await?;
        let mut process = Self { instance, store, case, events: case.events(delay).iter().cycle() };
        let time = process.next().await?.since_start;
        // The CPU time of ended threads is not counted, but no thread ends during a start.
        let cpu = process.instance.cpu()?;
        let instance = &process.instance;
        let ready = instance.ready_after().context("the function has not asked for an event")?;
        let Connection { opened, secured } = store.take_first_connection();
        let since_start = |at: Option<Instant>| {
            Ok::<_, anyhow::Error>(at.context("the function has not called DynamoDB")? - instance.started())
        };
        let (connected, secured) = (since_start(opened)?, since_start(secured)?);
        Ok((process, Cold { connected, secured, ready, time, cpu }))
    }

    /// Sends requests one after another.
    pub(super) async fn warm(&mut self, requests: usize) -> Result<Warm> {
        let started = Instant::now();
        while started.elapsed() < WARM_UP {
            self.next().await?;
        }
        let (cpu, logged, used) = (self.instance.cpu()?, self.instance.logged(), self.store.used());
        let (mut times, mut response) = (Vec::with_capacity(requests), 0);
        for _ in 0..requests {
            let invocation = self.next().await?;
            times.push(invocation.took);
            response = invocation.response.len();
        }
        times.sort();
        #[expect(clippy::cast_precision_loss, reason = "counts are small")]
        let (count, bytes) = (requests as f64, (self.instance.logged() - logged) as f64);
        Ok(Warm {
            time: times[requests / 2],
            cpu: self.instance.cpu()?.saturating_sub(cpu).div_f64(count),
            memory: self.instance.peak()?,
            logged: bytes / count,
            response,
            used: self.store.used().since(used, count),
        })
    }

    async fn next(&mut self) -> Result<Invocation> {
        let Case { function, what, status, .. } = self.case;
        let event = self.events.next().context("the case has no requests")?;
        let invocation = self.instance.invoke(event.clone()).await?;
        let invocation = invocation.with_context(|| format!("the process of {function} ended"))?;
        let found = invocation.status.as_str();
        ensure!(found == *status, "{function}, {what}: responded with {found}, not {status}");
        Ok(invocation)
    }
}
