//! The claims of a token that have the caller's role and tenant.

use super::{Environment, Stage};
use crate::domain::{ClaimPath, RoleMap};

/// The claims of a token that have the caller's role and tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsConfig {
    /// `JWT_ROLE_CLAIM`: the claim with the role; `role` when missing.
    pub role: ClaimPath,
    /// `JWT_ROLES`: the role for each value of that claim; when missing, the values are the names of roles.
    pub roles: RoleMap,
    /// `JWT_TENANT_CLAIM`: the claim with the tenant; `tenant` when missing.
    pub tenant: ClaimPath,
    /// `TENANT_REQUIRED`: whether a token without a tenant is refused; `true` when missing, unless `STAGE` is `local`. Otherwise
    /// its caller belongs to the tenant `default`.
    pub tenant_required: bool,
}

impl ClaimsConfig {
    /// Reads its variables.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        let stage = Stage::read(environment);
        let rule = "the name of a claim, or a JSON Pointer";
        let roles =
            "pairs VALUE=ROLE separated by commas, each value once, with the roles admin, moderator and user";
        Self {
            role: environment.parsed("JWT_ROLE_CLAIM", ClaimPath::ROLE, rule, ClaimPath::parse),
            roles: environment.parsed("JWT_ROLES", RoleMap::default(), roles, RoleMap::parse),
            tenant: environment.parsed("JWT_TENANT_CLAIM", ClaimPath::TENANT, rule, ClaimPath::parse),
            tenant_required: environment.parsed(
                "TENANT_REQUIRED",
                !stage.is_local,
                "true or false",
                |text| text.parse().ok(),
            ),
        }
    }
}
