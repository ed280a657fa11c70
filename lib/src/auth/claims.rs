//! What a token says (RFC 7519, section 4.1, and this API's own claims).

use serde::Deserialize;

use crate::domain::{Caller, MAX_SUBJECT_LENGTH, Role, Tenant, Timestamp};

/// How far the issuer's clock and ours may be apart, in seconds.
const LEEWAY: f64 = 30.0;

/// The claims that this API reads.
#[derive(Debug, Clone, Deserialize)]
pub struct Claims {
    /// The caller's name.
    pub sub: String,
    /// Seconds since the Unix epoch after which the token is no longer good.
    pub exp: f64,
    /// Seconds since the Unix epoch before which it is not yet good.
    pub nbf: Option<f64>,
    /// `admin`, `moderator` or `user`; any other may do nothing.
    pub role: String,
    /// Whose resources the caller works with.
    pub tenant: Option<String>,
}

impl Claims {
    /// The caller that verified claims name. Without a tenant it is one of the tenant `default`, unless one is required.
    ///
    /// # Errors
    /// What is wrong with the claims.
    pub(super) fn into_caller(self, now: Timestamp, tenant_required: bool) -> Result<Caller, &'static str> {
        let now = now.as_seconds();
        // Written so that a claim that is no number is refused too.
        let unexpired = self.exp + LEEWAY > now;
        if !unexpired {
            return Err("it has expired");
        }
        let begun = self.nbf.is_none_or(|nbf| nbf - LEEWAY <= now);
        if !begun {
            return Err("it is not yet valid");
        }
        if !(1..=MAX_SUBJECT_LENGTH).contains(&self.sub.chars().count()) {
            return Err("its subject is empty or too long");
        }
        let tenant = match self.tenant {
            None if tenant_required => return Err("it has no tenant"),
            None => Tenant::default(),
            Some(name) => Tenant::parse(&name).ok_or("its tenant is no tenant's name")?,
        };
        Ok(Caller { tenant, subject: self.sub, role: Role::parse(&self.role) })
    }
}
