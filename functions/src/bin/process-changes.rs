//! Serves [`functions::PROCESS_CHANGES`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::follow(&functions::PROCESS_CHANGES, functions::process_changes::handle).await
}
