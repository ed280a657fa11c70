//! The public keys of an issuer (RFC 7517), fetched and kept.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use backon::Retryable;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::Mutex;

use super::fetch::Fetcher;
use crate::Error;
use crate::domain::Timestamp;
use crate::error::Cause;
use crate::retry::{Backoff, FETCH_RETRIES};

/// How often an unknown key id may make us fetch, in seconds.
const MIN_INTERVAL: f64 = 30.0;
/// How old a set may grow before it is fetched again in any case, so that a withdrawn key ends, in seconds.
const MAX_AGE: f64 = 3600.0;

/// A key, and the one algorithm that it is for.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) key: DecodingKey,
    pub(super) algorithm: Algorithm,
}

type Keys = HashMap<String, Arc<Key>>;

/// An issuer's keys: the last good set, kept when the issuer is down.
#[derive(Debug)]
pub(super) struct KeySet {
    fetcher: Fetcher,
    /// `None` until a first set came.
    keys: RwLock<Option<Arc<Keys>>>,
    /// Held while fetching.
    times: Mutex<Times>,
}

#[derive(Debug)]
struct Times {
    /// When the set was last fetched well.
    fetched: Option<Timestamp>,
    /// When it was last fetched for an unknown key, or to no avail.
    asked: Option<Timestamp>,
}

impl KeySet {
    /// Fetches the set. An issuer that is down now may be up when the first token comes.
    ///
    /// # Errors
    /// Only when there can be no client.
    pub(super) async fn connect(url: String) -> Result<Self, Cause> {
        let set = Self {
            fetcher: Fetcher::new(url)?,
            keys: RwLock::new(None),
            times: Mutex::new(Times { fetched: None, asked: None }),
        };
        if let Ok(keys) = set.fetch().await {
            set.store(keys);
            set.times.lock().await.fetched = Some(Timestamp::now());
        }
        Ok(set)
    }

    /// The key of an id; `None` when the issuer has none.
    ///
    /// # Errors
    /// [`Error::Unavailable`] as long as no set came at all.
    pub(super) async fn find(&self, id: &str, now: Timestamp) -> Result<Option<Arc<Key>>, Error> {
        if let Some(key) = self.known(id)
            && !self.is_old(now)
        {
            return Ok(Some(key));
        }
        let mut times = self.times.lock().await;
        let since =
            |time: Option<Timestamp>| time.map_or(f64::INFINITY, |time| now.as_seconds() - time.as_seconds());
        // Another request may have fetched while this one waited.
        let wanted = self.known(id).is_none() || since(times.fetched) >= MAX_AGE;
        if wanted && since(times.asked) >= MIN_INTERVAL {
            times.asked = Some(now);
            match self.fetch().await {
                Ok(keys) => {
                    self.store(keys);
                    times.fetched = Some(now);
                }
                Err(error) => {
                    tracing::warn!(%error, "the key set cannot be fetched; the last good one stays");
                }
            }
        }
        drop(times);
        if self.keys.read().unwrap_or_else(PoisonError::into_inner).is_none() {
            return Err(Error::Unavailable("no key set could be fetched yet".into()));
        }
        Ok(self.known(id))
    }

    fn known(&self, id: &str) -> Option<Arc<Key>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).as_ref()?.get(id).cloned()
    }

    /// Whether the set should be fetched anew. While somebody fetches, it is not for others to wait.
    fn is_old(&self, now: Timestamp) -> bool {
        self.times.try_lock().is_ok_and(|times| {
            times.fetched.is_none_or(|fetched| now.as_seconds() - fetched.as_seconds() >= MAX_AGE)
        })
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
