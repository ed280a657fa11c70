//! Serves [`functions::UPDATE_RESOURCE`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve(&functions::UPDATE_RESOURCE, functions::update_resource::handle).await
}
