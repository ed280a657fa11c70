//! Where the claims of a token say what the caller may do, and for which tenant.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::Role;

/// Where a claim is: the name of a member, or a JSON Pointer (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPath(Cow<'static, str>);

impl ClaimPath {
    /// The claim `role`.
    pub const ROLE: Self = Self(Cow::Borrowed("role"));
    /// The claim `tenant`.
    pub const TENANT: Self = Self(Cow::Borrowed("tenant"));

    /// Reads a path. What begins with a slash is a JSON Pointer; all else is a member's name, also a URL. `None` for a pointer
    /// with an invalid escape, and for what begins or ends with white space.
    pub fn parse(text: &str) -> Option<Self> {
        let is_name = text.trim() == text && !text.is_empty();
        let valid_escapes = || text.split('~').skip(1).all(|escaped| escaped.starts_with(['0', '1']));
        let valid = is_name && (!text.starts_with('/') || valid_escapes());
        valid.then(|| Self(Cow::Owned(text.to_owned())))
    }

    /// The claim at this path; `None` where it is missing or `null`.
    pub fn find<'a>(&self, claims: &'a Value) -> Option<&'a Value> {
        let claim = if self.0.starts_with('/') { claims.pointer(&self.0) } else { claims.get(&*self.0) };
        claim.filter(|claim| !claim.is_null())
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which role each value of a claim stands for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleMap(Option<Mapping>);

/// A mapping that was configured.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mapping {
    by_value: Vec<(String, Role)>,
    /// The role of any other value.
    otherwise: Role,
}

/// The value that stands for any other.
const ANY: &str = "*";

impl RoleMap {
    /// Reads pairs `VALUE=ROLE` separated by commas. `None` for what is no such list, for a role that does not exist, and for
    /// a value that occurs twice.
    pub fn parse(text: &str) -> Option<Self> {
        let mut by_value: Vec<(String, Role)> = Vec::new();
        for pair in text.split(',') {
            // The last one: values may be URLs with a query.
            let (value, role) = pair.rsplit_once('=')?;
            let (value, role) = (value.trim(), Role::parse(role.trim()));
            let repeated = by_value.iter().any(|(known, _)| known == value);
            if value.is_empty() || repeated || role == Role::Unknown {
                return None;
            }
            by_value.push((value.to_owned(), role));
        }
        let any = by_value.iter().position(|(value, _)| value == ANY);
        let otherwise = any.map_or(Role::Unknown, |any| by_value.remove(any).1);
        Some(Self(Some(Mapping { by_value, otherwise })))
    }

    /// The role that a claim gives: of a text its own, of a list the one with the most permissions. `None` for a claim that is
    /// neither a text nor a list of texts.
    pub fn role(&self, claim: &Value) -> Option<Role> {
        match claim {
            Value::String(value) => Some(self.role_of(value)),
            // Roles are declared from the one with the most permissions to the one with none.
            Value::Array(values) => values.iter().try_fold(Role::Unknown, |strongest, value| {
                Some(strongest.min(self.role_of(value.as_str()?)))
            }),
            _ => None,
        }
    }

    fn role_of(&self, value: &str) -> Role {
        if value.is_empty() {
            return Role::Unknown;
        }
        let Some(mapping) = &self.0 else { return Role::parse(value) };
        let mapped = mapping.by_value.iter().find(|(known, _)| known == value);
        mapped.map_or(mapping.otherwise, |(_, role)| *role)
    }
}
