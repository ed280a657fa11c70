//! Serves [`functions::BATCH_GET_RESOURCES`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{BATCH_GET_RESOURCES, KINDS, batch_get_resources};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve(&BATCH_GET_RESOURCES, KINDS, batch_get_resources::handle).await
}
