//! Serves [`functions::REPLACE_RESOURCE`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{KINDS, REPLACE_RESOURCE, replace_resource};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve(&REPLACE_RESOURCE, KINDS, replace_resource::handle).await
}
