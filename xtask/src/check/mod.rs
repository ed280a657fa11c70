//! `cargo xtask check`: the places that name a function, held against the table of routes and that of subscriptions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use functions::{ROUTES, SUBSCRIPTIONS};
use resource_api::Grant;
use resource_api::http::Route;
use resource_api::testing::{HttpRoute, Template};
use serde::Deserialize;
use serde_json::Value;

use crate::local::workspace;

/// Checks everything, and names every disagreement.
pub(crate) fn run() -> Result<()> {
    let faults = faults(&workspace(), ROUTES)?;
    if faults.is_empty() {
        println!(
            "{} routes and {} subscriptions: handlers, binaries, router, template and events agree",
            ROUTES.len(),
            SUBSCRIPTIONS.len()
        );
        return Ok(());
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    bail!("{} disagreements with the tables in functions/src/lib.rs", faults.len())
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

/// The functions that there must be: of each route and of each subscription.
fn functions(routes: &[Route]) -> BTreeSet<String> {
    let names = routes.iter().map(|route| route.name).chain(SUBSCRIPTIONS.iter().map(|it| it.name));
    names.map(str::to_owned).collect()
}

/// Each function has a handler file and a binary, and there are no others.
fn handlers(folder: &Path, routes: &[Route]) -> Result<Vec<String>> {
    let source = folder.join("functions/src");
    let binaries = functions(routes);
    let handlers = binaries.iter().map(|name| name.replace('-', "_")).collect();
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

/// The template has each function with its binary, the path and method or the stream that lead to it, and its grants and no
/// others.
fn template(folder: &Path, routes: &[Route]) -> Result<Vec<String>> {
    let template = Template::read(&folder.join("template.yaml"))?;
    let place = "template.yaml";
    let binaries = template.functions.values().map(|function| function.binary.clone()).collect();
    let mut faults = differences(place, "a function with the binary", &binaries, &functions(routes));
    for (logical_id, function) in &template.functions {
        let route = routes.iter().find(|route| route.name == function.binary);
        let subscription = SUBSCRIPTIONS.iter().find(|it| it.name == function.binary);
        let grants: &[Grant] = match (route, subscription) {
            (Some(route), _) => route.grants,
            (_, Some(subscription)) => subscription.grants,
            (None, None) => continue,
        };
        let place = format!("{place}, {logical_id}");
        let found =
            function.routes.iter().map(|HttpRoute { method, path }| format!("{method} {path}")).collect();
        faults.extend(differences(
            &place,
            "the route",
            &found,
            &route.map(method_and_path).into_iter().collect(),
        ));
        let found = function.streams.iter().map(|stream| stream.table.clone()).collect();
        let wanted = subscription.map(|it| it.table.to_owned()).into_iter().collect();
        faults.extend(differences(&place, "the stream of", &found, &wanted));
        let found = function.grants.iter().map(|(action, on)| format!("{action} on {on}")).collect();
        let wanted = grants.iter().map(|grant| format!("{} on {}", grant.action, grant.on)).collect();
        faults.extend(differences(&place, "leave for", &found, &wanted));
    }
    Ok(faults)
}

/// There is an event for each function, and it is of its route or of its table's stream.
fn events(folder: &Path, routes: &[Route]) -> Result<Vec<String>> {
    let folder = folder.join("events");
    let found = stems(&folder, "json")?;
    let mut faults = differences("events", "an event", &found, &functions(routes));
    for subscription in SUBSCRIPTIONS.iter().filter(|it| found.contains(it.name)) {
        let place = format!("{}.json", subscription.name);
        let event: Value = serde_json::from_str(&read(&folder.join(&place))?)?;
        let records = event["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
        let of_a_stream = |record: &Value| record["eventSource"] == "aws:dynamodb";
        if records.is_empty() || !records.iter().all(of_a_stream) {
            faults.push(format!("events/{place}: these are no records of a stream"));
        }
    }
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
