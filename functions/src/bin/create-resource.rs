//! Serves [`functions::CREATE_RESOURCE`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{CREATE_RESOURCE, KINDS, create_resource};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve(&CREATE_RESOURCE, KINDS, create_resource::handle).await
}
