//! Serves [`functions::RESTORE_RESOURCE`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{KINDS, RESTORE_RESOURCE, restore_resource};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve(&RESTORE_RESOURCE, KINDS, restore_resource::handle).await
}
