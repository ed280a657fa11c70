//! Serves [`functions::HEALTH`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{HEALTH, health};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve_public(HEALTH.name, health::handle).await
}
