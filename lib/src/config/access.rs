//! How callers are authenticated.

use std::time::Duration;

use lambda_http::http::Uri;

use super::{ClaimsConfig, Environment, Stage};

/// The secret that `cargo xtask dev` signs and verifies with. Everybody knows it, so it is refused unless
/// `STAGE` is `local`.
pub const DEVELOPMENT_SECRET: &str = "resource-api-development-secret-that-everybody-knows";

/// The minimum length of a secret for HS256, in bytes: the length of its hash (RFC 7518, section 3.2).
pub const MIN_SECRET_LENGTH: usize = 32;

/// The default and the maximum of `JWT_SECRET_MAX_AGE_SECONDS`.
const DEFAULT_SECRET_AGE: u64 = 15 * 60;
const MAX_SECRET_AGE: u64 = 60 * 60;

/// How tokens are verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessConfig {
    /// `JWT_SECRET`, `JWT_SECRET_ARN` or `JWT_JWKS_URL`: one of them.
    pub keys: KeySource,
    /// `JWT_ISSUER`: what `iss` must be; not checked when missing. Required with a key set, unless `STAGE` is
    /// `local`.
    pub issuer: Option<String>,
    /// `JWT_AUDIENCE`: the audiences, one of which a token must name; not checked when missing. Required with
    /// a key set, unless `STAGE` is `local`.
    pub audiences: Vec<String>,
    /// The claims of role and tenant.
    pub claims: ClaimsConfig,
    /// `JWT_SECRET_MAX_AGE_SECONDS`: the age at which a copy of the secret at `JWT_SECRET_ARN` is read again,
    /// 60 to 3,600 seconds; 900 when missing.
    pub secret_max_age: Duration,
}

/// Where the keys come from.
#[derive(Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A secret for HS256.
    Secret(String),
    /// The secret in AWS Secrets Manager with this ARN, for HS256.
    SecretArn(String),
    /// The key set at this URL (RFC 7517), for RS256, ES256 and `EdDSA`.
    Jwks(String),
}

impl std::fmt::Debug for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Secret(_) => f.write_str("Secret"),
            Self::SecretArn(arn) => write!(f, "SecretArn({arn})"),
            Self::Jwks(url) => write!(f, "Jwks({url})"),
        }
    }
}

impl AccessConfig {
    /// Reads its variables.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        let stage = Stage::read(environment);
        let secret = environment.optional("JWT_SECRET");
        let arn = environment.optional("JWT_SECRET_ARN");
        let rule = "an https URL, or an http URL of this machine";
        let url = environment.parsed("JWT_JWKS_URL", None, rule, |url| key_set_url(url).map(Some));
        if let Some(secret) = &secret {
            if secret.len() < MIN_SECRET_LENGTH {
                environment.fault(format!("JWT_SECRET must have at least {MIN_SECRET_LENGTH} bytes"));
            }
            if !stage.is_local && secret == DEVELOPMENT_SECRET {
                environment
                    .fault("JWT_SECRET is the development secret, which is good only where STAGE is local");
            }
        }
        let keys = match (secret, arn, url) {
            (Some(secret), None, None) => KeySource::Secret(secret),
            (None, Some(arn), None) => KeySource::SecretArn(arn),
            (None, None, Some(url)) => KeySource::Jwks(url),
            _ => {
                environment.fault("exactly one of JWT_SECRET, JWT_SECRET_ARN and JWT_JWKS_URL must be set");
                KeySource::Secret(String::new())
            }
        };
        let issuer = environment.optional("JWT_ISSUER");
        let audiences = environment.parsed(
            "JWT_AUDIENCE",
            Vec::new(),
            "one audience, or several separated by commas",
            audiences,
        );
        let incomplete = issuer.is_none() || environment.optional("JWT_AUDIENCE").is_none();
        if matches!(keys, KeySource::Jwks(_)) && !stage.is_local && incomplete {
            environment.fault(
                "JWT_ISSUER and JWT_AUDIENCE must be set with JWT_JWKS_URL: an issuer signs tokens for other applications \
                 with the same keys",
            );
        }
        let seconds = |text: &str| text.parse().ok().filter(|age| (60..=MAX_SECRET_AGE).contains(age));
        let age = "JWT_SECRET_MAX_AGE_SECONDS";
        let age = environment.parsed(age, DEFAULT_SECRET_AGE, "a whole number from 60 to 3600", seconds);
        Self {
            keys,
            issuer,
            audiences,
            claims: ClaimsConfig::read(environment),
            secret_max_age: Duration::from_secs(age),
        }
    }
}

/// Accepts only https, except on this machine: keys that are fetched without TLS could be forged.
fn key_set_url(text: &str) -> Option<String> {
    let url: Uri = text.parse().ok()?;
    let local = matches!(url.host()?, "localhost" | "127.0.0.1" | "[::1]");
    let safe = url.scheme_str() == Some("https") || (url.scheme_str() == Some("http") && local);
    safe.then(|| text.to_owned())
}

/// Audiences separated by commas; `None` where one is empty.
fn audiences(text: &str) -> Option<Vec<String>> {
    text.split(',').map(|it| Some(it.trim().to_owned()).filter(|it| !it.is_empty())).collect()
}
