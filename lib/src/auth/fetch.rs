//! Fetches a document over HTTP(S), with the HTTP client of the SDK.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use tokio::time::timeout;

use crate::deadline;
use crate::error::Cause;

/// The timeout of one attempt, unless the request has less time left.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Fetches one document.
#[derive(Debug)]
pub(super) struct Fetcher {
    url: String,
    connector: Connector,
}

impl Fetcher {
    /// Makes a client that trusts the root certificates of the system.
    ///
    /// # Errors
    /// When the URL is invalid.
    pub(super) fn new(url: String) -> Result<Self, Cause> {
        HttpRequest::get(&url)?;
        let connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build();
        Ok(Self { url, connector })
    }

    /// Gets the document.
    ///
    /// # Errors
    /// When there is no response in time, or its status is not 200.
    pub(super) async fn get(&self) -> Result<Vec<u8>, Cause> {
        let request = HttpRequest::get(&self.url)?.map(|_: SdkBody| SdkBody::empty());
        let exchange = async {
            let response = self.connector.call(request).await?;
            let status = response.status().as_u16();
            if status != 200 {
                return Err(format!("the response has the status {status}").into());
            }
            let body = aws_smithy_types::byte_stream::ByteStream::new(response.into_body()).collect().await?;
            Ok(body.to_vec())
        };
        timeout(TIMEOUT.min(deadline::time_left()), exchange).await?
    }
}
