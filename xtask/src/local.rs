//! What the commands agree on: where the API and its DynamoDB are on this machine, and how tables are named.

use std::env;
use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context as _, Result, anyhow};
use kinds::KINDS;
use resource_api::config::{Environment, ResourcesConfig, WritesConfig};
use resource_api::domain::{Kind, Kinds, Tenant};
use resource_api::repository::ResourceRepository;
use resource_api::repository::sdk::Client;
use resource_api::service::WriteService;
use resource_api::start::State as _;
use tokio::process::Command;

/// An example that the repository has.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Example {
    /// customers and orders
    Shop,
}

/// Every kind of this repository: those that the API serves, and those of the example shop that have no name of theirs.
pub(crate) static ALL_KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let mut kinds: Vec<&'static Kind> = KINDS.iter().collect();
    for kind in kinds::shop::KINDS.iter() {
        if !kinds.iter().any(|known| known.name == kind.name || known.singular == kind.singular) {
            kinds.push(kind);
        }
    }
    Kinds::of(kinds.leak())
});

/// The kind of a name, served by default or only with the example shop.
pub(crate) fn find_kind(name: &str) -> Result<&'static Kind> {
    let known = || ALL_KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
    ALL_KINDS.find(name).with_context(|| format!("there is no kind {name}; there are {}", known()))
}

/// The tenant of a name.
pub(crate) fn tenant(name: &str) -> Result<Tenant> {
    Tenant::parse(name).context("a tenant has 1 to 64 of A-Za-z0-9_-")
}

/// A text that changes with whatever is declared of any kind.
pub(crate) fn declared() -> String {
    let kind = |kind: &Kind| {
        let Kind { name, fields, indexes, unique, access, .. } = kind;
        format!("{name} {fields:?} {indexes:?} {unique:?} {access:?}")
    };
    let kinds: Vec<_> = ALL_KINDS.iter().map(kind).collect();
    let mut hasher = DefaultHasher::new();
    kinds.hash(&mut hasher);
    format!("{:x}", hasher.finish())
}

/// The embedded DynamoDB's port.
pub(crate) const DYNAMODB_PORT: u16 = 8000;

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// A program, to run in the workspace's folder.
pub(crate) fn in_workspace(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace());
    // What cargo says of this package would make another cargo build some of the others anew.
    let of_this_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(of_this_package) {
            command.env_remove(name);
        }
    }
    command
}

/// The folder for what the commands keep.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

/// The variable that names a table: `RESOURCES_TABLE` for `ResourcesTable`.
pub(crate) fn table_variable(logical_id: &str) -> String {
    let mut variable = String::new();
    for (index, letter) in logical_id.chars().enumerate() {
        if letter.is_uppercase() && index > 0 {
            variable.push('_');
        }
        variable.push(letter.to_ascii_uppercase());
    }
    variable
}

/// The name of a table on this machine: what its variable says, or its logical id in the template, which is also
/// what `sam local invoke` puts in the variable.
pub(crate) fn table_name(logical_id: &str) -> String {
    env::var(table_variable(logical_id)).unwrap_or_else(|_| logical_id.to_owned())
}

/// The resources on this machine, with the functions' own configuration.
pub(crate) fn resources(client: Client) -> Result<ResourceRepository> {
    let config = config(ResourcesConfig::read)?;
    Ok(ResourceRepository::new(client, config.table, config.listing_shards))
}

/// What changes the resources on this machine, with the functions' own configuration.
pub(crate) async fn writes(client: Client) -> Result<WriteService> {
    let config = config(WritesConfig::read)?;
    WriteService::connect(config, client, *ALL_KINDS).await.map_err(|error| anyhow!(error))
}

/// A configuration of the functions', on this machine.
fn config<T>(read: impl FnOnce(&mut Environment<'_>) -> T) -> Result<T> {
    let tables = ["ResourcesTable", "UniqueValuesTable", "IdempotencyTable"];
    let variable = |name: &str| {
        let table = tables.into_iter().find(|table| table_variable(table) == name);
        table.map(table_name).or_else(|| env::var(name).ok())
    };
    let mut environment = Environment::new(variable);
    let config = read(&mut environment);
    environment.finish(config).context("the environment")
}
