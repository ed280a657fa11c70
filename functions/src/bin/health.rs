//! Serves [`functions::HEALTH`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve_public(functions::HEALTH.name, functions::health::handle).await
}
