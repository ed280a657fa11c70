//! Serves [`functions::LIST_RELATED`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve(&functions::LIST_RELATED, functions::list_related::handle).await
}
