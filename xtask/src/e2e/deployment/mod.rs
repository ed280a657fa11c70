//! `cargo xtask e2e --url … --token …`: checks a deployment, over HTTP alone. It touches nothing but
//! what it creates, and removes that for good.

mod checks;
mod session;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::Method;

use self::session::{RESOURCES, Session};

/// Where a deployment is, and as whom it is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Checks this deployment instead of `dev`, at a URL like <https://ID.execute-api.REGION.amazonaws.com>
    #[arg(long, requires = "token")]
    url: Option<String>,
    /// A token that it takes. Of an admin: only admins may purge what is created, and read history
    #[arg(long, requires = "url")]
    token: Option<String>,
}

impl Options {
    /// The URL and the token, where they are given.
    pub(super) fn deployment(&self) -> Option<(&str, &str)> {
        self.url.as_deref().zip(self.token.as_deref())
    }
}

/// Runs every check that the token permits, and purges what was created, whatever they found.
pub(super) async fn run(url: &str, token: &str, pass: &mut impl FnMut(&str)) -> Result<()> {
    let session = Session::new(url, token)?;
    let health = session.stranger(Method::GET, "/health").await?;
    ensure!(health.status == 200 && health.body["status"] == "ok", "GET /health: {health:?}");
    pass("the deployment answers");
    checks::description(&session).await.context("the description")?;
    pass("the deployment describes itself");
    let list = session.get(&format!("{RESOURCES}?limit=1")).await?;
    ensure!(
        list.status != 401,
        "the token is not good there, and the function's log says why: {}",
        list.body
    );
    list.data(200)?;
    pass("the token is good");
    checks::problems(&session).await.context("problems")?;
    pass("problems over HTTP");
    let history = session.get(&format!("{RESOURCES}/{}/history", checks::NOWHERE)).await?;
    if history.status == 403 {
        println!(
            "skipped: all that writes, searches and reads history. The token is no admin's, and only admins may purge \
             what these checks create"
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
    pass(&format!("what was created is purged: {} resources", purged?));
    Ok(())
}
