//! The dashboard of `template.yaml`: one widget for each question, with all functions and tables.

use std::fmt::Write as _;

use serde_json::{Value, json};
use testing::Template;

use super::{Function, Trigger};

/// Columns of a dashboard.
const COLUMNS: usize = 24;
/// The size of a widget, in columns and rows.
const WIDTH: usize = 8;
const HEIGHT: usize = 6;

/// A graph.
struct Widget {
    title: &'static str,
    /// The default statistic of the metrics.
    statistic: &'static str,
    /// In the format of a dashboard body: namespace, name, dimensions, options.
    metrics: Vec<Value>,
}

/// The dashboard. Resources that a stack may lack are named by variables of `Fn::Sub`.
pub(super) fn resource(functions: &[Function], template: &Template) -> String {
    let mut yaml = "  OperationsDashboard:
    Type: AWS::CloudWatch::Dashboard
    Condition: HasDashboard
    Properties:
      DashboardName: !Ref AWS::StackName
      DashboardBody: !Sub
        - |
          {\"widgets\": [
"
    .to_owned();
    let widgets = widgets(functions, template);
    let last = widgets.len().saturating_sub(1);
    for (number, widget) in widgets.iter().enumerate() {
        write_widget(&mut yaml, number, widget, if number == last { "" } else { "," });
    }
    yaml.push_str("          ]}\n");
    let mut separator = "        - ";
    for function in functions {
        if let Trigger::Stream { condition: Some(condition), .. } = function.trigger {
            for id in [function.logical_id(), mapping(function)] {
                // Writing to a string cannot fail.
                let _ = writeln!(yaml, "{separator}{id}: !If [{condition}, !Ref {id}, none]");
                separator = "          ";
            }
        }
    }
    for table in template.tables.keys() {
        let _ = writeln!(yaml, "{separator}{table}: !If [Makes{table}, !Ref {table}, !Ref {table}Name]");
        separator = "          ";
    }
    yaml
}

fn write_widget(yaml: &mut String, number: usize, widget: &Widget, comma: &str) {
    let (row, column) = (number * WIDTH / COLUMNS * HEIGHT, number * WIDTH % COLUMNS);
    let _ = writeln!(
        yaml,
        "            {{\"type\": \"metric\", \"x\": {column}, \"y\": {row}, \"width\": {WIDTH}, \"height\": {HEIGHT}, \"properties\": {{
              \"title\": \"{}\", \"region\": \"${{AWS::Region}}\", \"period\": 60, \"stat\": \"{}\", \"metrics\": [",
        widget.title, widget.statistic
    );
    let last = widget.metrics.len().saturating_sub(1);
    for (number, metric) in widget.metrics.iter().enumerate() {
        let _ = writeln!(yaml, "                {metric}{}", if number == last { "" } else { "," });
    }
    let _ = writeln!(yaml, "              ]}}}}{comma}");
}

fn widgets(functions: &[Function], template: &Template) -> Vec<Widget> {
    let on_stream: Vec<_> =
        functions.iter().filter(|it| matches!(it.trigger, Trigger::Stream { .. })).collect();
    let of_functions =
        |name: &str| functions.iter().map(|function| of_function(name, function)).collect::<Vec<_>>();
    vec![
        Widget {
            title: "Requests and errors",
            statistic: "Sum",
            metrics: ["Count", "4xx", "5xx"].map(|name| of_api(name, &json!({"label": name}))).to_vec(),
        },
        Widget {
            title: "Latency (ms)",
            statistic: "p99",
            metrics: ["p50", "p90", "p99"]
                .map(|stat| of_api("Latency", &json!({"stat": stat, "label": stat})))
                .to_vec(),
        },
        Widget {
            title: "Limits and refusals",
            statistic: "Sum",
            metrics: own(&["rate_limited", "refused_tokens", "unavailable"]),
        },
        Widget { title: "Cold starts", statistic: "Sum", metrics: own(&["cold_starts"]) },
        Widget {
            title: "Cache and write conflicts",
            statistic: "Sum",
            metrics: own(&["cache_hits", "cache_misses", "conflicts_retried"]),
        },
        Widget {
            title: "Throttled requests by table",
            statistic: "Sum",
            metrics: template.tables.keys().map(|table| throttles(table)).collect(),
        },
        Widget {
            title: "Read units by table",
            statistic: "Sum",
            metrics: units("ConsumedReadCapacityUnits", template),
        },
        Widget {
            title: "Write units by table",
            statistic: "Sum",
            metrics: units("ConsumedWriteCapacityUnits", template),
        },
        Widget { title: "Invocations by function", statistic: "Sum", metrics: of_functions("Invocations") },
        Widget {
            title: "Duration by function, 99th percentile (ms)",
            statistic: "p99",
            metrics: of_functions("Duration"),
        },
        Widget { title: "Failed invocations by function", statistic: "Sum", metrics: of_functions("Errors") },
        Widget {
            title: "Throttled invocations by function",
            statistic: "Sum",
            metrics: of_functions("Throttles"),
        },
        Widget {
            title: "Age of the stream (ms)",
            statistic: "Maximum",
            metrics: on_stream.iter().map(|function| of_function("IteratorAge", function)).collect(),
        },
        Widget {
            title: "Records of the stream",
            statistic: "Sum",
            metrics: own(&["stream_records", "stream_failures"]),
        },
        Widget {
            title: "Dead letters (records)",
            statistic: "Sum",
            metrics: on_stream.iter().flat_map(|function| given_up(function)).collect(),
        },
    ]
}

/// Metrics that the functions write.
fn own(names: &[&str]) -> Vec<Value> {
    let dimensions = |name| json!(["ResourceAPI", name, "service", "${AWS::StackName}", "stage", "${Stage}", {"label": name}]);
    names.iter().map(dimensions).collect()
}

fn of_api(name: &str, options: &Value) -> Value {
    json!(["AWS/ApiGateway", name, "ApiId", "${Api}", options])
}

fn of_function(name: &str, function: &Function) -> Value {
    let id = format!("${{{}}}", function.logical_id());
    json!(["AWS/Lambda", name, "FunctionName", id, {"label": function.name}])
}

/// The records that a function on a stream failed to process: those that the on-failure destination received,
/// and those that were dropped.
fn given_up(function: &Function) -> [Value; 2] {
    let id = format!("${{{}}}", mapping(function));
    [("OnFailureDestinationDeliveredEventCount", "to dead letters"), ("DroppedEventCount", "dropped")].map(
        |(name, what)| {
            let label = format!("{}, {what}", function.name);
            json!(["AWS/Lambda", name, "EventSourceMappingUUID", id, {"label": label}])
        },
    )
}

/// The logical id that SAM gives the event source mapping of a function.
fn mapping(function: &Function) -> String {
    format!("{}Changes", function.logical_id())
}

/// Capacity units of each table, and of all indexes of a table together.
fn units(name: &str, template: &Template) -> Vec<Value> {
    let mut metrics = Vec::new();
    for (id, table) in &template.tables {
        metrics.push(json!(["AWS/DynamoDB", name, "TableName", format!("${{{id}}}"), {"label": id}]));
        if !table.global_secondary_indexes.is_empty() {
            metrics.push(sum_of("GlobalSecondaryIndexName,TableName", name, id, &format!("indexes of {id}")));
        }
    }
    metrics
}

fn throttles(table: &str) -> Value {
    sum_of("Operation,TableName", "ThrottledRequests", table, table)
}

/// The sum of a table's metrics over all values of another dimension.
fn sum_of(dimensions: &str, name: &str, table: &str, label: &str) -> Value {
    let search = format!(
        "SUM(SEARCH('{{AWS/DynamoDB,{dimensions}}} MetricName=\"{name}\" TableName=\"${{{table}}}\"', 'Sum', 60))"
    );
    json!([{"expression": search, "label": label}])
}
