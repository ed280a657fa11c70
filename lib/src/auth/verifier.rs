//! The one function that lets a request in.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};

use super::Claims;
use super::key_set::KeySet;
use super::secret::{Secret, secrets_manager};
use crate::Error;
use crate::config::{AccessConfig, KeySource};
use crate::domain::{Caller, Timestamp};
use crate::error::Cause;

/// The longest token that is looked at, in bytes: a gateway's limit for all header fields together is 10,240.
const MAX_TOKEN_LENGTH: usize = 8 * 1024;

/// Verifies bearer tokens.
#[derive(Debug)]
pub struct Verifier {
    keys: Keys,
    issuer: Option<String>,
    audience: Option<String>,
    tenant_required: bool,
}

#[derive(Debug)]
enum Keys {
    Secret(Secret),
    Set(KeySet),
}

impl Verifier {
    /// Gets the keys ready.
    ///
    /// # Errors
    /// When the secret cannot be read. A key set that cannot be fetched is asked for again with the first token.
    pub async fn connect(config: AccessConfig) -> Result<Self, Cause> {
        let keys = match config.keys {
            KeySource::Secret(secret) => Keys::Secret(Secret::fixed(&secret)),
            KeySource::SecretArn(arn) => {
                let secrets = secrets_manager().await?;
                Keys::Secret(Secret::kept_in(secrets, arn, config.secret_max_age).await?)
            }
            KeySource::Jwks(url) => Keys::Set(KeySet::connect(url).await?),
        };
        Ok(Self {
            keys,
            issuer: config.issuer,
            audience: config.audience,
            tenant_required: config.tenant_required,
        })
    }

    #[cfg(test)]
    pub(super) fn of_secret(secret: Secret, issuer: Option<String>, audience: Option<String>) -> Self {
        Self { keys: Keys::Secret(secret), issuer, audience, tenant_required: false }
    }

    /// The caller that an `Authorization` header field names.
    ///
    /// The algorithm is that of the configured key: what the token says of it must agree, and decides nothing.
    ///
    /// # Errors
    /// [`Error::MissingToken`] without a bearer token, [`Error::InvalidToken`] for one that is not good, and
    /// [`Error::Unavailable`] while there are no keys to tell, or none that are young enough.
    pub async fn verify(&self, authorization: Option<&[u8]>, now: Timestamp) -> Result<Caller, Error> {
        let token = bearer_token(authorization)?;
        if token.len() > MAX_TOKEN_LENGTH {
            return Err(Error::InvalidToken("it is too long"));
        }
        let header = decode_header(token).map_err(|_| Error::InvalidToken("it is no JWT"))?;
        if header.crit.is_some() {
            return Err(Error::InvalidToken("it has critical extensions"));
        }
        let claims = match &self.keys {
            Keys::Secret(secret) => self.verify_with_secret(secret, token, now).await?,
            Keys::Set(keys) => self.verify_with_set(keys, &header, token, now).await?,
        };
        claims.into_caller(now, self.tenant_required).map_err(Error::InvalidToken)
    }

    /// A signature that fails may be of a secret newer than our copy.
    async fn verify_with_secret(
        &self,
        secret: &Secret,
        token: &str,
        now: Timestamp,
    ) -> Result<Claims, Error> {
        let key = secret.current(now).await?;
        match self.decode(token, &key, Algorithm::HS256) {
            Err(Failure::Signature) => match secret.newer(now).await {
                Some(key) => self.decode(token, &key, Algorithm::HS256).map_err(Into::into),
                None => Err(Failure::Signature.into()),
            },
            decoded => decoded.map_err(Into::into),
        }
    }

    async fn verify_with_set(
        &self,
        keys: &KeySet,
        header: &Header,
        token: &str,
        now: Timestamp,
    ) -> Result<Claims, Error> {
        let id = header.kid.as_deref().ok_or(Error::InvalidToken("it names no key"))?;
        let key = keys.find(id, now).await?.ok_or(Error::InvalidToken("its key is unknown"))?;
        self.decode(token, &key.key, key.algorithm).map_err(Into::into)
    }

    fn decode(&self, token: &str, key: &DecodingKey, algorithm: Algorithm) -> Result<Claims, Failure> {
        let mut validation = Validation::new(algorithm);
        // `Claims` looks at the times itself, with the clock that it is given.
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        validation.validate_aud = self.audience.is_some();
        if let Some(issuer) = &self.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        if let Some(audience) = &self.audience {
            validation.set_audience(&[audience]);
            validation.required_spec_claims.insert("aud".to_owned());
        }
        let token = decode::<Claims>(token, key, &validation).map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => Failure::Signature,
            ErrorKind::InvalidAlgorithm => Failure::Other("it is of another algorithm"),
            ErrorKind::InvalidIssuer => Failure::Other("it is of another issuer"),
            ErrorKind::InvalidAudience => Failure::Other("it is for another audience"),
            ErrorKind::MissingRequiredClaim(_) | ErrorKind::Json(_) => {
                Failure::Other("a claim is missing or of the wrong type")
            }
            _ => Failure::Other("it is malformed"),
        })?;
        Ok(token.claims)
    }
}

/// Why a token was not decoded.
enum Failure {
    Signature,
    Other(&'static str),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Signature => Self::InvalidToken("its signature is not of this key"),
            Failure::Other(reason) => Self::InvalidToken(reason),
        }
    }
}

/// The token of `Bearer <token>` (RFC 6750, section 2.1); the scheme's case does not count.
fn bearer_token(authorization: Option<&[u8]>) -> Result<&str, Error> {
    let field = authorization.ok_or(Error::MissingToken)?;
    let field = std::str::from_utf8(field).map_err(|_| Error::InvalidToken("it is not ASCII"))?.trim();
    let (scheme, token) = field.split_once(' ').unwrap_or((field, ""));
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(Error::MissingToken);
    }
    Ok(token)
}
