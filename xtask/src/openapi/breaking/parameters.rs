//! Compares an operation's parameters in the path, the query, the headers and the cookies.

use std::collections::BTreeMap;

use serde_json::Value;

use super::directions::Direction;
use super::findings::Report;
use super::operations::Side;
use super::references::behind;
use super::schemas::Comparison;
use super::values::{elements, members};

/// Reports parameters that are removed, are now required, have another style, or accept less.
pub(super) fn compare(old: Side, new: Side, schemas: &mut Comparison, report: &mut Report) {
    let (before, after) = (parameters(old), parameters(new));
    for (key, parameter) in &before {
        let place = place(parameter);
        let Some(now) = after.get(key) else {
            if !is_true(parameter, "deprecated") {
                report.say(&place, "is removed");
            }
            continue;
        };
        if is_true(now, "required") && !is_true(parameter, "required") {
            report.say(&place, "is now required");
        }
        let (written, now_written) = (style(parameter), style(now));
        if written != now_written {
            report.say(&place, format!("is now written as {now_written}, was {written}"));
        }
        if let Some(was) = default(old, parameter).filter(|was| default(new, now) != Some(was)) {
            let now = default(new, now).map_or_else(|| "none".to_owned(), Value::to_string);
            report.say(&place, format!("its default is now {now}, was {was}"));
        }
        for finding in schemas.compare(Direction::Request, schema(parameter), schema(now)) {
            report.add(&place, &place, finding);
        }
    }
    for (key, parameter) in &after {
        if is_true(parameter, "required") && !before.contains_key(key) {
            report.say(&place(parameter), "is now required");
        }
    }
}

/// The parameters by location and key. The key of a header is its name in lower case. The key of a path
/// parameter is its position, since requests do not have its name. Parameters of the operation override those
/// of the path.
fn parameters(side: Side<'_>) -> BTreeMap<(String, String), &Value> {
    let listed = elements(&side.item["parameters"]).chain(elements(&side.operation["parameters"]));
    listed
        .map(|listed| behind(side.document, listed))
        .map(|parameter| {
            let (location, name) = (text(parameter, "in"), text(parameter, "name"));
            let key = match location {
                "path" => side.path.find(&format!("{{{name}}}")).map_or_else(String::new, |start| {
                    side.path.get(..start).unwrap_or_default().matches('{').count().to_string()
                }),
                "header" => name.to_lowercase(),
                _ => name.to_owned(),
            };
            ((location.to_owned(), key), parameter)
        })
        .collect()
}

/// The place in the lines: `query limit`.
fn place(parameter: &Value) -> String {
    format!("{} {}", text(parameter, "in"), text(parameter, "name"))
}

/// The style in which a parameter's value is written, with the defaults.
fn style(parameter: &Value) -> String {
    let default = if matches!(text(parameter, "in"), "query" | "cookie") { "form" } else { "simple" };
    let style = parameter["style"].as_str().unwrap_or(default);
    let explode = parameter["explode"].as_bool().unwrap_or(style == "form");
    let reserved = if is_true(parameter, "allowReserved") { ", reserved characters allowed" } else { "" };
    format!("{style}{}{reserved}", if explode { ", exploded" } else { "" })
}

/// The schema of a parameter, which may be inside its only media type.
fn schema(parameter: &Value) -> &Value {
    let in_content = || members(&parameter["content"]).next().map(|(_, media)| &media["schema"]);
    parameter.get("schema").or_else(in_content).unwrap_or(&Value::Null)
}

/// The default of a parameter.
fn default<'a>(side: Side<'a>, parameter: &'a Value) -> Option<&'a Value> {
    behind(side.document, schema(parameter)).get("default")
}

fn text<'a>(parameter: &'a Value, name: &str) -> &'a str {
    parameter[name].as_str().unwrap_or_default()
}

fn is_true(parameter: &Value, name: &str) -> bool {
    parameter[name].as_bool().unwrap_or_default()
}
