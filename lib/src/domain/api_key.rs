//! API keys: the credentials of machines that have no token issuer.

use std::fmt;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::digest::hexadecimal;
use super::{Caller, Role, Tenant, Timestamp};

/// The prefix of the subject of a caller with an API key; the key's id follows. Tokens with such a subject
/// are refused.
pub const API_KEY_SUBJECT: &str = "key:";
/// The prefix of every key, by which people and secret scanners recognize it.
pub const API_KEY_PREFIX: &str = "rk_";

/// The length of an id in hexadecimal digits.
const ID_LENGTH: usize = 32;
/// The length of a secret in bytes.
const SECRET_LENGTH: usize = 32;
/// How many characters of a key are stored, so that its holder can find it in a list.
const LAST_CHARACTERS: usize = 4;

/// A key as its holder sends it: `rk_`, the id in 32 hexadecimal digits, and the secret in 64.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    id: ApiKeyId,
    text: String,
}

/// The id of a key: a UUID version 7, so that ids sort by creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiKeyId(Uuid);

/// Never shows the secret.
impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({})", self.id)
    }
}

impl fmt::Display for ApiKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl ApiKeyId {
    /// Parses an id: 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let valid = text.len() == ID_LENGTH && is_lower_hexadecimal(text);
        valid.then(|| Uuid::parse_str(text).ok().map(Self)).flatten()
    }
}

impl ApiKey {
    /// Creates a key with this secret, which must be random.
    pub fn new(secret: [u8; SECRET_LENGTH]) -> Self {
        let id = ApiKeyId(Uuid::now_v7());
        Self { id, text: format!("{API_KEY_PREFIX}{id}{}", hexadecimal(&secret)) }
    }

    /// Parses a key; `None` if the text is not a complete key.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(API_KEY_PREFIX)?.split_at_checked(ID_LENGTH)?;
        let valid = secret.len() == 2 * SECRET_LENGTH && is_lower_hexadecimal(secret);
        Some(Self { id: ApiKeyId::parse(id)?, text: text.to_owned() }).filter(|_| valid)
    }

    /// Its id.
    pub fn id(&self) -> ApiKeyId {
        self.id
    }

    /// The whole key. Show it only to its holder.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The SHA-256 of the key, the stored form. A slower hash is not needed, because the secret is
    /// random.
    pub fn sha256(&self) -> String {
        hexadecimal(&Sha256::digest(&self.text))
    }
}

/// The stored record of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// Its id.
    pub id: ApiKeyId,
    /// The SHA-256 of the key, in hexadecimal.
    pub sha256: String,
    /// The last characters of the key.
    pub last_characters: String,
    /// Its purpose, as its creator describes it; may be empty.
    pub name: String,
    /// The tenant whose resources its holder works with.
    pub tenant: Tenant,
    /// The role of its holder.
    pub role: Role,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Whether a key is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiKeyState {
    /// Accepted.
    Active,
    /// Expired.
    Expired,
    /// Revoked.
    Revoked,
}

impl ApiKeyState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl ApiKeyRecord {
    /// The record of a new key.
    pub fn new(
        key: &ApiKey,
        name: String,
        tenant: Tenant,
        role: Role,
        expires_at: Option<Timestamp>,
    ) -> Self {
        let last = key.text.len().saturating_sub(LAST_CHARACTERS);
        Self {
            id: key.id,
            sha256: key.sha256(),
            last_characters: key.text.get(last..).unwrap_or_default().to_owned(),
            name,
            tenant,
            role,
            created_at: Timestamp::now(),
            expires_at,
            revoked_at: None,
        }
    }

    /// The state of the key at a time.
    pub fn state(&self, now: Timestamp) -> ApiKeyState {
        match (self.revoked_at, self.expires_at) {
            (Some(_), _) => ApiKeyState::Revoked,
            (None, Some(expires_at)) if expires_at <= now => ApiKeyState::Expired,
            (None, _) => ApiKeyState::Active,
        }
    }

    /// The caller that a key with this record authenticates.
    ///
    /// # Errors
    /// The reason why the key is refused, for the log.
    pub fn caller(&self, key: &ApiKey, now: Timestamp) -> Result<Caller, String> {
        let id = self.id;
        // The time of this comparison depends on two SHA-256 digests, and reveals nothing about the secret.
        if self.id != key.id || self.sha256 != key.sha256() {
            return Err(format!("its secret is not that of the API key {id}"));
        }
        match self.state(now) {
            ApiKeyState::Active => {
                let (tenant, role) = (self.tenant.clone(), self.role);
                Ok(Caller { tenant, subject: format!("{API_KEY_SUBJECT}{id}"), role })
            }
            state => Err(format!("the API key {id} is {}", state.as_str())),
        }
    }
}

fn is_lower_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
