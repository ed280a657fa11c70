//! The endpoint of DynamoDB.

use lambda_http::http::Uri;

use super::Environment;

/// The endpoint of DynamoDB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DynamoDbConfig {
    /// `AWS_ENDPOINT_URL_DYNAMODB`: another endpoint than the region's own. The SDK reads this variable, too,
    /// but takes an empty one for a URL. The template sets an empty one if no endpoint is given.
    pub endpoint: Option<String>,
}

impl DynamoDbConfig {
    /// Reads its variable.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        let rule = "an http or https URL";
        Self {
            endpoint: environment
                .parsed("AWS_ENDPOINT_URL_DYNAMODB", None, rule, |url| url_of(url).map(Some)),
        }
    }
}

fn url_of(text: &str) -> Option<String> {
    let url: Uri = text.parse().ok()?;
    let web = matches!(url.scheme_str(), Some("http" | "https"));
    (web && url.host().is_some()).then(|| text.to_owned())
}
