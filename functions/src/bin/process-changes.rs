//! Serves [`functions::PROCESS_CHANGES`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{KINDS, PROCESS_CHANGES, process_changes};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::follow(&PROCESS_CHANGES, KINDS, process_changes::handle).await
}
