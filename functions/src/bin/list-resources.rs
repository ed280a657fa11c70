//! Serves [`functions::LIST_RESOURCES`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve(&functions::LIST_RESOURCES, functions::list_resources::handle).await
}
