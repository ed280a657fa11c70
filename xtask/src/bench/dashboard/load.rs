//! Load for a running API: reads, lists, searches and writes by several callers. One of them exceeds its rate
//! limit, and one sometimes sends an invalid token.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures_util::future::try_join_all;
use reqwest::{Client, Method, StatusCode};
use resource_api::domain::{Caller, Role};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::token;

/// The prefix of the load's request ids.
pub(super) const MARK: &str = "load-";
/// The number of callers, which send requests concurrently.
const CALLERS: usize = 6;
/// The pause of a caller between its requests.
const PAUSE: Duration = Duration::from_millis(80);

/// The number of responses by status.
#[derive(Debug, Default)]
pub(super) struct Sent(BTreeMap<u16, f64>);

impl Sent {
    /// What the metrics must add up to.
    pub(super) fn counts(&self) -> [(&'static str, f64); 6] {
        let of = |is: fn(u16) -> bool| {
            self.0.iter().filter(|(status, _)| is(**status)).fold(0.0, |sum, (_, count)| sum + count)
        };
        [
            ("requests", of(|_| true)),
            ("client_errors", of(|status| (400..500).contains(&status))),
            ("server_errors", of(|status| status >= 500)),
            ("rate_limited", of(|status| status == 429)),
            ("refused_tokens", of(|status| status == 401)),
            ("unavailable", of(|status| status == 503)),
        ]
    }
}

/// Sends requests for this time.
pub(super) async fn run(url: &str, time: Duration) -> Result<Sent> {
    let end = Instant::now() + time;
    let callers = try_join_all((0..CALLERS).map(|number| ask(url, number, end))).await?;
    let mut sent = Sent::default();
    for statuses in callers {
        for status in statuses {
            *sent.0.entry(status.as_u16()).or_default() += 1.0;
        }
    }
    Ok(sent)
}

/// One caller's requests, and their statuses.
async fn ask(url: &str, number: usize, end: Instant) -> Result<Vec<StatusCode>> {
    let (client, mut statuses) = (Client::new(), Vec::new());
    let (role, pause) = match number {
        // Sends requests without a pause, and so exceeds its rate limit.
        0 => (Role::User, Duration::ZERO),
        _ => (Role::Moderator, PAUSE),
    };
    let caller = Caller { subject: format!("load {number}"), ..Caller::example(role) };
    let token = token::signed(&caller, Duration::from_hours(1))?;
    let send =
        async |method: Method, path: &str, body: Option<Value>, token: &str| -> Result<(StatusCode, Value)> {
            let id = format!("{MARK}{number}-{}", fastrand::u64(..));
            let mut request = client
                .request(method, format!("{url}/api/resources{path}"))
                .bearer_auth(token)
                .header("x-request-id", id);
            if let Some(body) = body {
                request = request.json(&body);
            }
            let response = request.send().await?;
            let status = response.status();
            Ok((status, response.json().await.unwrap_or_default()))
        };
    let mut path = String::new();
    while Instant::now() < end {
        let name = json!({ "name": format!("note {}", fastrand::u16(..)) });
        let (status, answer) = match fastrand::u8(..20) {
            0..=2 => send(Method::POST, "", Some(name), &token).await?,
            3..=4 if !path.is_empty() => send(Method::PATCH, &path, Some(name), &token).await?,
            5..=7 => send(Method::GET, "?limit=20", None, &token).await?,
            8 => send(Method::GET, "/search?q=note", None, &token).await?,
            9 if number == 1 => send(Method::GET, "?limit=1", None, "nonsense").await?,
            _ => send(Method::GET, &path, None, &token).await?,
        };
        if let (StatusCode::CREATED, Some(id)) = (status, answer["data"]["id"].as_str()) {
            path = format!("/{id}");
        }
        statuses.push(status);
        sleep(pause).await;
    }
    statuses.first().context("the API did not respond in time")?;
    Ok(statuses)
}
