//! Serves [`functions::GET_RESOURCE`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{GET_RESOURCE, KINDS, get_resource};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve(&GET_RESOURCE, KINDS, get_resource::handle).await
}
