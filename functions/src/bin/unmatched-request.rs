//! Serves [`functions::UNMATCHED_REQUEST`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    resource_api::start::serve_public(functions::UNMATCHED_REQUEST.name, functions::unmatched_request::handle)
        .await
}
