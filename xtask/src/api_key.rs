//! `cargo xtask api-key`: creates, lists and revokes API keys.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, ensure};
use resource_api::Error;
use resource_api::domain::{API_KEY_SUBJECT, ApiKey, ApiKeyId, ApiKeyRecord, Role, Tenant, Timestamp};
use resource_api::repository::ApiKeyRepository;
use resource_api::repository::sdk::Client;

use crate::local::table_name;
use crate::store::StoreOptions;

/// The table of the keys.
const TABLE: &str = "ApiKeysTable";
/// The longest name of a key, in characters.
const MAX_NAME_LENGTH: usize = 100;

/// The options of `api-key`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Creates a key and prints it. The key cannot be shown again
    Create {
        /// The role of the key
        #[arg(long, value_parser = ["admin", "moderator", "user"])]
        role: String,
        /// The tenant of the key
        #[arg(long, default_value = "default")]
        tenant: String,
        /// The purpose of the key, at most 100 characters
        #[arg(long, default_value = "")]
        name: String,
        /// The lifetime of the key, such as 90d or 12h [default: unlimited]
        #[arg(long, value_parser = lifetime)]
        expires: Option<Duration>,
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Lists the keys, the oldest first, without their secrets
    List {
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Revokes a key, which takes effect within a minute
    Revoke {
        /// The id of the key, with or without `key:`
        id: String,
        #[command(flatten)]
        store: StoreOptions,
    },
}

fn lifetime(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text).map_err(|_| "expected a duration, such as 90d or 12h".to_owned())
}

/// Runs the command.
pub(crate) async fn run(options: Options) -> Result<()> {
    match options.action {
        Action::Create { role, tenant, name, expires, store } => {
            let tenant =
                Tenant::parse(&tenant).context("--tenant must be 1 to 64 of the characters A-Za-z0-9_-")?;
            ensure!(
                name.chars().count() <= MAX_NAME_LENGTH && !name.chars().any(char::is_control),
                "--name must have at most {MAX_NAME_LENGTH} characters and no control characters"
            );
            let now = Timestamp::now();
            let end = |lifetime| now.checked_add(lifetime).filter(|end| *end > now);
            let expires = expires.map(|lifetime| {
                end(lifetime).context("--expires must be at least 1 ms, and end before the year 10000")
            });
            let expires = expires.transpose()?;
            create(&repository(&store).await?, Role::parse(&role), tenant, name, expires).await
        }
        Action::List { store } => {
            let (client, _) = store.connect(&[TABLE]).await?;
            list(&client).await
        }
        Action::Revoke { id, store } => revoke(&repository(&store).await?, &id).await,
    }
}

async fn repository(store: &StoreOptions) -> Result<ApiKeyRepository> {
    let (client, _) = store.connect(&[TABLE]).await?;
    Ok(ApiKeyRepository::new(client, table_name(TABLE)))
}

/// Prints only the key on standard output, for scripts; its id and its expiry on standard error.
async fn create(
    keys: &ApiKeyRepository,
    role: Role,
    tenant: Tenant,
    name: String,
    expires_at: Option<Timestamp>,
) -> Result<()> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| anyhow!("cannot get random bytes: {error}"))?;
    let key = ApiKey::new(secret);
    let record = ApiKeyRecord::new(&key, name, tenant, role, expires_at);
    keys.create(&record).await.map_err(|error| of_the_store(&error))?;
    println!("{}", key.reveal());
    let expires = record.expires_at.map_or_else(|| "never".to_owned(), |time| time.to_string());
    eprintln!("id {}, expires {expires}. The key is not stored and cannot be shown again", record.id);
    Ok(())
}

/// Scans the whole table: it is small, and no function lists keys.
async fn list(client: &Client) -> Result<()> {
    let mut items = client.scan().table_name(table_name(TABLE)).into_paginator().items().send();
    let mut records = Vec::new();
    while let Some(item) = items.next().await {
        let item = item.context("cannot read the table of API keys")?;
        records.push(ApiKeyRepository::of_item(item).map_err(|error| of_the_store(&error))?);
    }
    records.sort_by_key(|record| record.id);
    if records.is_empty() {
        println!("There are no API keys");
        return Ok(());
    }
    let now = Timestamp::now();
    println!(
        "{:32}  {:8}  {:4}  {:9}  {:12}  {:24}  {:24}  NAME",
        "ID", "STATE", "LAST", "ROLE", "TENANT", "CREATED", "EXPIRES"
    );
    for record in records {
        println!(
            "{}  {:8}  {:4}  {:9}  {:12}  {:24}  {:24}  {}",
            record.id,
            record.state(now).as_str(),
            record.last_characters,
            record.role.as_str(),
            record.tenant.as_str(),
            record.created_at,
            record.expires_at.map_or_else(|| "never".to_owned(), |time| time.to_string()),
            printable(&record.name),
        );
    }
    Ok(())
}

async fn revoke(keys: &ApiKeyRepository, id: &str) -> Result<()> {
    let digits = id.strip_prefix(API_KEY_SUBJECT).unwrap_or(id);
    let id = ApiKeyId::parse(digits).with_context(|| {
        format!(
            "{id} is not the id of an API key; `cargo xtask api-key list` prints ids of 32 hexadecimal digits"
        )
    })?;
    keys.revoke(id, Timestamp::now()).await.map_err(|error| match error {
        Error::NotFound => anyhow!("there is no API key {id}"),
        error => of_the_store(&error),
    })?;
    println!("The key {id} is revoked. Function instances that cache it may accept it for another minute");
    Ok(())
}

/// Escapes characters that would control the terminal or reverse the text.
fn printable(name: &str) -> String {
    let shown = |letter: char| {
        if "\"'\\".contains(letter) { letter.to_string() } else { letter.escape_debug().to_string() }
    };
    name.chars().map(shown).collect()
}

/// An error of the table of API keys, with its causes.
fn of_the_store(error: &Error) -> anyhow::Error {
    anyhow!("the table of API keys: {}", error.chain())
}
