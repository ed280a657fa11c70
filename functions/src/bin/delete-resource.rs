//! Serves [`functions::DELETE_RESOURCE`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{DELETE_RESOURCE, KINDS, delete_resource};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve(&DELETE_RESOURCE, KINDS, delete_resource::handle).await
}
