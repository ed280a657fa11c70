//! Who is let in.

use lambda_http::http::Uri;

use super::Environment;

/// The secret that `cargo xtask dev` signs and verifies with. Everybody knows it, so it is refused in production.
pub const DEVELOPMENT_SECRET: &str = "resource-api-development-secret-that-everybody-knows";

/// The shortest secret that HS256 takes, in bytes: the length of its hash (RFC 7518, section 3.2).
pub const MIN_SECRET_LENGTH: usize = 32;

/// How tokens are verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessConfig {
    /// `JWT_SECRET`, `JWT_SECRET_ARN` or `JWT_JWKS_URL`: one of them.
    pub keys: KeySource,
    /// `JWT_ISSUER`: what `iss` must be, where set.
    pub issuer: Option<String>,
    /// `JWT_AUDIENCE`: what `aud` must be or hold, where set.
    pub audience: Option<String>,
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
    /// Reads its variables. `STAGE` says whether this is production (`prod`).
    pub fn read(environment: &mut Environment<'_>) -> Self {
        let production = environment.optional("STAGE").as_deref() == Some("prod");
        let secret = environment.optional("JWT_SECRET");
        let arn = environment.optional("JWT_SECRET_ARN");
        let rule = "an https URL, or an http URL of this machine";
        let url = environment.parsed("JWT_JWKS_URL", None, rule, |url| key_set_url(url).map(Some));
        if let Some(secret) = &secret {
            if secret.len() < MIN_SECRET_LENGTH {
                environment.fault(format!("JWT_SECRET must have at least {MIN_SECRET_LENGTH} bytes"));
            }
            if production && secret == DEVELOPMENT_SECRET {
                environment.fault("JWT_SECRET is the development secret, and STAGE is prod");
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
        Self {
            keys,
            issuer: environment.optional("JWT_ISSUER"),
            audience: environment.optional("JWT_AUDIENCE"),
        }
    }
}

/// Keys that travel in the open could be anybody's.
fn key_set_url(text: &str) -> Option<String> {
    let url: Uri = text.parse().ok()?;
    let local = matches!(url.host()?, "localhost" | "127.0.0.1" | "[::1]");
    let safe = url.scheme_str() == Some("https") || (url.scheme_str() == Some("http") && local);
    safe.then(|| text.to_owned())
}
