//! Checks that the alarms and the dashboard of the template use existing metrics, and that every alarm refers
//! to a section of `docs/operations.md`.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result};
use resource_api::telemetry::metrics::{METRICS, NAMESPACE};
use serde_yaml_ng::Value;

use crate::generate::read;

/// The page that explains each alarm.
const PAGE: &str = "docs/operations.md";
/// The limit of metrics in a math expression of an alarm.
const METRICS_OF_AN_EXPRESSION: usize = 10;
/// The only table without an alarm: it is throttled if a caller sends more requests than a partition can
/// count.
const NOT_WATCHED: &str = "RateLimitsTable";

/// Metrics that do not exist, and tables without an alarm.
pub(super) fn faults(folder: &Path) -> Result<Vec<String>> {
    let template: Value = serde_yaml_ng::from_str(&read(folder, "template.yaml")?)?;
    let page = read(folder, PAGE)?;
    let anchors: BTreeSet<_> = page.lines().filter_map(anchor).collect();
    let resources = template["Resources"].as_mapping().context("template.yaml has no Resources")?;
    let of_type = |kind: &'static str| {
        let resources = resources.iter().filter(move |(_, resource)| resource["Type"] == kind);
        resources.map(|(name, resource)| (name.as_str().unwrap_or_default(), &resource["Properties"]))
    };
    let mut faults = Vec::new();
    let mut watched = BTreeSet::new();
    for (name, alarm) in of_type("AWS::CloudWatch::Alarm") {
        let mut fault = |what: &str| faults.push(format!("template.yaml, {name}: {what}"));
        let section =
            alarm["AlarmDescription"].as_str().and_then(|text| text.rsplit_once(" See docs/operations.md#"));
        if section.is_none_or(|(_, section)| !anchors.contains(section)) {
            fault(
                "its description must end with ` See docs/operations.md#` and the anchor of a section there",
            );
        }
        let mut metrics = Vec::new();
        collect_metrics(alarm, &mut metrics);
        if metrics.len() > METRICS_OF_AN_EXPRESSION {
            fault("an alarm reads at most 10 metrics");
        }
        for metric in metrics.iter().filter(|(namespace, _)| *namespace == NAMESPACE) {
            if !is_written(metric.1) {
                fault(&format!("no function writes the metric {}", metric.1));
            }
        }
        collect_references(alarm, &mut watched);
    }
    for (name, dashboard) in of_type("AWS::CloudWatch::Dashboard") {
        for metric in metrics_of_dashboard(dashboard).with_context(|| format!("template.yaml, {name}"))? {
            if !is_written(&metric) {
                faults.push(format!("template.yaml, {name}: no function writes the metric {metric}"));
            }
        }
    }
    for (table, _) in of_type("AWS::DynamoDB::Table") {
        if table != NOT_WATCHED && !watched.contains(table) {
            faults.push(format!("template.yaml: no alarm watches the throttles of {table}"));
        }
    }
    Ok(faults)
}

/// Whether the functions write a metric of this name.
fn is_written(name: &str) -> bool {
    METRICS.iter().any(|metric| metric.name == name)
}

/// The anchor of a heading, as GitHub makes it.
fn anchor(line: &str) -> Option<String> {
    let heading = line.trim_start_matches('#');
    if heading.len() == line.len() {
        return None;
    }
    let kept = heading.trim().chars().filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
    Some(kept.map(|it| if it == ' ' { '-' } else { it.to_ascii_lowercase() }).collect())
}

/// Every metric below a value: its namespace and name.
fn collect_metrics<'a>(value: &'a Value, found: &mut Vec<(&'a str, &'a str)>) {
    if let (Some(namespace), Some(name)) = (value["Namespace"].as_str(), value["MetricName"].as_str()) {
        found.push((namespace, name));
    }
    for value in children(value) {
        collect_metrics(value, found);
    }
}

/// The logical id of every `!Ref` below a value.
fn collect_references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    if let Value::Tagged(tagged) = value
        && tagged.tag == "Ref"
        && let Some(id) = tagged.value.as_str()
    {
        found.insert(id);
    }
    for value in children(value) {
        collect_references(value, found);
    }
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Mapping(mapping) => Box::new(mapping.values()),
        Value::Sequence(sequence) => Box::new(sequence.iter()),
        Value::Tagged(tagged) => Box::new(std::iter::once(&tagged.value)),
        _ => Box::new(std::iter::empty()),
    }
}

/// The functions' own metrics in a dashboard, whose body is JSON in the first operand of `Fn::Sub`.
fn metrics_of_dashboard(properties: &Value) -> Result<Vec<String>> {
    let body = children(&properties["DashboardBody"]).next().context("DashboardBody is not a !Sub")?;
    let body: serde_json::Value =
        serde_json::from_str(body[0].as_str().context("DashboardBody has no text")?)?;
    let widgets = body["widgets"].as_array().into_iter().flatten();
    let metrics = widgets.flat_map(|widget| widget["properties"]["metrics"].as_array().into_iter().flatten());
    let own = metrics.filter(|metric| metric[0] == NAMESPACE).filter_map(|metric| metric[1].as_str());
    Ok(own.map(ToOwned::to_owned).collect())
}
