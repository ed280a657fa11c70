//! `functions/src/bin/NAME.rs`: the Lambda binary of a function.

use super::functions::Trigger;
use super::{Function, Generated};

/// The binary of a function.
pub(super) fn file(function: &Function) -> Generated {
    let (constant, module) = (function.constant(), function.module());
    let call = match function.trigger {
        Trigger::Route { protected: true, .. } => {
            format!("serve(&functions::{constant}, functions::{module}::handle)")
        }
        Trigger::Route { protected: false, .. } | Trigger::Unmatched => {
            format!("serve_public(functions::{constant}.name, functions::{module}::handle)")
        }
        Trigger::Stream { .. } => format!("follow(&functions::{constant}, functions::{module}::handle)"),
    };
    let mut call = format!("    resource_api::start::{call}.await");
    // As rustfmt breaks it.
    if call.len() > 110 {
        call = call.replace(".await", "\n        .await");
    }
    let text = format!(
        "//! Serves [`functions::{constant}`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

#[tokio::main(flavor = \"current_thread\")]
async fn main() -> ExitCode {{
{call}
}}
"
    );
    Generated { path: format!("functions/src/bin/{}.rs", function.name), text, idempotent: false }
}
