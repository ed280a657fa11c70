//! Serves [`functions::BATCH_GET_RESOURCES`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve(&functions::BATCH_GET_RESOURCES, functions::batch_get_resources::handle).await
}
