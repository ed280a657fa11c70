//! Reads the role and the tenant of a caller from the claims of a token.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::Role;

/// The place of a claim: the name of a member, or a JSON Pointer (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPath(Cow<'static, str>);

impl ClaimPath {
    /// The claim `role`.
    pub const ROLE: Self = Self(Cow::Borrowed("role"));
    /// The claim `tenant`.
    pub const TENANT: Self = Self(Cow::Borrowed("tenant"));

    /// Parses a path. A text with a leading slash is a JSON Pointer; any other is the name of a member, which
    /// may be a URL. `None` for a pointer with an invalid escape, an empty text, and a text with leading or
    /// trailing white space.
    pub fn parse(text: &str) -> Option<Self> {
        let is_name = text.trim() == text && !text.is_empty();
        let valid_escapes = || text.split('~').skip(1).all(|escaped| escaped.starts_with(['0', '1']));
        let valid = is_name && (!text.starts_with('/') || valid_escapes());
        valid.then(|| Self(Cow::Owned(text.to_owned())))
    }

    /// The claim at this path; `None` if it is missing or `null`.
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

/// Maps the values of a claim to roles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleMap(Option<Mapping>);

/// A configured mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mapping {
    by_value: Vec<(String, Role)>,
    /// The role of any other value.
    otherwise: Role,
}

/// The value that stands for any other.
const ANY: &str = "*";

impl RoleMap {
    /// Parses pairs `VALUE=ROLE` separated by commas. `None` if a pair is malformed, a role does not exist,
    /// or a value occurs twice.
    pub fn parse(text: &str) -> Option<Self> {
        let mut by_value: Vec<(String, Role)> = Vec::new();
        for pair in text.split(',') {
            // The last `=` separates them, because values may be URLs with a query.
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

    /// The role of a claim. A list gives the role with the most permissions among its items. `None` if the
    /// claim is neither a string nor a list of strings.
    pub fn role(&self, claim: &Value) -> Option<Role> {
        match claim {
            Value::String(value) => Some(self.role_of(value)),
            // Roles are declared in the order of their permissions, the most first.
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
