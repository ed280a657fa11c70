//! Serves [`functions::LIST_HISTORY`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve(&functions::LIST_HISTORY, functions::list_history::handle).await
}
