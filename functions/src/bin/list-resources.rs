//! Serves [`functions::LIST_RESOURCES`].

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve(&functions::LIST_RESOURCES, functions::list_resources::handle).await
}
