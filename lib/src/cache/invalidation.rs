//! Invalidation by `process-changes`: removes entries that are older than the current versions. If a writer
//! could not store its change in the cache, reads return the old version for seconds, and not until the entry
//! expires.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::entry;
use super::keys::Keys;
use super::server::Cache;
use crate::domain::{ResourceKey, Timestamp, Version};
use crate::retry::Backoff;

/// How long a batch of changes waits for a cache that does not respond.
const WAIT: Duration = Duration::from_secs(10);
/// The maximum number of pending invalidations while the cache does not respond. Entries of other resources
/// stay until they expire.
const MAX_PENDING: usize = 10_000;

/// Removes entries that are older than a version. If there was no entry of that version or a later one,
/// begins another epoch, because a reader may be about to store an older version that it has read.
const INVALIDATE: &str = r"
local outdated = 0
for i = 2, #KEYS do
  local entry = redis.pcall('GET', KEYS[i])
  local known = type(entry) == 'string' and string.find(entry, '^1:%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d:')
  if not known or string.sub(entry, 3, 22) < ARGV[i] then
    redis.call('DEL', KEYS[i])
    outdated = outdated + 1
  end
end
if outdated > 0 then redis.call('SET', KEYS[1], ARGV[1]) end
return outdated";

/// Invalidations that the cache has not received because it did not respond: the version, and when it was
/// added.
#[derive(Default)]
pub(super) struct Pending(Mutex<HashMap<ResourceKey, (Version, Timestamp)>>);

impl Cache {
    /// Removes entries that are older than these versions. If the cache does not respond, retries for `WAIT`,
    /// unless it did not respond to the previous batch either. After that, the invalidations are sent with
    /// later changes, until the entries have expired.
    pub(crate) async fn invalidate_older(&self, versions: HashMap<ResourceKey, Version>) {
        let Some(server) = &self.0 else { return };
        let was_away = server.pending.add(versions, server.ttl);
        let (started, mut waits) = (Instant::now(), Backoff::until_the_deadline());
        loop {
            let pending = server.pending.all();
            if pending.is_empty()
                || server.call_with_retry::<u64>(&command(&server.keys, &pending)).await.is_some()
            {
                server.pending.remove(&pending);
                return;
            }
            let wait = waits.next().filter(|_| !was_away && started.elapsed() < WAIT);
            let Some(wait) = wait else { return };
            sleep(wait).await;
        }
    }
}

fn command(keys: &Keys, versions: &HashMap<ResourceKey, Version>) -> redis::Cmd {
    let mut command = redis::cmd("EVAL");
    command.arg(INVALIDATE).arg(versions.len() + 1).arg(keys.epoch());
    let versions: Vec<_> = versions.iter().collect();
    for (key, _) in &versions {
        command.arg(keys.entry(key));
    }
    command.arg(Uuid::now_v7().to_string());
    for (_, version) in &versions {
        command.arg(entry::version_text(**version));
    }
    command
}

impl Pending {
    /// Adds versions. Returns whether there were any before: then the cache did not respond the last time.
    fn add(&self, versions: HashMap<ResourceKey, Version>, ttl: Duration) -> bool {
        let now = Timestamp::now();
        let ended = |since: Timestamp| {
            now.as_microseconds().saturating_sub(since.as_microseconds())
                > ttl.as_micros().try_into().unwrap_or(u64::MAX)
        };
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The entries of that time have expired.
        pending.retain(|_, (_, since)| !ended(*since));
        let was_away = !pending.is_empty();
        for (resource_key, version) in versions {
            if pending.len() < MAX_PENDING || pending.contains_key(&resource_key) {
                let newest = pending.get(&resource_key).map_or(version, |(known, _)| version.max(*known));
                pending.insert(resource_key, (newest, now));
            }
        }
        was_away
    }

    fn all(&self) -> HashMap<ResourceKey, Version> {
        let pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pending.iter().map(|(resource_key, (version, _))| (resource_key.clone(), *version)).collect()
    }

    /// Removes what was sent, except where a newer version was added meanwhile.
    fn remove(&self, told: &HashMap<ResourceKey, Version>) {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|resource_key, (version, _)| told.get(resource_key).is_none_or(|told| told < version));
    }
}
