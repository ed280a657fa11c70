//! The one function that authenticates requests.

use std::borrow::Cow;

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode_header};
use serde_json::value::RawValue;

use super::api_keys::ApiKeys;
use super::claims::Claims;
use super::key_set::KeySet;
use super::secret::{Secret, secrets_manager};
use super::verified_tokens::VerifiedTokens;
use crate::Error;
use crate::config::{AccessConfig, ClaimsConfig, KeySource};
use crate::domain::{API_KEY_PREFIX, Caller, Timestamp};
use crate::error::Cause;
use crate::repository::ApiKeyRepository;

/// The maximum length of a JWT, in bytes. The gateway's limit for all header fields together is 10,240.
const MAX_TOKEN_LENGTH: usize = 8 * 1024;

/// Verifies bearer tokens: JWTs and API keys.
#[derive(Debug)]
pub struct Verifier {
    keys: Keys,
    issuer: Option<String>,
    audiences: Vec<String>,
    claims: ClaimsConfig,
    /// `None` if API keys are not accepted.
    api_keys: Option<ApiKeys>,
}

#[derive(Debug)]
enum Keys {
    Secret(Secret),
    Set(KeySet, VerifiedTokens),
}

impl Verifier {
    /// Reads the secret or fetches the key set. Without a table of API keys no API key is accepted.
    ///
    /// # Errors
    /// When the secret cannot be read, or the URL of the key set is invalid. A key set that cannot be fetched
    /// is no error: it is fetched again with the first token.
    pub async fn connect(config: AccessConfig, api_keys: Option<ApiKeyRepository>) -> Result<Self, Cause> {
        let keys = match config.keys {
            KeySource::Secret(secret) => Keys::Secret(Secret::fixed(&secret)),
            KeySource::SecretArn(arn) => {
                let secrets = secrets_manager().await?;
                Keys::Secret(Secret::kept_in(secrets, arn, config.secret_max_age).await?)
            }
            KeySource::Jwks(url) => Keys::Set(KeySet::connect(url).await?, VerifiedTokens::new()),
        };
        Ok(Self {
            keys,
            issuer: config.issuer,
            audiences: config.audiences,
            claims: config.claims,
            api_keys: api_keys.map(ApiKeys::new),
        })
    }

    #[cfg(test)]
    pub(super) fn of_secret(secret: Secret, config: AccessConfig) -> Self {
        let AccessConfig { issuer, audiences, claims, .. } = config;
        Self { keys: Keys::Secret(secret), issuer, audiences, claims, api_keys: None }
    }

    /// The caller that an `Authorization` header field authenticates.
    ///
    /// The algorithm is that of the configured key. The header of the token must agree with it.
    ///
    /// # Errors
    /// [`Error::MissingToken`] without a bearer token, [`Error::InvalidToken`] for one that is refused, and
    /// [`Error::Unavailable`] when the secret, the key set or the API key cannot be read.
    pub async fn verify(&self, authorization: Option<&[u8]>, now: Timestamp) -> Result<Caller, Error> {
        let token = bearer_token(authorization)?;
        if token.starts_with(API_KEY_PREFIX) {
            let keys = self
                .api_keys
                .as_ref()
                .ok_or_else(|| refused("API keys are not accepted: API_KEYS_TABLE is not set"))?;
            // Boxed: the future of a DynamoDB call is large, and would otherwise be part of every request's future.
            return Box::pin(keys.verify(token, now)).await;
        }
        if token.len() > MAX_TOKEN_LENGTH {
            return Err(refused("it is too long"));
        }
        let header = decode_header(token).map_err(|_| refused("it is neither a JWT nor an API key"))?;
        if header.crit.is_some() {
            return Err(refused("it has critical extensions"));
        }
        let claims = match &self.keys {
            Keys::Secret(secret) => verify_with_secret(secret, token, now).await,
            Keys::Set(keys, verified) => verify_with_set(keys, verified, &header, token, now).await,
        };
        let claims = self.check(&claims?).map_err(Error::InvalidToken)?;
        claims.caller(&self.claims, now).map_err(Error::InvalidToken)
    }

    /// Parses the claims, and checks issuer and audience if they are configured.
    fn check(&self, claims: &RawValue) -> Result<Claims, Cow<'static, str>> {
        let claims = Claims::parse(claims.get())?;
        if let Some(issuer) = &self.issuer {
            claims.check_issuer(issuer)?;
        }
        if !self.audiences.is_empty() {
            claims.check_audience(&self.audiences)?;
        }
        Ok(claims)
    }
}

/// If the signature fails, the secret may have been rotated, and is read again.
async fn verify_with_secret(secret: &Secret, token: &str, now: Timestamp) -> Result<Box<RawValue>, Error> {
    let key = secret.current(now).await?;
    match decode(token, &key, Algorithm::HS256) {
        Err(Failure::Signature) => match secret.newer(now).await {
            Some(key) => decode(token, &key, Algorithm::HS256).map_err(Into::into),
            None => Err(Failure::Signature.into()),
        },
        decoded => decoded.map_err(Into::into),
    }
}

/// Verifies the signature, unless the same key has verified this token before.
async fn verify_with_set(
    keys: &KeySet,
    verified: &VerifiedTokens,
    header: &Header,
    token: &str,
    now: Timestamp,
) -> Result<Box<RawValue>, Error> {
    let id = header.kid.as_deref().ok_or_else(|| refused("its header has no kid"))?;
    let key = keys.find(id, now).await?.ok_or_else(|| refused("its key is unknown"))?;
    if verified.contains(token, &key) {
        return insecure_decode_claims(token).map_err(|_| refused("it is malformed"));
    }
    let claims = decode(token, &key.key, key.algorithm)?;
    verified.insert(token, key);
    Ok(claims)
}

/// Verifies the signature of a token, and returns its claims.
fn decode(token: &str, key: &DecodingKey, algorithm: Algorithm) -> Result<Box<RawValue>, Failure> {
    let mut validation = Validation::new(algorithm);
    // `Claims` checks the times, with the time of the request.
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    // `Claims` checks issuer and audience: `iss` must be a single text, and the audience may be in `client_id`.
    validation.validate_aud = false;
    let token = jsonwebtoken::decode(token, key, &validation).map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature => Failure::Signature,
        ErrorKind::InvalidAlgorithm => Failure::Other("it is of another algorithm".into()),
        ErrorKind::InvalidIssuer => Failure::Other("it is of another issuer".into()),
        ErrorKind::MissingRequiredClaim(claim) => Failure::Other(format!("it has no claim {claim}").into()),
        _ => Failure::Other("it is malformed".into()),
    })?;
    Ok(token.claims)
}

/// Why a token was not decoded.
enum Failure {
    Signature,
    Other(Cow<'static, str>),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Signature => refused("its signature is invalid"),
            Failure::Other(reason) => Self::InvalidToken(reason),
        }
    }
}

fn refused(reason: &'static str) -> Error {
    Error::InvalidToken(reason.into())
}

/// The token of `Bearer <token>` (RFC 6750, section 2.1). The scheme is case-insensitive.
fn bearer_token(authorization: Option<&[u8]>) -> Result<&str, Error> {
    let field = authorization.ok_or(Error::MissingToken)?;
    let field = std::str::from_utf8(field).map_err(|_| refused("it is not ASCII"))?.trim();
    let (scheme, token) = field.split_once(' ').unwrap_or((field, ""));
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(Error::MissingToken);
    }
    Ok(token)
}
