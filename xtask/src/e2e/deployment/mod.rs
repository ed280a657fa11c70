//! `cargo xtask e2e --url … --token …`: checks a deployment over HTTP. It changes only resources that it has
//! created, and purges them.

mod checks;
mod session;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::Method;

use self::session::{RESOURCES, Session};

/// A deployment and a caller.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Checks this deployment instead of `dev`, at a URL like <https://ID.execute-api.REGION.amazonaws.com>
    #[arg(long, requires = "token")]
    url: Option<String>,
    /// A token for the deployment. Checks that write need an admin's: only admins may purge, and read history
    #[arg(long, requires = "url")]
    token: Option<String>,
}

impl Options {
    /// The URL and the token, if they are given.
    pub(super) fn deployment(&self) -> Option<(&str, &str)> {
        self.url.as_deref().zip(self.token.as_deref())
    }
}

/// Runs every check that the token permits. Purges the created resources even if a check fails.
pub(super) async fn run(url: &str, token: &str, pass: &mut impl FnMut(&str)) -> Result<()> {
    let session = Session::new(url, token)?;
    let health = session.stranger(Method::GET, "/health").await?;
    ensure!(health.status == 200 && health.body["status"] == "ok", "GET /health: {health:?}");
    pass("the deployment responds");
    checks::description(&session).await.context("the OpenAPI document")?;
    pass("the OpenAPI document and its page");
    let list = session.get(&format!("{RESOURCES}?limit=1")).await?;
    ensure!(
        list.status != 401,
        "the deployment refuses the token; the function's log has the reason: {}",
        list.body
    );
    list.data(200)?;
    pass("the token is accepted");
    checks::problems(&session).await.context("problems")?;
    pass("problems over HTTP");
    let history = session.get(&format!("{RESOURCES}/{}/history", checks::NOWHERE)).await?;
    if history.status == 403 {
        println!(
            "skipped: the checks that write, search or read history. They need an admin's token, since only admins \
             may purge what they create"
        );
        return Ok(());
    }
    let found = tokio::select! {
        found = checks::all_that_write(&session, pass) => found,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    let purged = session.purge_all().await;
    if let (Err(found), Err(left)) = (&found, &purged) {
        bail!("{found:#}; and {left:#}");
    }
    found?;
    pass(&format!("{} created resources are purged", purged?));
    Ok(())
}
