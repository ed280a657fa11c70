//! Serves [`functions::PUBLISH_EVENTS`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::follow(&functions::PUBLISH_EVENTS, functions::publish_events::handle).await
}
