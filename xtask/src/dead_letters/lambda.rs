//! Invokes deployed functions. The request is signed here: the SDK's client for Lambda would take longer to
//! compile than all of xtask, for this one operation.

use std::env;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, bail};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use resource_api::aws::SdkConfig;
use resource_api::repository::sdk::config::{Credentials, ProvideCredentials as _};
use serde_json::Value;

/// Longer than the timeout of functions on a stream.
const TIMEOUT: Duration = Duration::from_secs(90);

/// A client for Lambda in a region.
#[derive(Debug)]
pub(super) struct Lambda {
    client: reqwest::Client,
    credentials: Credentials,
    region: String,
    endpoint: String,
}

/// The credentials of the environment.
pub(super) async fn credentials(config: &SdkConfig) -> Result<Credentials> {
    let provider = config.credentials_provider().context("the environment has no AWS credentials")?;
    provider.provide_credentials().await.context("the environment has no AWS credentials")
}

/// The region of the environment.
pub(super) fn region(config: &SdkConfig) -> Result<String> {
    let region = config.region().context("the environment names no region; set AWS_REGION")?;
    Ok(region.as_ref().to_owned())
}

impl Lambda {
    /// A client for the environment's region, or for `AWS_ENDPOINT_URL_LAMBDA` if it is set.
    pub(super) async fn connect(config: &SdkConfig) -> Result<Self> {
        let region = region(config)?;
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let endpoint = env::var("AWS_ENDPOINT_URL_LAMBDA")
            .unwrap_or_else(|_| format!("https://lambda.{region}.{domain}"));
        Self::at(endpoint, config).await
    }

    /// A client for an endpoint.
    pub(super) async fn at(endpoint: String, config: &SdkConfig) -> Result<Self> {
        Ok(Self {
            client: reqwest::Client::builder().timeout(TIMEOUT).build()?,
            credentials: credentials(config).await?,
            region: region(config)?,
            endpoint,
        })
    }

    /// Invokes a function, given by name or ARN, synchronously. Returns its response.
    pub(super) async fn invoke(&self, function: &str, event: &Value) -> Result<Value> {
        let name = function.replace(':', "%3A");
        let url = format!("{}/2015-03-31/functions/{name}/invocations", self.endpoint);
        let body = event.to_string();
        let mut request = self.client.post(&url).body(body.clone());
        for (name, value) in self.signature(&url, body.as_bytes())? {
            request = request.header(name, value);
        }
        let response = request.send().await.with_context(|| format!("cannot reach {}", self.endpoint))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.context("the response is incomplete")?;
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !status.is_success() {
            // The type, which may be followed by a namespace: `ResourceNotFoundException:http://…`.
            match header("x-amzn-errortype").split(':').next().unwrap_or_default() {
                "ResourceNotFoundException" => {
                    bail!("there is no function {function}; choose another with --function: {text}")
                }
                "AccessDeniedException" => {
                    bail!("the credentials do not permit lambda:InvokeFunction on {function}: {text}")
                }
                _ => bail!("cannot invoke {function} ({status}): {text}"),
            }
        }
        if headers.contains_key("x-amz-function-error") {
            bail!("{function} failed: {text}");
        }
        serde_json::from_str(&text).with_context(|| format!("the response of {function} is not JSON: {text}"))
    }

    /// The header fields that sign a request (Signature Version 4).
    fn signature(&self, url: &str, body: &[u8]) -> Result<Vec<(String, String)>> {
        let identity = self.credentials.clone().into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("lambda")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?;
        let none = std::iter::empty::<(&str, &str)>();
        let request = SignableRequest::new("POST", url, none, SignableBody::Bytes(body))?;
        let (signed, _) = sign(request, &parameters.into())?.into_parts();
        Ok(signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}
