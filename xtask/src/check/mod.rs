//! `cargo xtask check`: the places that name a route, held against the table of routes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use functions::ROUTES;
use resource_api::http::Route;
use resource_api::testing::{HttpRoute, Template};
use serde::Deserialize;
use serde_json::Value;

use crate::local::workspace;

/// Checks everything, and names every disagreement.
pub(crate) fn run() -> Result<()> {
    let faults = faults(&workspace(), ROUTES)?;
    if faults.is_empty() {
        println!("{} routes: handlers, binaries, router, template and events agree", ROUTES.len());
        return Ok(());
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    bail!("{} disagreements with the table of routes in functions/src/lib.rs", faults.len())
}

/// Every disagreement of a workspace with a table of routes.
fn faults(folder: &Path, routes: &[Route]) -> Result<Vec<String>> {
    let faults = [
        handlers(folder, routes).context("functions/src")?,
        router(folder, routes).context("Cargo.toml")?,
        template(folder, routes).context("template.yaml")?,
        events(folder, routes).context("events")?,
    ];
    Ok(faults.concat())
}

/// Each route has a handler file and a binary, and there are no others.
fn handlers(folder: &Path, routes: &[Route]) -> Result<Vec<String>> {
    let source = folder.join("functions/src");
    let handlers = routes.iter().map(|route| route.name.replace('-', "_")).collect();
    let binaries = routes.iter().map(|route| route.name.to_owned()).collect();
    let mut files = stems(&source, "rs")?;
    files.remove("lib");
    let mut faults = differences("functions/src", "a handler", &files, &handlers);
    faults.extend(differences(
        "functions/src/bin",
        "a binary",
        &stems(&source.join("bin"), "rs")?,
        &binaries,
    ));
    Ok(faults)
}

#[derive(Deserialize)]
struct RouterEntry {
    method: String,
    function: String,
}

/// The router of `cargo lambda watch` sends each route to its function.
fn router(folder: &Path, routes: &[Route]) -> Result<Vec<String>> {
    let manifest: toml::Value = toml::from_str(&read(&folder.join("Cargo.toml"))?)?;
    let paths = manifest["workspace"]["metadata"]["lambda"]["watch"]["router"].clone();
    let paths: BTreeMap<String, Vec<RouterEntry>> = paths.try_into()?;
    let found = paths
        .into_iter()
        .flat_map(|(path, entries)| {
            entries.into_iter().map(move |entry| format!("{} {path} → {}", entry.method, entry.function))
        })
        .collect();
    let wanted = routes.iter().map(|route| format!("{} → {}", method_and_path(route), route.name)).collect();
    Ok(differences("Cargo.toml", "a router entry", &found, &wanted))
}

/// The template has a function for each route, with its binary, path and method, and its grants and no others.
fn template(folder: &Path, routes: &[Route]) -> Result<Vec<String>> {
    let template = Template::read(&folder.join("template.yaml"))?;
    let place = "template.yaml";
    let binaries = template.functions.values().map(|function| function.binary.clone()).collect();
    let names = routes.iter().map(|route| route.name.to_owned()).collect();
    let mut faults = differences(place, "a function with the binary", &binaries, &names);
    for (logical_id, function) in &template.functions {
        let Some(route) = routes.iter().find(|route| route.name == function.binary) else { continue };
        let found =
            function.routes.iter().map(|HttpRoute { method, path }| format!("{method} {path}")).collect();
        let wanted = BTreeSet::from([method_and_path(route)]);
        faults.extend(differences(&format!("{place}, {logical_id}"), "the route", &found, &wanted));
        let found = function.grants.iter().map(|(action, on)| format!("{action} on {on}")).collect();
        let wanted = route.grants.iter().map(|grant| format!("{} on {}", grant.action, grant.on)).collect();
        faults.extend(differences(&format!("{place}, {logical_id}"), "leave for", &found, &wanted));
    }
    Ok(faults)
}

/// There is an event for each route, and it is of that route.
fn events(folder: &Path, routes: &[Route]) -> Result<Vec<String>> {
    let folder = folder.join("events");
    let found = stems(&folder, "json")?;
    let wanted = routes.iter().map(|route| route.name.to_owned()).collect();
    let mut faults = differences("events", "an event", &found, &wanted);
    for route in routes.iter().filter(|route| found.contains(route.name)) {
        let event: Value = serde_json::from_str(&read(&folder.join(format!("{}.json", route.name)))?)?;
        let key = event["routeKey"].as_str().unwrap_or_default().to_owned();
        let place = format!("events/{}.json", route.name);
        faults.extend(differences(&place, "routeKey", &[key].into(), &[method_and_path(route)].into()));
        let method = event["requestContext"]["http"]["method"].as_str().unwrap_or_default();
        let path = event["rawPath"].as_str().unwrap_or_default();
        if method != route.method.as_str() || !matches(route.path, path) {
            faults.push(format!("{place}: {method} {path} is no request of {}", method_and_path(route)));
        }
    }
    Ok(faults)
}

fn method_and_path(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

/// Whether a path is of a form with parameters in braces.
fn matches(form: &str, path: &str) -> bool {
    let (form, path): (Vec<_>, Vec<_>) = (form.split('/').collect(), path.split('/').collect());
    form.len() == path.len()
        && form.iter().zip(path).all(|(form, given)| form.starts_with('{') || *form == given)
}

/// What is missing, and what is too much.
fn differences(place: &str, what: &str, found: &BTreeSet<String>, wanted: &BTreeSet<String>) -> Vec<String> {
    let missing = wanted.difference(found).map(|name| format!("{place}: {what} {name} is missing"));
    let surplus = found.difference(wanted).map(|name| format!("{place}: {what} {name} has no route"));
    missing.chain(surplus).collect()
}

/// The names of a folder's files of one kind, without their extension.
fn stems(folder: &Path, extension: &str) -> Result<BTreeSet<String>> {
    let mut stems = BTreeSet::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            stems.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
        }
    }
    Ok(stems)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests;
