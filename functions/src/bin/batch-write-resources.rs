//! Serves [`functions::BATCH_WRITE_RESOURCES`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve(&functions::BATCH_WRITE_RESOURCES, functions::batch_write_resources::handle)
        .await
}
