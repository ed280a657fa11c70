//! The DynamoDB that the functions use: an embedded one, or another.

use std::env;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use testing::{EmbeddedDynamoDb, Template, create_tables};
use tokio::net::TcpListener;

use super::{Options, is_set};
use crate::local::{table_name, target};

/// The DynamoDB that the functions use.
pub(super) struct Store {
    pub(super) endpoint: String,
    /// The data file of an embedded DynamoDB; `None` in memory.
    pub(super) file: Option<PathBuf>,
    /// The URL, and where the data is kept, for the greeting.
    pub(super) data: String,
}

impl Store {
    /// Uses the DynamoDB that `AWS_ENDPOINT_URL_DYNAMODB` names, or starts an embedded one. Creates the
    /// template's tables.
    pub(super) async fn start(options: &Options, template: &Template) -> Result<Self> {
        if is_set("AWS_ENDPOINT_URL_DYNAMODB") {
            let endpoint = env::var("AWS_ENDPOINT_URL_DYNAMODB")?;
            let data = format!("at {endpoint}, from AWS_ENDPOINT_URL_DYNAMODB");
            create_tables(&endpoint, template, table_name).await?;
            return Ok(Self { endpoint, file: None, data });
        }
        let listener = listen(options.dynamodb_address, options.dynamodb_port, "--dynamodb-port").await?;
        let file = match &options.data_file {
            _ if options.memory => None,
            Some(file) => Some(file.clone()),
            None => Some(default_data_file()?),
        };
        let of_file = || {
            file.as_ref().map_or_else(String::new, |file| {
                format!(
                    "{} cannot be used; delete it, choose another file with --data-file, or use --memory",
                    file.display()
                )
            })
        };
        let embedded = EmbeddedDynamoDb::start(listener, file.as_deref()).with_context(of_file)?;
        create_tables(embedded.endpoint(), template, table_name).await.with_context(of_file)?;
        let kept = file.as_deref().map_or_else(|| "memory".into(), Path::to_string_lossy);
        let data = format!("at {}, data in {kept}", embedded.endpoint());
        Ok(Self { endpoint: embedded.endpoint().to_owned(), file, data })
    }
}

fn default_data_file() -> Result<PathBuf> {
    let folder = target().join("dev");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder.canonicalize()?.join("dynamodb.sqlite"))
}

pub(super) async fn listen(address: IpAddr, port: u16, option: &str) -> Result<TcpListener> {
    TcpListener::bind((address, port))
        .await
        .map_err(|error| anyhow!("port {port} cannot be used ({error}); choose another with {option}"))
}
