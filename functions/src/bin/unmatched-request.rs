//! Serves [`functions::UNMATCHED_REQUEST`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{UNMATCHED_REQUEST, unmatched_request};
use resource_api::start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::serve_public(UNMATCHED_REQUEST.name, unmatched_request::handle).await
}
