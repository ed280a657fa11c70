//! The rate limits of callers.

use super::Environment;
use crate::domain::{RateLimit, RateLimitClass, Role};

/// The limits of each class and role, and the table of the buckets.
#[derive(Debug, Clone, PartialEq)]
pub struct RateLimitsConfig {
    /// `RATE_LIMITS_TABLE`: the name of the table; required unless every limit is off.
    pub table: String,
    /// `RATE_LIMIT_BLOCK`: whether instances take blocks of tokens for callers that send many requests; `on`
    /// when missing.
    pub blocks: bool,
    /// `RATE_LIMIT_READ`, and `RATE_LIMIT_READ_ADMIN`, `…_MODERATOR`, `…_USER` by role.
    read: Limits,
    /// `RATE_LIMIT_WRITE`, likewise.
    write: Limits,
}

/// The limits of a class: for each role that has one of its own, and for all others.
#[derive(Debug, Clone, PartialEq)]
struct Limits {
    by_role: Vec<(Role, Option<RateLimit>)>,
    otherwise: Option<RateLimit>,
}

impl RateLimitsConfig {
    /// Reads its variables.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        let read = Limits::read(environment, "RATE_LIMIT_READ", RateLimit::DEFAULT_READ);
        let write = Limits::read(environment, "RATE_LIMIT_WRITE", RateLimit::DEFAULT_WRITE);
        let blocks = environment.parsed("RATE_LIMIT_BLOCK", true, "on or off", |text| match text {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        });
        let limits = Self { table: String::new(), blocks, read, write };
        let table = if limits.any() { environment.required("RATE_LIMITS_TABLE") } else { String::new() };
        Self { table, ..limits }
    }

    /// Whether there is any limit.
    pub fn any(&self) -> bool {
        self.read.any() || self.write.any()
    }

    /// The limit for a class and a role; `None` if it is off.
    pub fn limit(&self, class: RateLimitClass, role: Role) -> Option<RateLimit> {
        let limits = match class {
            RateLimitClass::Read => &self.read,
            RateLimitClass::Write => &self.write,
        };
        let own = limits.by_role.iter().find(|(of, _)| *of == role);
        own.map_or(limits.otherwise, |(_, limit)| *limit)
    }
}

impl Limits {
    fn read(environment: &mut Environment<'_>, name: &str, default: RateLimit) -> Self {
        let rule = "CAPACITY:PER_SECOND or off";
        let parse = |text: &str| if text == "off" { Some(None) } else { RateLimit::parse(text).map(Some) };
        let otherwise = environment.parsed(name, Some(default), rule, parse);
        let mut by_role = Vec::new();
        for role in Role::KNOWN {
            let name = format!("{name}_{}", role.as_str().to_uppercase());
            if let Some(limit) = environment.parsed(&name, None, rule, |text| parse(text).map(Some)) {
                by_role.push((role, limit));
            }
        }
        Self { by_role, otherwise }
    }

    fn any(&self) -> bool {
        self.otherwise.is_some() || self.by_role.iter().any(|(_, limit)| limit.is_some())
    }
}
