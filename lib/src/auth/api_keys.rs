//! Verifies API keys. An instance reads the record of a key at most once a minute.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use lru::LruCache;

use crate::Error;
use crate::domain::{ApiKey, ApiKeyId, ApiKeyRecord, Caller, Timestamp};
use crate::repository::ApiKeyRepository;

/// How long an instance uses a record before it reads it again, in seconds: a revoked key is refused after this time at the latest.
const MAX_AGE: f64 = 60.0;
/// The maximum number of records in the cache.
const SIZE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// The table of API keys, and a cache of the records that were read. Unknown keys are not cached, so that
/// invented ids do not evict known ones, and a new key works at once.
#[derive(Debug)]
pub(super) struct ApiKeys {
    keys: ApiKeyRepository,
    read: Mutex<LruCache<ApiKeyId, (Timestamp, Arc<ApiKeyRecord>)>>,
}

impl ApiKeys {
    pub(super) fn new(keys: ApiKeyRepository) -> Self {
        Self { keys, read: Mutex::new(LruCache::new(SIZE)) }
    }

    /// The caller that a key authenticates.
    ///
    /// # Errors
    /// [`Error::InvalidToken`] for a key that is refused, and [`Error::Unavailable`] when the table does not respond.
    pub(super) async fn verify(&self, text: &str, now: Timestamp) -> Result<Caller, Error> {
        let key = ApiKey::parse(text).ok_or(Error::InvalidToken("it is not a complete API key".into()))?;
        let id = key.id();
        let record = match self.remembered(id, now) {
            Some(record) => record,
            None => match self.keys.find(id).await? {
                Some(record) => self.remember(record, now),
                None => return Err(Error::InvalidToken(format!("there is no API key {id}").into())),
            },
        };
        record.caller(&key, now).map_err(|reason| Error::InvalidToken(reason.into()))
    }

    fn remembered(&self, id: ApiKeyId, now: Timestamp) -> Option<Arc<ApiKeyRecord>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, record) = read.get(&id)?;
        // A negative age, after the clock was set back, counts as too old.
        let age = now.as_seconds() - read_at.as_seconds();
        (0.0..MAX_AGE).contains(&age).then(|| Arc::clone(record))
    }

    fn remember(&self, record: ApiKeyRecord, now: Timestamp) -> Arc<ApiKeyRecord> {
        let record = Arc::new(record);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.put(record.id, (now, Arc::clone(&record)));
        record
    }
}
