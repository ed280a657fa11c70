//! Serves [`functions::CREATE_RESOURCE`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve(&functions::CREATE_RESOURCE, functions::create_resource::handle).await
}
