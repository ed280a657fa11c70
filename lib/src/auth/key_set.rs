//! The public keys of an issuer (RFC 7517), fetched and kept.

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

/// How long it takes at least from one fetch that does not follow from the set's age to the next, in seconds.
const MIN_INTERVAL: f64 = 30.0;
/// How old a set may grow before it is fetched again in any case, so that a withdrawn key ends, in seconds.
const MAX_AGE: f64 = 3600.0;
/// How old a set may grow while its issuer is down, in seconds.
const MAX_STALE_AGE: f64 = 24.0 * 3600.0;
/// How long a request whose key is known waits for a set that has grown old, while the issuer is not known to be down.
const PATIENCE: Duration = Duration::from_millis(250);

/// A key, and the one algorithm that it is for.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) key: DecodingKey,
    pub(super) algorithm: Algorithm,
}

type Keys = HashMap<String, Arc<Key>>;

/// An issuer's keys: the last good set, kept for a day when the issuer is down.
#[derive(Debug)]
pub(super) struct KeySet(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    fetcher: Fetcher,
    /// `None` until a first set came.
    keys: RwLock<Option<Arc<Keys>>>,
    /// Held while fetching.
    times: Mutex<Times>,
}

#[derive(Debug, Default)]
struct Times {
    /// When the set was last fetched well.
    fetched: Option<Timestamp>,
    /// When it was last asked for after the start.
    asked: Option<Timestamp>,
    /// Whether that was to no avail.
    failed: bool,
}

impl KeySet {
    /// Fetches the set. An issuer that is down now may be up when the first token comes.
    ///
    /// # Errors
    /// Only when there can be no client.
    pub(super) async fn connect(url: String) -> Result<Self, Cause> {
        let (keys, times) = (RwLock::new(None), Mutex::default());
        let inner = Inner { fetcher: Fetcher::new(url)?, keys, times };
        if let Ok(keys) = inner.fetch().await {
            inner.store(keys);
            inner.times.lock().await.fetched = Some(Timestamp::now());
        }
        Ok(Self(Arc::new(inner)))
    }

    /// The key of an id; `None` when the issuer has none. A known key waits for nobody, but for a moment when the set has
    /// grown old.
    ///
    /// # Errors
    /// [`Error::Unavailable`] as long as no set came at all, or none for a day.
    pub(super) async fn find(&self, id: &str, now: Timestamp) -> Result<Option<Arc<Key>>, Error> {
        let known = self.0.known(id);
        match self.0.state(now) {
            // Somebody fetches. A known key need not wait for that.
            State::Fresh | State::Fetching if known.is_some() => return Ok(known),
            State::Old { failed } if known.is_some() => {
                let (inner, id) = (Arc::clone(&self.0), id.to_owned());
                let refresh = tokio::spawn(async move { inner.refresh(&id, now).await });
                if !failed {
                    // Goes on when this request no longer waits.
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

/// What a request finds.
enum State {
    /// The set is young enough, or was asked for a moment ago.
    Fresh,
    /// The set should be fetched again.
    Old {
        /// Whether the last attempt failed.
        failed: bool,
    },
    /// It is being fetched.
    Fetching,
    /// There is none, or only one that is too old to go by.
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
            // A fetch that goes on in the background: there is a set, or the request would have waited for it.
            State::Fetching => self.keys.read().unwrap_or_else(PoisonError::into_inner).is_none(),
            State::Fresh | State::Old { .. } => false,
        }
    }

    /// Fetches the set if it is old or lacks a key, and was not asked for a moment ago. One fetches for all.
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
                tracing::warn!(%error, "the key set cannot be fetched; the last good one stays for a day");
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

/// Seconds since a time; endless where there is none.
fn since(time: Option<Timestamp>, now: Timestamp) -> f64 {
    time.map_or(f64::INFINITY, |time| now.as_seconds() - time.as_seconds())
}

/// The keys that verify signatures of an algorithm we take, by their ids. Others are no fault of the set.
fn usable(set: &JwkSet) -> Keys {
    let key = |jwk: &Jwk| {
        let algorithm = algorithm(jwk)?;
        let key = DecodingKey::from_jwk(jwk).ok()?;
        Some((jwk.common.key_id.clone()?, Arc::new(Key { key, algorithm })))
    };
    set.keys.iter().filter_map(key).collect()
}

/// The algorithm that a key is for, by its type; what it says of itself must agree.
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
