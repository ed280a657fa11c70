//! Where API keys are stored.

use super::Environment;

/// Where API keys are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeysConfig {
    /// `API_KEYS_TABLE`: the name of the table. Without one every API key is refused.
    pub table: Option<String>,
}

impl ApiKeysConfig {
    /// Reads its variable.
    pub fn read(environment: &mut Environment<'_>) -> Self {
        Self { table: environment.optional("API_KEYS_TABLE") }
    }
}
