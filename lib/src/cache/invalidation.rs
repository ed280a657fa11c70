//! What the stream's function tells the cache: which versions there are by now. So a change that its writer could not store
//! in the cache is hidden for seconds, and not for an entry's whole life.

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

/// How long a batch of changes waits for a cache that does not answer.
const WAIT: Duration = Duration::from_secs(10);
/// How many resources are remembered for a cache that is away; the others wait for their entries' end.
const MAX_PENDING: usize = 10_000;

/// Removes entries that are older than a version, and begins another epoch where there was no entry of that version: what a
/// reader has read before may be older, too.
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

/// What a cache that did not answer has still to be told.
#[derive(Default)]
pub(super) struct Pending(Mutex<HashMap<ResourceKey, (Version, Timestamp)>>);

impl Cache {
    /// Removes what is older than the versions that there are. Waits a moment for a cache that does not answer, once; after
    /// that it is told with later changes, until its entries have ended by themselves.
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
    /// Adds versions, and says whether there were any before: then the cache did not answer the last time.
    fn add(&self, versions: HashMap<ResourceKey, Version>, ttl: Duration) -> bool {
        let now = Timestamp::now();
        let ended = |since: Timestamp| {
            now.as_microseconds().saturating_sub(since.as_microseconds())
                > ttl.as_micros().try_into().unwrap_or(u64::MAX)
        };
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What was in the cache then is no longer.
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

    /// Forgets what was told, but for what is newer by now.
    fn remove(&self, told: &HashMap<ResourceKey, Version>) {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|resource_key, (version, _)| told.get(resource_key).is_none_or(|told| told < version));
    }
}
