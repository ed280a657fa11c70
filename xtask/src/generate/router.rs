//! The router of `cargo lambda watch` in `Cargo.toml`, which sends each request to the same function as API
//! Gateway.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use resource_api::http::path_matches;

use super::functions::Trigger;
use super::{Function, Generated, read, region};

/// The methods of HTTP (RFC 9110, section 9, and RFC 5789) except CONNECT. The router needs an entry for
/// each.
const METHODS: [&str; 8] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"];
/// The paths without a route: the root, and all paths below it.
const OTHER_PATHS: [&str; 2] = ["/", "/{*path}"];

/// `Cargo.toml` with its router.
pub(super) fn file(folder: &Path, functions: &[Function]) -> Result<Generated> {
    let path = "Cargo.toml".to_owned();
    let text = region::replace(&read(folder, &path)?, "router", &router(functions)).context("Cargo.toml")?;
    Ok(Generated { path, text, idempotent: false })
}

fn router(functions: &[Function]) -> String {
    let routes: Vec<_> = functions.iter().flat_map(routes).collect();
    let unmatched = functions.iter().find(|function| function.trigger == Trigger::Unmatched);
    let paths: BTreeSet<_> = routes.iter().map(|(_, path, _)| *path).chain(OTHER_PATHS).collect();
    let mut entries = String::new();
    for path in paths {
        // Writing to a string cannot fail.
        let _ = writeln!(entries, "\"{path}\" = [");
        for method in METHODS {
            // The route with this path, or else one whose parameters match it, as in API Gateway.
            let own = routes.iter().find(|(of, form, _)| *of == method && *form == path);
            let wider = || routes.iter().find(|(of, form, _)| *of == method && path_matches(form, path));
            let function = own.or_else(wider).map(|(_, _, name)| *name).or(unmatched.map(|it| it.name));
            if let Some(function) = function {
                let _ = writeln!(entries, "    {{ method = \"{method}\", function = \"{function}\" }},");
            }
        }
        entries.push_str("]\n");
    }
    entries
}

/// The methods and paths of a function.
fn routes(function: &Function) -> Vec<(&str, &'static str, &'static str)> {
    let Trigger::Route { method, path, others, .. } = &function.trigger else { return Vec::new() };
    let others = others.iter().map(|(method, path)| (method.as_str(), *path));
    [(method.as_str(), *path)]
        .into_iter()
        .chain(others)
        .map(|(method, path)| (method, path, function.name))
        .collect()
}
