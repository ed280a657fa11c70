//! Injects faults between the clients and DynamoDB or the cache, at the level of HTTP and TCP, so that the
//! real clients are tested.

mod dynamodb;
mod tcp;

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Error, ensure};

pub use dynamodb::dynamodb_proxy;
pub use tcp::cache_proxy;

/// The fate of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not disturbed.
    Pass,
    /// The request is delayed.
    Delay(Duration),
    /// The response is delayed.
    DelayResponse(Duration),
    /// The request is lost.
    LoseRequest,
    /// The request is executed, and the response is lost.
    LoseResponse,
    /// There is no response, and the connection stays open.
    Hang,
    /// DynamoDB throttles.
    Throttle,
    /// DynamoDB fails.
    Error,
    /// Half of a batch is left unprocessed; other operations are not disturbed.
    Partial,
    /// A write conflicts with a transaction; other operations are not disturbed.
    Conflict,
    /// DynamoDB responds with a 400 and this code.
    Refuse(&'static str),
    /// DynamoDB responds with a 500 and this code.
    Fail(&'static str),
}

/// How likely each fault is: shares of the exchanges, written `throttle=0.1,lose-response=0.05,latency=20`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Faults {
    shares: Vec<(Fault, f64)>,
    latency: Duration,
}

impl Faults {
    /// The names of faults, for a message.
    pub const WORDS: &str = "throttle, error, lose-request, lose-response, partial, conflict, hang (each a share from 0 to 1) \
                             and latency (milliseconds at most)";

    /// The fate of the next exchange, at random.
    pub fn next(&self) -> Fault {
        let mut left = fastrand::f64();
        for (fate, share) in &self.shares {
            if left < *share {
                return *fate;
            }
            left -= share;
        }
        if self.latency.is_zero() { Fault::Pass } else { Fault::Delay(self.latency.mul_f64(fastrand::f64())) }
    }
}

impl FromStr for Faults {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut faults = Self::default();
        for part in text.split(',') {
            let (word, value) =
                part.split_once('=').with_context(|| format!("{part:?} is no fault=value"))?;
            let value: f64 = value.parse().with_context(|| format!("{value:?} is no number"))?;
            let fate = match word {
                "latency" => {
                    faults.latency = Duration::try_from_secs_f64(value / 1000.0)?;
                    continue;
                }
                "throttle" => Fault::Throttle,
                "error" => Fault::Error,
                "lose-request" => Fault::LoseRequest,
                "lose-response" => Fault::LoseResponse,
                "partial" => Fault::Partial,
                "conflict" => Fault::Conflict,
                "hang" => Fault::Hang,
                _ => anyhow::bail!("{word:?} is none of {}", Self::WORDS),
            };
            ensure!((0.0..=1.0).contains(&value), "{word} is a share from 0 to 1");
            faults.shares.push((fate, value));
        }
        ensure!(
            faults.shares.iter().map(|(_, share)| share).sum::<f64>() <= 1.0,
            "the shares are more than all"
        );
        Ok(faults)
    }
}

#[cfg(test)]
mod tests;
