//! Settings that the commands share: kinds, folders, ports, and the names of tables.

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

/// An example of the repository.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Example {
    /// customers and orders
    Shop,
}

/// Every kind of this repository: those that the API serves, and those of the example shop whose names are
/// not taken.
pub(crate) static ALL_KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let mut kinds: Vec<&'static Kind> = KINDS.iter().collect();
    for kind in kinds::shop::KINDS.iter() {
        if !kinds.iter().any(|known| known.name == kind.name || known.singular == kind.singular) {
            kinds.push(kind);
        }
    }
    Kinds::of(kinds.leak())
});

/// The kind with this name, served by default or only with the example shop.
pub(crate) fn find_kind(name: &str) -> Result<&'static Kind> {
    let known = || ALL_KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
    ALL_KINDS.find(name).with_context(|| format!("there is no kind {name}; the kinds are {}", known()))
}

/// The tenant with this name.
pub(crate) fn tenant(name: &str) -> Result<Tenant> {
    Tenant::parse(name).context("--tenant must be 1 to 64 of the characters A-Za-z0-9_-")
}

/// A hash of the declarations of all kinds.
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
    // With cargo's variables for this package, another cargo would rebuild other packages.
    let of_this_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(of_this_package) {
            command.env_remove(name);
        }
    }
    command
}

/// The folder for files of the commands.
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

/// The name of a table on this machine: the value of its variable, or its logical id in the template, which
/// is the name with `sam local invoke` as well.
pub(crate) fn table_name(logical_id: &str) -> String {
    env::var(table_variable(logical_id)).unwrap_or_else(|_| logical_id.to_owned())
}

/// The repository of resources, with the configuration of the functions.
pub(crate) fn resources(client: Client) -> Result<ResourceRepository> {
    let config = config(ResourcesConfig::read)?;
    Ok(ResourceRepository::new(client, config.table, config.listing_shards))
}

/// The service that changes resources, with the configuration of the functions.
pub(crate) async fn writes(client: Client) -> Result<WriteService> {
    let config = config(WritesConfig::read)?;
    WriteService::connect(config, client, *ALL_KINDS).await.map_err(|error| anyhow!(error))
}

/// A configuration of the functions, with the names of tables on this machine.
fn config<T>(read: impl FnOnce(&mut Environment<'_>) -> T) -> Result<T> {
    let tables = ["ResourcesTable", "UniqueValuesTable", "IdempotencyTable"];
    let variable = |name: &str| {
        let table = tables.into_iter().find(|table| table_variable(table) == name);
        table.map(table_name).or_else(|| env::var(name).ok())
    };
    let mut environment = Environment::new(variable);
    let config = read(&mut environment);
    environment.finish(config).context("invalid environment variables")
}
