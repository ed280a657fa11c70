//! Serves [`functions::UPDATE_RESOURCE`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{KINDS, UPDATE_RESOURCE, update_resource};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve(&UPDATE_RESOURCE, KINDS, update_resource::handle).await
}
