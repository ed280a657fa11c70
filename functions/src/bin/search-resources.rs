//! Serves [`functions::SEARCH_RESOURCES`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{KINDS, SEARCH_RESOURCES, search_resources};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve(&SEARCH_RESOURCES, KINDS, search_resources::handle).await
}
