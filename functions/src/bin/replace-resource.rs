//! Serves [`functions::REPLACE_RESOURCE`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve(&functions::REPLACE_RESOURCE, functions::replace_resource::handle).await
}
