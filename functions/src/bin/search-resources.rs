//! Serves [`functions::SEARCH_RESOURCES`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve(&functions::SEARCH_RESOURCES, functions::search_resources::handle).await
}
