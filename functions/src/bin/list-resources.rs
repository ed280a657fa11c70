//! Serves [`functions::LIST_RESOURCES`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{KINDS, LIST_RESOURCES, list_resources};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve(&LIST_RESOURCES, KINDS, list_resources::handle).await
}
