//! What the deployment is for.

use super::Environment;

/// The stage that is no deployment: `cargo xtask dev` and `sam local`.
const LOCAL: &str = "local";

/// `STAGE`: the name of the deployment, or `local` on a developer's machine. Unset is not `local`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// Whether this is a developer's machine: then what protects a deployment is not asked for.
    pub is_local: bool,
}

impl Stage {
    /// Reads its variable.
    pub fn read(environment: &Environment<'_>) -> Self {
        Self { is_local: environment.optional("STAGE").as_deref() == Some(LOCAL) }
    }
}
