//! Serves [`functions::LIST_RELATED`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{KINDS, LIST_RELATED, list_related};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve(&LIST_RELATED, KINDS, list_related::handle).await
}
