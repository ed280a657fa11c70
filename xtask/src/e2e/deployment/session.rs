//! Sends requests to a deployment, and records the resources that they create.

use std::cell::RefCell;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode, Url};
use serde_json::Value;
use tokio::time::{Instant, sleep};

/// How long one attempt may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(35);
/// The attempts of a request whose response is a 429, or a 503 if a retry is safe.
const ATTEMPTS: u32 = 10;
/// How long indexes, search and history may take to have a change.
const FOLLOWED_WITHIN: Duration = Duration::from_secs(30);

/// The collection of all resources.
pub(super) const RESOURCES: &str = "/api/resources";

/// The API and the caller.
pub(super) struct Session {
    client: Client,
    /// Without a slash at its end.
    url: String,
    token: String,
    /// The ids of the created resources, which are purged at the end.
    created: RefCell<Vec<String>>,
}

/// A response.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// `Value::Null` if there is none.
    pub(super) body: Value,
}

impl Response {
    /// Checks the status, and returns `data`.
    pub(super) fn data(&self, status: u16) -> Result<&Value> {
        ensure!(self.status == status, "status {}, expected {status}: {}", self.status, self.body);
        Ok(&self.body["data"])
    }

    /// Checks that it is a problem of this status and code.
    pub(super) fn problem(&self, status: u16, code: &str) -> Result<()> {
        let expected = self.status == status && self.body["code"] == code;
        ensure!(expected, "status {}, expected {status} {code}: {}", self.status, self.body);
        ensure!(self.header("content-type")? == "application/problem+json", "{:?}", self.headers);
        ensure!(self.body["request_id"] == self.header("x-request-id")?, "{}", self.body);
        Ok(())
    }

    pub(super) fn header(&self, name: &str) -> Result<&str> {
        let value =
            self.headers.get(name).with_context(|| format!("no header {name}: {:?}", self.headers))?;
        Ok(value.to_str()?)
    }
}

impl Session {
    pub(super) fn new(url: &str, token: &str) -> Result<Self> {
        let url = url.trim_end_matches('/').to_owned();
        let parsed = Url::parse(&url).with_context(|| format!("{url} is not a URL"))?;
        ensure!(matches!(parsed.scheme(), "http" | "https"), "{url} must begin with https:// or http://");
        ensure!(
            parsed.query().is_none() && parsed.fragment().is_none(),
            "{url} must not have a query or a fragment"
        );
        let client = Client::builder().timeout(ATTEMPT_TIMEOUT).build()?;
        Ok(Self { client, url, token: token.to_owned(), created: RefCell::default() })
    }

    /// Sends a request without a token.
    pub(super) async fn stranger(&self, method: Method, path: &str) -> Result<Response> {
        answer(self.client.request(method, format!("{}{path}", self.url))).await
    }

    /// Sends a request with header fields, and with a body unless it is empty.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Result<Response> {
        let body = body.as_ref();
        let key = headers.iter().any(|(name, _)| *name == "idempotency-key");
        for _ in 0..ATTEMPTS {
            let request = self.client.request(method.clone(), format!("{}{path}", self.url));
            let request = headers.iter().fold(request.bearer_auth(&self.token), |request, (name, value)| {
                request.header(*name, *value)
            });
            let request = if body.is_empty() { request } else { request.body(body.to_vec()) };
            let answer = answer(request).await.with_context(|| format!("{method} {path}"))?;
            // A write whose response is a 503 may have been applied. A second POST could then apply it twice.
            let again = match answer.status.as_u16() {
                429 => true,
                503 => key || method != Method::POST,
                _ => false,
            };
            if !again {
                if method == Method::POST {
                    self.note_created(&answer);
                }
                return Ok(answer);
            }
            let seconds =
                answer.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
            sleep(Duration::from_secs(seconds.unwrap_or(1).min(60))).await;
        }
        bail!("{method} {path}: 429 or 503 in {ATTEMPTS} attempts")
    }

    /// Sends JSON, or no body if it is null.
    pub(super) async fn json(&self, method: Method, path: &str, body: &Value) -> Result<Response> {
        self.json_with(method, path, &[], body).await
    }

    /// Sends JSON with header fields.
    pub(super) async fn json_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Result<Response> {
        let mut headers = headers.to_vec();
        let mut text = String::new();
        if !body.is_null() {
            headers.push(("content-type", "application/json"));
            text = body.to_string();
        }
        self.send(method, path, &headers, text).await
    }

    pub(super) async fn get(&self, path: &str) -> Result<Response> {
        self.send(Method::GET, path, &[], "").await
    }

    /// Sends a GET until the response is as wanted. Returns the time that this took.
    pub(super) async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Result<Duration> {
        let started = Instant::now();
        loop {
            let answer = self.get(path).await?;
            answer.data(200)?;
            let took = started.elapsed();
            if wanted(&answer.body) {
                return Ok(took);
            }
            ensure!(took < FOLLOWED_WITHIN, "{path} is not as expected after {took:.0?}: {}", answer.body);
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Purges all created resources. Returns their number.
    pub(super) async fn purge_all(&self) -> Result<usize> {
        let created = self.created.take();
        let mut left = Vec::new();
        for id in &created {
            let purged = self.send(Method::DELETE, &format!("{RESOURCES}/{id}?purge=true"), &[], "").await;
            // A check may have purged it.
            if !purged.is_ok_and(|answer| matches!(answer.status.as_u16(), 204 | 404)) {
                left.push(id.as_str());
            }
        }
        ensure!(left.is_empty(), "cannot purge these resources: {}", left.join(", "));
        Ok(created.len())
    }

    /// Records the ids in the response to a POST, for one resource or a batch. All are resources of this
    /// session.
    fn note_created(&self, answer: &Response) {
        let data = &answer.body["data"];
        let one = std::slice::from_ref(data);
        for resource in data.as_array().map_or(one, Vec::as_slice) {
            if let Some(id) = resource["id"].as_str() {
                let mut created = self.created.borrow_mut();
                if !created.iter().any(|known| known == id) {
                    created.push(id.to_owned());
                }
            }
        }
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Response> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await?;
    let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(text.into()) };
    Ok(Response { status, headers, body })
}
