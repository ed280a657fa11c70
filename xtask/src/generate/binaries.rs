//! `functions/src/bin/NAME.rs`: the Lambda binary of a function.

use super::functions::Trigger;
use super::{Function, Generated};

/// The binary of a function.
pub(super) fn file(function: &Function) -> Generated {
    let (constant, module) = (function.constant(), function.module());
    let call = match function.trigger {
        Trigger::Route { protected: true, .. } => {
            format!("start::serve(&{constant}, KINDS, {module}::handle)")
        }
        Trigger::Route { protected: false, .. } | Trigger::Unmatched => {
            format!("start::serve_public({constant}.name, {module}::handle)")
        }
        Trigger::Stream { .. } => format!("start::follow(&{constant}, KINDS, {module}::handle)"),
    };
    // As rustfmt sorts them.
    let mut names = vec![&*constant];
    names.extend(call.contains("KINDS").then_some("KINDS"));
    names.sort_unstable();
    let names = names.join(", ");
    let text = format!(
        "//! Serves [`functions::{constant}`]. Written by `cargo xtask generate`.

use std::process::ExitCode;

use functions::{{{names}, {module}}};
use resource_api::start;

#[tokio::main(flavor = \"current_thread\")]
async fn main() -> ExitCode {{
    {call}.await
}}
"
    );
    Generated { path: format!("functions/src/bin/{}.rs", function.name), text, idempotent: false }
}
