//! Serves [`functions::DELETE_RESOURCE`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve(&functions::DELETE_RESOURCE, functions::delete_resource::handle).await
}
