//! Validates the claims of a token (RFC 7519, section 4.1), and reads its caller. The configuration names the
//! claims of role and tenant.

use std::borrow::Cow;

use serde_json::Value;

use crate::config::ClaimsConfig;
use crate::domain::{API_KEY_SUBJECT, Caller, MAX_SUBJECT_LENGTH, Tenant, Timestamp, parse_json};

/// The tolerated difference between the issuer's clock and ours, in seconds.
const LEEWAY: f64 = 30.0;

/// Why claims are refused. It is only logged.
type Reason = Cow<'static, str>;

/// The claims of a token whose signature is verified.
#[derive(Debug)]
pub(super) struct Claims(Value);

impl Claims {
    /// Reads the payload of a token.
    ///
    /// # Errors
    /// When it is not a JSON object, or has a duplicate member.
    pub(super) fn parse(payload: &str) -> Result<Self, Reason> {
        match parse_json(payload) {
            Ok(claims @ Value::Object(_)) => Ok(Self(claims)),
            _ => Err("its claims are not a JSON object, or have a duplicate member".into()),
        }
    }

    /// Checks the times, the subject, the role and the tenant, and returns the caller.
    ///
    /// # Errors
    /// The reason, when a claim is missing or invalid.
    pub(super) fn caller(&self, config: &ClaimsConfig, now: Timestamp) -> Result<Caller, Reason> {
        self.check_times(now)?;
        let subject = self.text("sub")?.ok_or("it has no claim sub")?;
        if !(1..=MAX_SUBJECT_LENGTH).contains(&subject.chars().count()) {
            return Err("its subject is empty or too long".into());
        }
        // Otherwise a user who can choose a subject at the issuer could impersonate an API key.
        if subject.starts_with(API_KEY_SUBJECT) {
            return Err("its subject is that of an API key".into());
        }
        let ClaimsConfig { role, roles, tenant, tenant_required } = config;
        let value = role.find(&self.0).ok_or_else(|| format!("it has no claim {role}"))?;
        let role = roles
            .role(value)
            .ok_or_else(|| format!("its claim {role} is neither text nor a list of texts"))?;
        let tenant = match tenant.find(&self.0) {
            None if *tenant_required => return Err(format!("it has no claim {tenant}").into()),
            None => Tenant::default(),
            Some(name) => name.as_str().and_then(Tenant::parse).ok_or_else(|| {
                format!("its claim {tenant} is not the name of a tenant (1 to 64 of A-Za-z0-9_-)")
            })?,
        };
        Ok(Caller { tenant, subject: subject.to_owned(), role })
    }

    /// Requires that `iss` is this issuer.
    ///
    /// # Errors
    /// When the claim is missing, or is another.
    pub(super) fn check_issuer(&self, issuer: &str) -> Result<(), Reason> {
        let is = self.text("iss")?.ok_or("it has no claim iss")?;
        if is == issuer { Ok(()) } else { Err("it is of another issuer".into()) }
    }

    /// Requires that `aud` names one of these audiences. Without `aud`, as in access tokens of Amazon
    /// Cognito, `client_id` must be one of them.
    ///
    /// # Errors
    /// When both claims are missing, or name only others.
    pub(super) fn check_audience(&self, audiences: &[String]) -> Result<(), Reason> {
        let is_ours = |audience: &str| audiences.iter().any(|ours| ours == audience);
        let for_us = match self.claim("aud") {
            Some(Value::String(audience)) => is_ours(audience),
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).any(is_ours),
            Some(_) => return Err("its claim aud is neither text nor a list of texts".into()),
            None => is_ours(self.text("client_id")?.ok_or("it has neither a claim aud nor client_id")?),
        };
        if for_us { Ok(()) } else { Err("it is for another audience".into()) }
    }

    fn check_times(&self, now: Timestamp) -> Result<(), Reason> {
        let now = now.as_seconds();
        let expires = self.seconds("exp")?.ok_or("it has no claim exp")?;
        if expires + LEEWAY <= now {
            return Err("it has expired".into());
        }
        let begun = self.seconds("nbf")?.is_none_or(|begins| begins - LEEWAY <= now);
        if begun { Ok(()) } else { Err("it is not yet valid".into()) }
    }

    fn claim(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|claim| !claim.is_null())
    }

    fn text(&self, name: &str) -> Result<Option<&str>, Reason> {
        match self.claim(name) {
            None => Ok(None),
            Some(claim) => {
                claim.as_str().map(Some).ok_or_else(|| format!("its claim {name} is not text").into())
            }
        }
    }

    fn seconds(&self, name: &str) -> Result<Option<f64>, Reason> {
        match self.claim(name) {
            None => Ok(None),
            Some(claim) => {
                claim.as_f64().map(Some).ok_or_else(|| format!("its claim {name} is not a number").into())
            }
        }
    }
}
