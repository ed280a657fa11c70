//! Serves [`functions::DOCS`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{DOCS, docs};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve_public(DOCS.name, docs::handle).await
}
