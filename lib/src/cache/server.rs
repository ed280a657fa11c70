//! The connection to the server: each call within its time, and none of them an error.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::{Client, Cmd, FromRedisValue, TlsCertificates};
use uuid::Uuid;

use super::connection::Connection;
use super::entry::{self, CacheEntry};
use super::invalidation::Pending;
use super::keys::Keys;
use crate::config::CacheConfig;
use crate::domain::{Collection, Effect, ResourceKey, Timestamp, Version};
use crate::error::Cause;
use crate::telemetry::LogThrottle;

/// How long a writer's second attempt may take, with the connection that it may have to open.
const SECOND_ATTEMPT: Duration = Duration::from_millis(250);
/// For how long absence is known.
const ABSENT_TTL: Duration = Duration::from_secs(10);
/// For how long reads do not ask a server that did not answer, in microseconds.
const UNAVAILABLE_PERIOD: u64 = 250_000;
/// By how much of it an entry's time is shortened at most, at random, so that entries made together do not end together.
const JITTER: f64 = 0.1;

/// Stores entries over older ones only. A reader says which epoch it read in, and stores nothing in another: what it read
/// may be older than what was lost.
const STORE: &str = r"
local epoch = redis.pcall('GET', KEYS[1])
if type(epoch) ~= 'string' then redis.call('SET', KEYS[1], ARGV[2]) end
if ARGV[1] ~= '' and ARGV[1] ~= epoch then return 0 end
for i = 2, #KEYS do
  local new, old = ARGV[2 * i - 1], redis.pcall('GET', KEYS[i])
  local known = type(old) == 'string' and string.find(old, '^1:%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d:')
  if not known or string.sub(old, 3, 22) < string.sub(new, 3, 22) then
    redis.call('SET', KEYS[i], new, 'PX', ARGV[2 * i])
  end
end
return 1";

/// Removes what is no entry, if it is still there, and begins another epoch: what was known is lost.
const REMOVE: &str = r"
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return redis.call('DEL', KEYS[2])";

/// A cache, if there is one.
#[derive(Clone, Default)]
pub struct Cache(pub(super) Option<Arc<Server>>);

pub(super) struct Server {
    connection: Connection,
    pub(super) keys: Keys,
    pub(super) ttl: Duration,
    budget: Duration,
    /// Until when reads do not ask, in microseconds since the Unix epoch: it did not answer a moment ago.
    unavailable_until: AtomicU64,
    log_throttle: LogThrottle,
    pub(super) pending: Pending,
}

/// What the cache knows of some resources.
#[derive(Debug, Default)]
pub(super) struct CacheLookup {
    pub(super) known: HashMap<ResourceKey, CacheEntry>,
    /// The epoch that it knows it in; empty where there was none.
    pub(super) epoch: String,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Cache(on)" } else { "Cache(off)" })
    }
}

impl Cache {
    /// The cache that is configured, of the resources in a table. Its server may come and go.
    ///
    /// # Errors
    /// When the URL or the authority's certificate cannot be used.
    pub async fn connect(config: CacheConfig, table: &str) -> Result<Self, Cause> {
        let Some(url) = config.url else { return Ok(Self::default()) };
        // The same provider as everywhere; it is there already when another connection has set it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let root_cert = config.authority_file.map(std::fs::read).transpose()?;
        let client = match root_cert {
            None => Client::open(url)?,
            root_cert => Client::build_with_tls(url, TlsCertificates { client_tls: None, root_cert })?,
        };
        let connection = Connection::open(client, config.budget.max(SECOND_ATTEMPT)).await?;
        let server = Server {
            connection,
            keys: Keys::of(table),
            ttl: config.ttl,
            budget: config.budget,
            unavailable_until: AtomicU64::new(0),
            log_throttle: LogThrottle::default(),
            pending: Pending::default(),
        };
        Ok(Self(Some(Arc::new(server))))
    }

    /// Whether there is one.
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// What the cache knows of some resources; `None` where it does not answer.
    pub(super) async fn find(&self, keys: &[ResourceKey]) -> Option<CacheLookup> {
        let server = self.0.as_ref().filter(|server| !server.is_unavailable())?;
        let mut get = redis::cmd("MGET");
        get.arg(server.keys.epoch());
        get.arg(keys.iter().map(|key| server.keys.entry(key)).collect::<Vec<_>>());
        let values: Vec<Option<Vec<u8>>> = server.call(&get).await?;
        let (epoch, entries) = values.split_first()?;
        let epoch = epoch.as_deref().and_then(|epoch| std::str::from_utf8(epoch).ok()).unwrap_or_default();
        let mut found = CacheLookup { known: HashMap::new(), epoch: epoch.to_owned() };
        for (key, bytes) in keys.iter().zip(entries) {
            let Some(bytes) = bytes else { continue };
            match entry::read(key, bytes) {
                Some(known) => _ = found.known.insert(key.clone(), known),
                None => server.remove(&server.keys.entry(key), bytes).await,
            }
        }
        Some(found)
    }

    /// Takes what a reader found in the store after it had not found it here.
    pub(super) async fn fill(&self, epoch: &str, known: &[(ResourceKey, CacheEntry)]) {
        // Where nobody has begun an epoch, this only begins one.
        let epoch = if epoch.is_empty() { "none" } else { epoch };
        if let Some((server, command)) = self.store(epoch, known) {
            server.call::<u8>(&command).await;
        }
    }

    /// Takes what became of resources of a collection, before their change is answered.
    pub async fn write(&self, collection: &Collection, effects: impl IntoIterator<Item = &Effect>) {
        let key = |id| (collection.clone(), id);
        let known = effects.into_iter().filter_map(|effect| match effect {
            Effect::Unchanged(_) => None,
            Effect::Stored(resource) | Effect::Imported(resource, _) if !resource.is_deleted() => {
                Some((key(resource.id), CacheEntry::Present(Box::new(resource.clone()))))
            }
            Effect::Stored(resource) | Effect::Imported(resource, _) => {
                Some((key(resource.id), CacheEntry::Absent(resource.version)))
            }
            // An id is never given twice.
            Effect::Purged(id, _) => Some((key(*id), CacheEntry::Absent(Version::MAX))),
        });
        let known: Vec<_> = known.collect();
        if !known.is_empty()
            && let Some((server, command)) = self.store("", &known)
        {
            server.call_with_retry::<u8>(&command).await;
        }
    }

    /// The command that stores what is known; `None` where nothing is.
    fn store(&self, epoch: &str, known: &[(ResourceKey, CacheEntry)]) -> Option<(&Server, Cmd)> {
        let server = self.0.as_deref()?;
        let mut keys = vec![server.keys.epoch()];
        let mut arguments = vec![epoch.to_owned(), Uuid::now_v7().to_string()];
        for (key, known) in known {
            let Some(entry) = entry::write(key, known) else { continue };
            keys.push(server.keys.entry(key));
            arguments.extend([entry, server.ttl_of(known).as_millis().to_string()]);
        }
        let mut store = redis::cmd("EVAL");
        store.arg(STORE).arg(keys.len()).arg(keys).arg(arguments);
        Some((server, store))
    }
}

impl Server {
    fn ttl_of(&self, known: &CacheEntry) -> Duration {
        let ttl = if *known == CacheEntry::Absent(0) { ABSENT_TTL.min(self.ttl) } else { self.ttl };
        ttl.mul_f64(1.0 - JITTER * fastrand::f64()).max(Duration::from_millis(1))
    }

    async fn remove(&self, key: &str, bytes: &[u8]) {
        tracing::warn!(key, "the cache holds something else; it is removed");
        let mut remove = redis::cmd("EVAL");
        remove.arg(REMOVE).arg(2).arg(self.keys.epoch()).arg(key).arg(Uuid::now_v7().to_string()).arg(bytes);
        self.call::<u8>(&remove).await;
    }

    /// Whether it did not answer a moment ago. Writes ask in any case: what they say must not be missed.
    fn is_unavailable(&self) -> bool {
        Timestamp::now().as_microseconds() < self.unavailable_until.load(Ordering::Relaxed)
    }

    /// The answer to a reader's command; `None` where there is none in time.
    async fn call<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        self.connection.call(command, self.budget).await.map_err(|error| self.note(&error)).ok()
    }

    /// The answer to a writer's command, which is tried a second time over another connection: what it says must not be
    /// missed.
    pub(super) async fn call_with_retry<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        if let Ok(answer) = self.connection.call(command, self.budget).await {
            return Some(answer);
        }
        let again = self.connection.call(command, SECOND_ATTEMPT).await;
        again.map_err(|error| self.note(&error)).ok()
    }

    /// Notes that the server did not answer.
    fn note(&self, error: &Cause) {
        let now = Timestamp::now();
        self.unavailable_until.store(now.as_microseconds() + UNAVAILABLE_PERIOD, Ordering::Relaxed);
        if self.log_throttle.allows(now) {
            tracing::warn!(%error, "the cache does not answer; the store does");
        }
    }
}
