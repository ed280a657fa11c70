//! Requests to a deployment, and what they have made there.

use std::cell::RefCell;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode, Url};
use serde_json::Value;
use tokio::time::{Instant, sleep};

/// How long one attempt may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(35);
/// How often a request is sent that is answered with a 429, or a 503 where that is safe.
const ATTEMPTS: u32 = 10;
/// How long what follows a change, like search, may take.
const FOLLOWED_WITHIN: Duration = Duration::from_secs(30);

/// The collection of all resources.
pub(super) const RESOURCES: &str = "/api/resources";

/// Where the API is, and as whom it is asked.
pub(super) struct Session {
    client: Client,
    /// Without a slash at its end.
    url: String,
    token: String,
    /// The ids of what was created here, to be removed.
    created: RefCell<Vec<String>>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// `Value::Null` for no body.
    pub(super) body: Value,
}

impl Response {
    /// Checks the status, and gives the `data`.
    pub(super) fn data(&self, status: u16) -> Result<&Value> {
        ensure!(self.status == status, "{} where {status} was expected: {}", self.status, self.body);
        Ok(&self.body["data"])
    }

    /// Checks that it is a problem of this status and code.
    pub(super) fn problem(&self, status: u16, code: &str) -> Result<()> {
        let expected = self.status == status && self.body["code"] == code;
        ensure!(expected, "{} where {status} {code} was expected: {}", self.status, self.body);
        ensure!(self.header("content-type")? == "application/problem+json", "{:?}", self.headers);
        ensure!(self.body["request_id"] == self.header("x-request-id")?, "{}", self.body);
        Ok(())
    }

    pub(super) fn header(&self, name: &str) -> Result<&str> {
        let value = self.headers.get(name).with_context(|| format!("no {name}: {:?}", self.headers))?;
        Ok(value.to_str()?)
    }
}

impl Session {
    pub(super) fn new(url: &str, token: &str) -> Result<Self> {
        let url = url.trim_end_matches('/').to_owned();
        let parsed = Url::parse(&url).with_context(|| format!("{url} is no URL"))?;
        ensure!(
            matches!(parsed.scheme(), "http" | "https"),
            "{url} begins with neither https:// nor http://"
        );
        ensure!(parsed.query().is_none() && parsed.fragment().is_none(), "{url} has more than a path");
        let client = Client::builder().timeout(ATTEMPT_TIMEOUT).build()?;
        Ok(Self { client, url, token: token.to_owned(), created: RefCell::default() })
    }

    /// Asks as nobody.
    pub(super) async fn stranger(&self, method: Method, path: &str) -> Result<Response> {
        answer(self.client.request(method, format!("{}{path}", self.url))).await
    }

    /// Sends a request with header fields, and a body where it is not empty.
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
            // A 503 may have been done all the same: then a second POST would do it twice.
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
        bail!("{method} {path} was answered with 429 or 503 {ATTEMPTS} times")
    }

    /// Sends JSON, or nothing where it is null.
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

    /// Asks again and again until the answer is as wanted. Gives how long that took.
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

    /// Removes all that was created, for good. Gives how many that were.
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
        ensure!(left.is_empty(), "these could not be removed: {}", left.join(", "));
        Ok(created.len())
    }

    /// Remembers the ids of resources that a POST answers with: of one, or of a batch. All of them are of this session.
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
