//! Serves [`functions::LIST_HISTORY`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{KINDS, LIST_HISTORY, list_history};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve(&LIST_HISTORY, KINDS, list_history::handle).await
}
