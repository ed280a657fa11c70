//! Serves [`functions::PUBLISH_EVENTS`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{KINDS, PUBLISH_EVENTS, publish_events};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::follow(&PUBLISH_EVENTS, KINDS, publish_events::handle).await
}
