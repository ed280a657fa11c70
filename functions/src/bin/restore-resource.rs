//! Serves [`functions::RESTORE_RESOURCE`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve(&functions::RESTORE_RESOURCE, functions::restore_resource::handle).await
}
