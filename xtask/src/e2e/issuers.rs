//! The settings for issuers of docs/auth.md.

use std::path::Path;

use anyhow::Result;

use super::dev::Dev;
use super::documentation::Documentation;
use crate::local::in_workspace;

const PAGE: &str = "docs/auth.md";
const HEADING: &str = "## Settings for issuers";

/// Starts `dev` with the settings of the page, and sends a request with a token that has the issuer's claims.
pub(super) async fn follow_the_page(documentation: &mut Documentation, folder: &Path) -> Result<()> {
    let mut program = in_workspace("bash");
    let start = documentation.take(PAGE, HEADING)?;
    program.args(["-c", &format!("{start} \"$@\""), "bash", "--memory"]);
    let mut dev = Dev::start_as(program, folder).await?;
    documentation.run(&dev, (PAGE, HEADING), 0, &["\"data\":[]"]).await?;
    dev.interrupt().await
}
