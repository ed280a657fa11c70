//! The secret that HS256 tokens are signed with.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use jsonwebtoken::DecodingKey;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::Error;
use crate::aws::{self, DeadlineTimeouts, TraceHeader};
use crate::config::MIN_SECRET_LENGTH;
use crate::domain::Timestamp;
use crate::error::Cause;

/// The minimum time from one attempt to read the secret again to the next.
const MIN_INTERVAL: Duration = Duration::from_mins(1);
/// The timeout of reading it again, which a request waits for.
const TIMEOUT: Duration = Duration::from_secs(2);

/// A secret: from the configuration, or a copy of one in AWS Secrets Manager.
///
/// The copy is read again when a signature fails, so that a rotated secret is accepted at once, and when it
/// has reached its maximum age, so that the previous secret stops being accepted. While Secrets Manager does
/// not respond, the copy is used for twice that time. After that, requests get a 503.
#[derive(Debug)]
pub(super) struct Secret {
    key: RwLock<Arc<DecodingKey>>,
    manager: Option<Manager>,
}

#[derive(Debug)]
struct Manager {
    client: Client,
    arn: String,
    max_age: Duration,
    /// When the copy was read, in microseconds since the Unix epoch.
    read_at: AtomicU64,
    /// When reading it again was last attempted. Locked while it is read.
    tried_at: Mutex<Timestamp>,
}

/// A client of Secrets Manager, with the credentials, region and endpoint of the environment.
///
/// # Errors
/// When the trust store cannot be built.
pub(super) async fn secrets_manager() -> Result<Client, Cause> {
    let config = aws_sdk_secretsmanager::config::Builder::from(&aws::sdk_config().await?);
    Ok(Client::from_conf(config.interceptor(DeadlineTimeouts).interceptor(TraceHeader).build()))
}

impl Secret {
    /// A secret that is not read again.
    pub(super) fn fixed(secret: &str) -> Self {
        Self { key: RwLock::new(key_of(secret)), manager: None }
    }

    /// Reads the secret from Secrets Manager.
    ///
    /// # Errors
    /// When it cannot be read, or is too short.
    pub(super) async fn kept_in(client: Client, arn: String, max_age: Duration) -> Result<Self, Cause> {
        let now = Timestamp::now();
        let (read_at, tried_at) = (AtomicU64::new(now.as_microseconds()), Mutex::new(now));
        let manager = Manager { client, arn, max_age, read_at, tried_at };
        let key = RwLock::new(manager.read().await?);
        Ok(Self { key, manager: Some(manager) })
    }

    /// The copy. It is read again first if it has reached its maximum age.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it has reached twice its maximum age.
    pub(super) async fn current(&self, now: Timestamp) -> Result<Arc<DecodingKey>, Error> {
        let Some(manager) = &self.manager else { return Ok(self.copy()) };
        let age = manager.age(now);
        if age >= 2 * manager.max_age {
            let mut tried_at = manager.tried_at.lock().await;
            self.read_again(manager, &mut tried_at, now).await;
            if manager.age(now) >= 2 * manager.max_age {
                return Err(Error::Unavailable("the secret could not be read again for too long".into()));
            }
        } else if age >= manager.max_age
            // While another request reads it, this one does not wait.
            && let Ok(mut tried_at) = manager.tried_at.try_lock()
        {
            self.read_again(manager, &mut tried_at, now).await;
        }
        Ok(self.copy())
    }

    /// Reads the secret again after a signature failed, unless that was attempted less than a minute ago.
    /// Returns it if this request, or another one meanwhile, has read it.
    pub(super) async fn newer(&self, now: Timestamp) -> Option<Arc<DecodingKey>> {
        let manager = self.manager.as_ref()?;
        let before = self.copy();
        let mut tried_at = manager.tried_at.lock().await;
        if Arc::ptr_eq(&before, &self.copy()) {
            self.read_again(manager, &mut tried_at, now).await;
        }
        // This request has read it, or another one while this one waited.
        Some(self.copy()).filter(|key| !Arc::ptr_eq(&before, key))
    }

    fn copy(&self) -> Arc<DecodingKey> {
        Arc::clone(&self.key.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn read_again(&self, manager: &Manager, tried_at: &mut Timestamp, now: Timestamp) {
        if since(tried_at.as_microseconds(), now) < MIN_INTERVAL {
            return;
        }
        *tried_at = now;
        let error = match timeout(TIMEOUT, manager.read()).await {
            Ok(Ok(key)) => {
                *self.key.write().unwrap_or_else(PoisonError::into_inner) = key;
                manager.read_at.store(now.as_microseconds(), Ordering::Relaxed);
                return;
            }
            Ok(Err(error)) => error,
            Err(elapsed) => elapsed.into(),
        };
        tracing::warn!(%error, "the secret cannot be read again; the copy is used until twice its maximum age");
    }
}

impl Manager {
    fn age(&self, now: Timestamp) -> Duration {
        since(self.read_at.load(Ordering::Relaxed), now)
    }

    async fn read(&self) -> Result<Arc<DecodingKey>, Cause> {
        let output = self.client.get_secret_value().secret_id(&self.arn).send().await?;
        let secret = output.secret_string().ok_or("the secret at JWT_SECRET_ARN has no SecretString")?;
        if secret.len() < MIN_SECRET_LENGTH {
            return Err(
                format!("the secret at JWT_SECRET_ARN has less than {MIN_SECRET_LENGTH} bytes").into()
            );
        }
        Ok(key_of(secret))
    }
}

fn since(microseconds: u64, now: Timestamp) -> Duration {
    Duration::from_micros(now.as_microseconds().saturating_sub(microseconds))
}

fn key_of(secret: &str) -> Arc<DecodingKey> {
    Arc::new(DecodingKey::from_secret(secret.as_bytes()))
}
