//! The secret that HS256 tokens are signed with.

use std::sync::{Arc, PoisonError, RwLock};

use aws_config::BehaviorVersion;
use aws_sdk_secretsmanager::Client;
use jsonwebtoken::DecodingKey;
use tokio::sync::Mutex;

use crate::config::MIN_SECRET_LENGTH;
use crate::domain::Timestamp;
use crate::error::Cause;
use crate::repository::{TimeLimit, http_client};

/// How old a copy must be before a failed signature makes us read the secret again, in seconds.
const MIN_AGE: f64 = 60.0;

/// A secret: given, or kept in AWS Secrets Manager.
#[derive(Debug)]
pub(super) struct Secret {
    key: RwLock<Arc<DecodingKey>>,
    manager: Option<Manager>,
}

#[derive(Debug)]
struct Manager {
    client: Client,
    arn: String,
    /// When the copy was read, or was last tried to be; held while reading.
    read_at: Mutex<Timestamp>,
}

/// A client of Secrets Manager, with the credentials, region and endpoint of the environment.
///
/// # Errors
/// When the trust store cannot be built.
pub(super) async fn secrets_manager() -> Result<Client, Cause> {
    let config =
        aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(http_client()?).load().await;
    let config = aws_sdk_secretsmanager::config::Builder::from(&config).interceptor(TimeLimit).build();
    Ok(Client::from_conf(config))
}

impl Secret {
    /// A secret that stays as it is.
    pub(super) fn fixed(secret: &str) -> Self {
        Self { key: RwLock::new(key_of(secret)), manager: None }
    }

    /// Reads the secret.
    ///
    /// # Errors
    /// When it cannot be read, or is too short.
    pub(super) async fn kept_in(client: Client, arn: String) -> Result<Self, Cause> {
        let manager = Manager { client, arn, read_at: Mutex::new(Timestamp::now()) };
        let key = RwLock::new(manager.read().await?);
        Ok(Self { key, manager: Some(manager) })
    }

    /// The copy.
    pub(super) fn current(&self) -> Arc<DecodingKey> {
        Arc::clone(&self.key.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The secret read again, if the copy is old enough for that. One that cannot be read leaves the copy.
    pub(super) async fn newer(&self, now: Timestamp) -> Option<Arc<DecodingKey>> {
        let manager = self.manager.as_ref()?;
        let before = self.current();
        let mut read_at = manager.read_at.lock().await;
        let current = self.current();
        if !Arc::ptr_eq(&before, &current) {
            // Another request read it while this one waited.
            return Some(current);
        }
        if now.as_seconds() - read_at.as_seconds() < MIN_AGE {
            return None;
        }
        *read_at = now;
        match manager.read().await {
            Ok(key) => {
                *self.key.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&key);
                Some(key)
            }
            Err(error) => {
                tracing::warn!(%error, "the secret cannot be read again; the copy stays");
                None
            }
        }
    }
}

impl Manager {
    async fn read(&self) -> Result<Arc<DecodingKey>, Cause> {
        let output = self.client.get_secret_value().secret_id(&self.arn).send().await?;
        let secret = output.secret_string().ok_or("the secret at JWT_SECRET_ARN is no text")?;
        if secret.len() < MIN_SECRET_LENGTH {
            return Err(
                format!("the secret at JWT_SECRET_ARN has less than {MIN_SECRET_LENGTH} bytes").into()
            );
        }
        Ok(key_of(secret))
    }
}

fn key_of(secret: &str) -> Arc<DecodingKey> {
    Arc::new(DecodingKey::from_secret(secret.as_bytes()))
}
