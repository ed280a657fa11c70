//! Checks that each file in `events/` fits its function: a request of its route, or records of its table's
//! stream.

use std::path::Path;

use anyhow::{Context as _, Result};
use resource_api::http::path_matches;
use serde_json::Value;

use crate::generate::{Function, Trigger, read};

/// Events that do not fit their function.
pub(super) fn faults(folder: &Path, functions: &[Function]) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for function in functions {
        let place = format!("events/{}.json", function.name);
        // `generated` reports a missing event.
        if folder.join(&place).is_file() {
            let event = serde_json::from_str(&read(folder, &place)?).with_context(|| place.clone())?;
            faults.extend(fault(function, &event).map(|fault| format!("{place}: {fault}")));
        }
    }
    Ok(faults)
}

fn fault(function: &Function, event: &Value) -> Option<String> {
    let key = event["routeKey"].as_str();
    let method = event["requestContext"]["http"]["method"].as_str().unwrap_or_default();
    let path = event["rawPath"].as_str().unwrap_or_default();
    match &function.trigger {
        Trigger::Stream { table, .. } => {
            let records = event["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
            let of_the_table = |record: &Value| {
                let stream = record["eventSourceARN"].as_str().unwrap_or_default();
                record["eventSource"] == "aws:dynamodb" && stream.contains(table)
            };
            let good = !records.is_empty() && records.iter().all(of_the_table);
            (!good).then(|| format!("the records are not of the stream of {table}"))
        }
        _ if key != function.route_key().as_deref() => {
            Some(format!("routeKey is {key:?}, not {:?}", function.route_key()))
        }
        Trigger::Route { method: wanted, path: form, .. } => {
            if method != wanted || !path_matches(form, path) {
                return Some(format!("{method} {path} does not match the route {wanted} {form}"));
            }
            let given = form
                .split('/')
                .zip(path.split('/'))
                .filter_map(|(form, value)| Some((form.strip_prefix('{')?.strip_suffix('}')?, value)));
            let differs = |(name, value): &(&str, &str)| event["pathParameters"][*name] != *value;
            given
                .into_iter()
                .find(differs)
                .map(|(name, value)| format!("pathParameters.{name} is not {value}"))
        }
        Trigger::Unmatched => None,
    }
}
