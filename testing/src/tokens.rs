//! Tokens like those of an issuer.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

/// The claims of a token that expires after `seconds`.
///
/// # Errors
/// If the clock is before 1970.
pub fn claims(tenant: &str, subject: &str, role: &str, seconds: f64) -> Result<Value> {
    let expires = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() + seconds;
    Ok(json!({ "sub": subject, "exp": expires, "role": role, "tenant": tenant }))
}

/// A token with these claims, signed with a secret (HS256).
///
/// # Errors
/// Only because of a defect.
pub fn sign(claims: &Value, secret: &str) -> Result<String> {
    let key = EncodingKey::from_secret(secret.as_bytes());
    Ok(encode(&Header::new(Algorithm::HS256), claims, &key)?)
}
