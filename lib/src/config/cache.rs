//! Where reads by id are cached.

use std::fmt;
use std::time::Duration;

use redis::IntoConnectionInfo as _;

use super::Environment;

/// The timeout of a call.
const BUDGET: Duration = Duration::from_millis(50);
/// The default TTL of an entry, in seconds.
const DEFAULT_TTL: u64 = 300;
/// The maximum TTL of an entry, in seconds.
const MAX_TTL: u64 = 24 * 60 * 60;

/// The cache.
#[derive(Clone, PartialEq, Eq)]
pub struct CacheConfig {
    /// `CACHE_URL`: a Redis or Valkey server, `redis://` or, with TLS, `rediss://`. Without it nothing is cached.
    pub url: Option<String>,
    /// `CACHE_TTL_SECONDS`: the TTL of an entry, 1 to 86,400 seconds; 300 when missing.
    pub ttl: Duration,
    /// The timeout of a call; not a variable.
    pub budget: Duration,
    /// `CACHE_CA_FILE`: the file with the certificates (PEM) of the server's authority, if the system does
    /// not trust it.
    pub authority_file: Option<String>,
}

impl CacheConfig {
    /// Reads its variables.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        let url = |text: &str| {
            let scheme = ["redis://", "rediss://"].iter().any(|scheme| text.starts_with(scheme));
            (scheme && text.into_connection_info().is_ok()).then(|| Some(text.to_owned()))
        };
        let seconds = |text: &str| text.parse().ok().filter(|ttl| (1..=MAX_TTL).contains(ttl));
        Self {
            url: environment.parsed_secret("CACHE_URL", None, "a redis:// or rediss:// URL", url),
            ttl: Duration::from_secs(environment.parsed(
                "CACHE_TTL_SECONDS",
                DEFAULT_TTL,
                "a whole number from 1 to 86400",
                seconds,
            )),
            budget: BUDGET,
            authority_file: environment.optional("CACHE_CA_FILE"),
        }
    }
}

/// Without the URL, which may hold a password.
impl fmt::Debug for CacheConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = if self.url.is_some() { "set" } else { "unset" };
        f.debug_struct("CacheConfig").field("url", &url).field("ttl", &self.ttl).finish_non_exhaustive()
    }
}
