//! The one resource that is always the same: the events in `events/` ask for it.

use anyhow::{Context as _, Result};
use serde_json::json;

use super::caller;
use crate::Error;
use crate::domain::{Resource, ResourceId, Role, Values};
use crate::repository::ResourceRepository;

/// Its id.
pub const EXAMPLE_ID: &str = "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071";

/// Stores it, unless it is there.
///
/// # Errors
/// When the store fails.
pub async fn create_example(resources: &ResourceRepository) -> Result<()> {
    let caller = caller(Role::Admin);
    let id = ResourceId::parse(EXAMPLE_ID).context("the example's id is none")?;
    match resources.find(&caller.tenant, id).await {
        Err(Error::NotFound) => {}
        found => return Ok(found.map(drop)?),
    }
    let values = json!({ "name": "Field notes", "description": "The resource that the events ask for." });
    let values = Values::from_json(values).map_err(Error::Validation)?;
    let mut resource = Resource::new(values, &caller, id.created_at());
    resource.id = id;
    Ok(resources.store(&caller.tenant, &resource).await?)
}
