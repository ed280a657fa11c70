//! Serves [`functions::BATCH_WRITE_RESOURCES`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{BATCH_WRITE_RESOURCES, KINDS, batch_write_resources};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve(&BATCH_WRITE_RESOURCES, KINDS, batch_write_resources::handle).await
}
