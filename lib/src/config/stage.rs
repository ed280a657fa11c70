//! The stage of the deployment.

use super::Environment;

/// The stage on a developer's machine: `cargo xtask dev` and `sam local`.
const LOCAL: &str = "local";

/// `STAGE`: the name of the deployment, or `local` on a developer's machine. Unset is not `local`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// Whether this is a developer's machine, where the settings that protect a deployment are not required.
    pub is_local: bool,
}

impl Stage {
    /// Reads its variable.
    pub fn read(environment: &Environment<'_>) -> Self {
        Self { is_local: environment.optional("STAGE").as_deref() == Some(LOCAL) }
    }
}
