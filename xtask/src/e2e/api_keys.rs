//! Tests an API key, from its creation to its revocation.

use anyhow::{Context as _, Result, ensure};
use reqwest::{Client, StatusCode};

use super::dev::{Dev, this_program};

/// Creates, uses and revokes a key. A function that has not cached the key refuses it at once.
pub(super) async fn from_creation_to_end(dev: &Dev) -> Result<()> {
    let key = api_key(dev, &["create", "--role", "user", "--name", "e2e"]).await?;
    let key = key.trim();
    let id = key.strip_prefix("rk_").and_then(|rest| rest.get(..32)).context("no key was printed")?;
    let status = async |path: &str| -> Result<StatusCode> {
        let url = format!("{}{path}", dev.url());
        Ok(Client::new().get(url).bearer_auth(key).send().await?.status())
    };
    ensure!(status("/api/resources?limit=1").await? == StatusCode::OK, "the key is refused");
    let listed = api_key(dev, &["list"]).await?;
    ensure!(listed.contains(id) && listed.contains("e2e") && !listed.contains(key), "{listed}");
    api_key(dev, &["revoke", id]).await?;
    let after = status("/api/resources/search?q=none").await?;
    ensure!(after == StatusCode::UNAUTHORIZED, "{after} for a revoked key");
    ensure!(api_key(dev, &["list"]).await?.contains("revoked"), "the list does not show the key as revoked");
    Ok(())
}

/// The output of an `api-key` command.
async fn api_key(dev: &Dev, arguments: &[&str]) -> Result<String> {
    let port = dev.ports[1].to_string();
    let output = this_program("api-key").args(arguments).args(["--dynamodb-port", &port]).output().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
