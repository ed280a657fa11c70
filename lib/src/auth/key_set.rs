//! The public keys of an issuer (RFC 7517), fetched and cached.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use backon::Retryable;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::fetch::Fetcher;
use crate::Error;
use crate::domain::Timestamp;
use crate::error::Cause;
use crate::retry::{Backoff, FETCH_RETRIES};

/// The minimum time from one fetch to the next, not counting the one at start, in seconds.
const MIN_INTERVAL: f64 = 30.0;
/// The age at which a set is fetched again, so that a removed key is no longer accepted, in seconds.
const MAX_AGE: f64 = 3600.0;
/// The age up to which a set is used while its issuer is down, in seconds.
const MAX_STALE_AGE: f64 = 24.0 * 3600.0;
/// How long a request with a known key waits for the refresh of an old set, unless the last fetch failed.
const PATIENCE: Duration = Duration::from_millis(250);

/// A key, and the only algorithm that it verifies.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) key: DecodingKey,
    pub(super) algorithm: Algorithm,
}

type Keys = HashMap<String, Arc<Key>>;

/// An issuer's keys: the last good set, which is used for a day while the issuer is down.
#[derive(Debug)]
pub(super) struct KeySet(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    fetcher: Fetcher,
    /// `None` until a set was fetched.
    keys: RwLock<Option<Arc<Keys>>>,
    /// Held while fetching.
    times: Mutex<Times>,
}

#[derive(Debug, Default)]
struct Times {
    /// When a fetch last succeeded.
    fetched: Option<Timestamp>,
    /// When a fetch was last attempted, not counting the one at start.
    asked: Option<Timestamp>,
    /// Whether that attempt failed.
    failed: bool,
}

impl KeySet {
    /// Fetches the set. If that fails, it is fetched again with the first token.
    ///
    /// # Errors
    /// When the URL is invalid.
    pub(super) async fn connect(url: String) -> Result<Self, Cause> {
        let (keys, times) = (RwLock::new(None), Mutex::default());
        let inner = Inner { fetcher: Fetcher::new(url)?, keys, times };
        if let Ok(keys) = inner.fetch().await {
            inner.store(keys);
            inner.times.lock().await.fetched = Some(Timestamp::now());
        }
        Ok(Self(Arc::new(inner)))
    }

    /// The key with an id; `None` if the set has none. A request with a known key does not wait for a fetch,
    /// except up to `PATIENCE` when the set is old.
    ///
    /// # Errors
    /// [`Error::Unavailable`] before a set was fetched, and when none was fetched for a day.
    pub(super) async fn find(&self, id: &str, now: Timestamp) -> Result<Option<Arc<Key>>, Error> {
        let known = self.0.known(id);
        match self.0.state(now) {
            // A known key does not wait for another request's fetch.
            State::Fresh | State::Fetching if known.is_some() => return Ok(known),
            State::Old { failed } if known.is_some() => {
                let (inner, id) = (Arc::clone(&self.0), id.to_owned());
                let refresh = tokio::spawn(async move { inner.refresh(&id, now).await });
                if !failed {
                    // The fetch continues after the timeout.
                    let _ = timeout(PATIENCE, refresh).await;
                }
            }
            _ => self.0.refresh(id, now).await,
        }
        if self.0.is_unusable(now) {
            return Err(Error::Unavailable("no key set could be fetched".into()));
        }
        Ok(self.0.known(id))
    }
}

/// The state of the set when a request needs a key.
enum State {
    /// The set is young enough, or a fetch was attempted less than `MIN_INTERVAL` ago.
    Fresh,
    /// The set should be fetched again.
    Old {
        /// Whether the last attempt failed.
        failed: bool,
    },
    /// A request is fetching it.
    Fetching,
    /// There is no set, or it has reached `MAX_STALE_AGE`.
    Unusable,
}

impl Inner {
    fn known(&self, id: &str) -> Option<Arc<Key>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).as_ref()?.get(id).cloned()
    }

    fn state(&self, now: Timestamp) -> State {
        let Ok(times) = self.times.try_lock() else { return State::Fetching };
        match since(times.fetched, now) {
            age if age >= MAX_STALE_AGE => State::Unusable,
            age if age >= MAX_AGE && since(times.asked, now) >= MIN_INTERVAL => {
                State::Old { failed: times.failed }
            }
            _ => State::Fresh,
        }
    }

    fn is_unusable(&self, now: Timestamp) -> bool {
        match self.state(now) {
            State::Unusable => true,
            // Another request is fetching: the present set is used, if there is one.
            State::Fetching => self.keys.read().unwrap_or_else(PoisonError::into_inner).is_none(),
            State::Fresh | State::Old { .. } => false,
        }
    }

    /// Fetches the set if it is old or lacks the key, unless that was attempted less than `MIN_INTERVAL` ago.
    /// Concurrent requests wait for the same fetch.
    async fn refresh(&self, id: &str, now: Timestamp) {
        let mut times = self.times.lock().await;
        // Another request may have fetched while this one waited.
        let wanted = self.known(id).is_none() || since(times.fetched, now) >= MAX_AGE;
        if !wanted || since(times.asked, now) < MIN_INTERVAL {
            return;
        }
        times.asked = Some(now);
        let fetched = self.fetch().await;
        times.failed = fetched.is_err();
        match fetched {
            Ok(keys) => {
                self.store(keys);
                times.fetched = Some(now);
            }
            Err(error) => {
                tracing::warn!(%error, "the key set cannot be fetched; the last one is used for up to a day");
            }
        }
    }

    fn store(&self, keys: Keys) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(keys));
    }

    async fn fetch(&self) -> Result<Keys, Cause> {
        let attempt = || async {
            let body = self.fetcher.get().await?;
            let set: JwkSet = serde_json::from_slice(&body)?;
            Ok::<_, Cause>(usable(&set))
        };
        attempt.retry(Backoff::of(FETCH_RETRIES)).await
    }
}

/// The seconds since a time; infinite for `None`.
fn since(time: Option<Timestamp>, now: Timestamp) -> f64 {
    time.map_or(f64::INFINITY, |time| now.as_seconds() - time.as_seconds())
}

/// The keys for the supported algorithms, by id. Other keys of the set are ignored.
fn usable(set: &JwkSet) -> Keys {
    let key = |jwk: &Jwk| {
        let algorithm = algorithm(jwk)?;
        let key = DecodingKey::from_jwk(jwk).ok()?;
        Some((jwk.common.key_id.clone()?, Arc::new(Key { key, algorithm })))
    };
    set.keys.iter().filter_map(key).collect()
}

/// The algorithm for the type of a key. If the key has `use` or `alg`, they must agree.
fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let (algorithm, name) = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    jwk.common.key_algorithm.is_none_or(|said| said == name).then_some(algorithm)
}
