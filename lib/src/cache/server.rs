//! The cache: its look-ups and writes. Each call has a timeout, and none returns an error.

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

/// The timeout of a writer's second attempt, which may have to open a connection.
const SECOND_ATTEMPT: Duration = Duration::from_millis(250);
/// How long it is cached that a resource does not exist.
const ABSENT_TTL: Duration = Duration::from_secs(10);
/// How long it is cached that a resource was purged: longer than any request that read it before. Not longer,
/// because an import can create the resource again.
const PURGED_TTL: Duration = Duration::from_mins(1);
/// How long reads bypass a server that did not respond, in microseconds.
const UNAVAILABLE_PERIOD: u64 = 250_000;
/// The maximum part of an entry's TTL that is subtracted at random, so that entries stored together do not
/// expire together.
const JITTER: f64 = 0.1;

/// Stores entries, each only over an older one. A reader passes the epoch of its look-up. If the epoch has
/// changed, nothing is stored, because what was read may be older than an entry that was lost.
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

/// Removes an invalid entry, if it is still there, and begins another epoch, because a valid entry may be
/// lost.
const REMOVE: &str = r"
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return redis.call('DEL', KEYS[2])";

/// The cache, if one is configured.
#[derive(Clone, Default)]
pub struct Cache(pub(super) Option<Arc<Server>>);

pub(super) struct Server {
    connection: Connection,
    pub(super) keys: Keys,
    pub(super) ttl: Duration,
    budget: Duration,
    /// Until when reads bypass the server because it did not respond, in microseconds since the Unix epoch.
    unavailable_until: AtomicU64,
    log_throttle: LogThrottle,
    pub(super) pending: Pending,
}

/// The result of a look-up.
#[derive(Debug, Default)]
pub(super) struct CacheLookup {
    pub(super) known: HashMap<ResourceKey, CacheEntry>,
    /// The epoch at the look-up; empty if there was none.
    pub(super) epoch: String,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Cache(on)" } else { "Cache(off)" })
    }
}

impl Cache {
    /// Connects to the configured cache, for the resources of a table. A server that does not respond is no
    /// error.
    ///
    /// # Errors
    /// When the URL or the file with the authority's certificates cannot be used.
    pub async fn connect(config: CacheConfig, table: &str) -> Result<Self, Cause> {
        let Some(url) = config.url else { return Ok(Self::default()) };
        // The TLS provider of all connections. This fails if another connection has already set it.
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

    /// Whether a cache is configured.
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Looks up resources. `None` without a cache, and if the server does not respond or did not a moment
    /// ago.
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

    /// Stores what a reader has read from DynamoDB after a miss.
    pub(super) async fn fill(&self, epoch: &str, known: &[(ResourceKey, CacheEntry)]) {
        // If there is no epoch, the script only begins one.
        let epoch = if epoch.is_empty() { "none" } else { epoch };
        if let Some((server, command)) = self.store(epoch, known) {
            server.call::<u8>(&command).await;
        }
    }

    /// Stores the effects of a change, before its response is sent.
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
            // No read from before the purge may replace this.
            Effect::Purged(id, _) => Some((key(*id), CacheEntry::Absent(Version::MAX))),
        });
        let known: Vec<_> = known.collect();
        if !known.is_empty()
            && let Some((server, command)) = self.store("", &known)
        {
            server.call_with_retry::<u8>(&command).await;
        }
    }

    /// The command that stores entries; `None` without a cache.
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
        let ttl = match known {
            CacheEntry::Absent(0) => self.ttl.min(ABSENT_TTL),
            CacheEntry::Absent(Version::MAX) => self.ttl.min(PURGED_TTL),
            _ => self.ttl,
        };
        ttl.mul_f64(1.0 - JITTER * fastrand::f64()).max(Duration::from_millis(1))
    }

    async fn remove(&self, key: &str, bytes: &[u8]) {
        tracing::warn!(key, "the cache entry is invalid and is removed");
        let mut remove = redis::cmd("EVAL");
        remove.arg(REMOVE).arg(2).arg(self.keys.epoch()).arg(key).arg(Uuid::now_v7().to_string()).arg(bytes);
        self.call::<u8>(&remove).await;
    }

    /// Whether the server did not respond a moment ago. Only reads check this: writes must reach the cache.
    fn is_unavailable(&self) -> bool {
        Timestamp::now().as_microseconds() < self.unavailable_until.load(Ordering::Relaxed)
    }

    /// The response to a reader's command; `None` if it fails.
    async fn call<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        self.connection.call(command, self.budget).await.map_err(|error| self.note(&error)).ok()
    }

    /// The response to a writer's command. If it fails, it is sent once more, over another connection if the
    /// first was lost: without it, reads would return the older version.
    pub(super) async fn call_with_retry<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        if let Ok(answer) = self.connection.call(command, self.budget).await {
            return Some(answer);
        }
        let again = self.connection.call(command, SECOND_ATTEMPT).await;
        again.map_err(|error| self.note(&error)).ok()
    }

    /// Records that a call failed: for a while reads bypass the server.
    fn note(&self, error: &Cause) {
        let now = Timestamp::now();
        self.unavailable_until.store(now.as_microseconds() + UNAVAILABLE_PERIOD, Ordering::Relaxed);
        if self.log_throttle.allows(now) {
            tracing::warn!(%error, "the cache does not respond; reads are served from DynamoDB");
        }
    }
}
