//! Serves [`functions::GET_RESOURCE`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve(&functions::GET_RESOURCE, functions::get_resource::handle).await
}
