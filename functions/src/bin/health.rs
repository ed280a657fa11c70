//! Serves [`functions::HEALTH`].

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve_open(&functions::HEALTH, functions::health::handle).await
}
