//! Tokens as an issuer would sign them, for development and tests.

use anyhow::Result;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

use crate::auth::Claims;
use crate::domain::{Caller, Role, Tenant, Timestamp};

/// A caller of a role, named like it.
pub fn caller(role: Role) -> Caller {
    Caller { tenant: Tenant::default(), subject: role.as_str().to_owned(), role }
}

/// The claims of a token for a caller that is good for some seconds from now.
pub fn claims(caller: &Caller, seconds: f64) -> Claims {
    Claims {
        sub: caller.subject.clone(),
        exp: Timestamp::now().as_seconds() + seconds,
        nbf: None,
        role: caller.role.as_str().to_owned(),
        tenant: Some(caller.tenant.to_string()),
    }
}

/// A token signed with a secret (HS256).
///
/// # Errors
/// Only by a defect.
pub fn sign(claims: &impl serde::Serialize, secret: &str) -> Result<String> {
    Ok(encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(secret.as_bytes()))?)
}
