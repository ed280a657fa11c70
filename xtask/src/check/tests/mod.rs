mod rules;

use std::fs;

use functions::ROUTES;
use rstest::rstest;
use tempfile::TempDir;

use super::*;

/// A copy of everything that names a function.
fn copy() -> TempDir {
    let copy = TempDir::new().unwrap();
    for folder in ["docs", "functions/src", "functions/src/bin", "events", "xtask"] {
        fs::create_dir_all(copy.path().join(folder)).unwrap();
    }
    for file in [
        "Cargo.toml",
        "docs/api.md",
        "docs/configuration.md",
        "docs/openapi.json",
        "docs/operations.md",
        "template.yaml",
        "xtask/tables.lock.json",
        "xtask/kinds.lock.json",
    ] {
        fs::copy(workspace().join(file), copy.path().join(file)).unwrap();
    }
    for folder in ["functions/src", "functions/src/bin", "events"] {
        for entry in fs::read_dir(workspace().join(folder)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), copy.path().join(folder).join(entry.file_name())).unwrap();
            }
        }
    }
    copy
}

/// The faults of a copy in which the first `text` of a file is replaced by `changed`.
fn faults_with(file: &str, text: &str, changed: &str) -> Vec<String> {
    let copy = copy();
    let path = copy.path().join(file);
    let content = fs::read_to_string(&path).unwrap();
    assert!(content.contains(text), "{file} does not contain {text}");
    fs::write(&path, content.replacen(text, changed, 1)).unwrap();
    faults(copy.path(), &Function::all())
}

#[test]
fn this_workspace_agrees() {
    let functions = Function::all();
    assert_eq!(faults(&workspace(), &functions), Vec::<String>::new());
    assert_eq!(faults(copy().path(), &functions), Vec::<String>::new());
}

#[rstest]
#[case::router_function("Cargo.toml", "function = \"get-resource\"", "function = \"fetch-resource\"")]
#[case::router_path("Cargo.toml", "\"/api/{kind}/{id}\"", "\"/api/{kind}/{key}\"")]
#[case::router_method("Cargo.toml", "method = \"PATCH\"", "method = \"PUT\"")]
#[case::binary("template.yaml", "Binary: get-resource", "Binary: fetch-resource")]
#[case::path("template.yaml", "Path: \"/health\"", "Path: \"/healthz\"")]
#[case::method("template.yaml", "Method: DELETE", "Method: POST")]
#[case::fewer_permissions("template.yaml", "dynamodb:PutItem", "dynamodb:GetItem")]
#[case::more_permissions("template.yaml", "[dynamodb:Query]", "[dynamodb:Query, dynamodb:Scan]")]
#[case::permissions_elsewhere("template.yaml", "/index/*\"", "/index/by_name\"")]
#[case::bucket_policy("template.yaml", "Effect: Deny", "Effect: Allow")]
#[case::dead_letters("template.yaml", "[s3:PutObject, s3:ListBucket]", "[s3:*]")]
#[case::stream("template.yaml", "!GetAtt ResourcesTable.StreamArn", "!GetAtt HistoryTable.StreamArn")]
#[case::forgotten_variable("template.yaml", "          SEARCH_TABLE:", "          # SEARCH_TABLE:")]
#[case::binary_file("functions/src/bin/get-resource.rs", "get_resource::handle", "list_related::handle")]
#[case::variable("docs/configuration.md", "| `CACHE_URL` |", "| `CACHE_URI` |")]
#[case::problem("docs/api.md", "| 409 | `conflict`", "| 400 | `conflict`")]
#[case::description("docs/openapi.json", "\"maxLength\": 200", "\"maxLength\": 100")]
#[case::records("events/process-changes.json", "aws:dynamodb", "aws:kinesis")]
#[case::event_route("events/get-resource.json", "GET /api/{kind}/{id}", "GET /api/{kind}")]
#[case::event_path(
    "events/get-resource.json",
    "\"rawPath\": \"/api/resources/",
    "\"rawPath\": \"/api/resource/"
)]
#[case::own_metric_of_an_alarm("template.yaml", "MetricName: refused_tokens", "MetricName: bad_tokens")]
#[case::section_of_an_alarm("template.yaml", "docs/operations.md#latency", "docs/operations.md#slowness")]
#[case::table_without_an_alarm(
    "template.yaml",
    "!Ref UniqueValuesTable, !Ref UniqueValuesTableName] }]",
    "x, y] }]"
)]
#[case::dashboard("template.yaml", "\"ResourceAPI\",\"cold_starts\"", "\"ResourceAPI\",\"starts\"")]
#[case::event_method("events/update-resource.json", "\"method\": \"PATCH\"", "\"method\": \"PUT\"")]
fn a_change_by_hand_is_found(#[case] file: &str, #[case] text: &str, #[case] changed: &str) {
    let faults = faults_with(file, text, changed);
    assert!(faults.iter().any(|fault| fault.starts_with(file)), "{faults:?}");
}

#[test]
fn the_dashboard_shows_no_metric_that_no_function_writes() {
    let faults =
        faults_with("template.yaml", "\"ResourceAPI\",\"cold_starts\"", "\"ResourceAPI\",\"starts\"");
    assert!(faults.iter().any(|fault| fault.ends_with("no function writes the metric starts")), "{faults:?}");
}

#[test]
fn an_alarm_of_more_metrics_than_an_expression_takes_is_refused() {
    let metric = "        - { Id: m, MetricStat: { Metric: { Namespace: N, MetricName: M } } }\n";
    let first = "        - Id: history_reads\n";
    let faults = faults_with("template.yaml", first, &format!("{}{first}", metric.repeat(4)));
    assert!(faults.iter().any(|fault| fault.ends_with("an alarm reads at most 10 metrics")), "{faults:?}");
}

/// Changes that could grant a function more permissions than the table declares.
#[rstest]
#[case::managed_policy_by_name("        - !Ref RouteFunctionPolicy", "        - AmazonDynamoDBFullAccess")]
#[case::another_managed_policy(
    "        - !Ref RouteFunctionPolicy",
    "        - !Ref RouteFunctionPolicy\n        - AmazonDynamoDBFullAccess"
)]
#[case::policy_template(
    "        - !Ref RouteFunctionPolicy",
    "        - DynamoDBCrudPolicy: { TableName: !Ref ResourcesTable }"
)]
#[case::condition(
    "        - !Ref RouteFunctionPolicy",
    "        - !If [HasVpc, !Ref RouteFunctionPolicy, AdministratorAccess]"
)]
#[case::deny("Effect: Allow", "Effect: Deny")]
#[case::not_action("Action: [dynamodb:UpdateItem]", "NotAction: [dynamodb:UpdateItem]")]
#[case::action_wildcard("[dynamodb:UpdateItem]", "[\"dynamodb:*\"]")]
#[case::resource_wildcard("Resource: !If [MakesRateLimitsTable", "Resource: \"*\" # [MakesRateLimitsTable")]
#[case::role("      Policies:\n", "      Role: !Ref SomeRole\n      Policies:\n")]
#[case::role_of_all_functions(
    "    Handler: bootstrap\n",
    "    Handler: bootstrap\n    Role: !Ref SomeRole\n"
)]
#[case::layers_of_all_functions("    Handler: bootstrap\n", "    Handler: bootstrap\n    Layers: [x]\n")]
#[case::policy_resource("\nOutputs:", "\n  More:\n    Type: AWS::IAM::Policy\n\nOutputs:")]
#[case::role_resource("\nOutputs:", "\n  More:\n    Type: AWS::IAM::Role\n\nOutputs:")]
#[case::connector("\nOutputs:", "\n  More:\n    Type: AWS::Serverless::Connector\n\nOutputs:")]
#[case::function_by_hand(
    "\nOutputs:",
    "\n  More:\n    Type: AWS::Serverless::Function\n    Metadata: { BuildProperties: { Binary: more } }\n\nOutputs:"
)]
#[case::another_transform(
    "Transform: AWS::Serverless-2016-10-31",
    "Transform: [AWS::Serverless-2016-10-31, Other]"
)]
#[case::include("\nOutputs:", "\nFn::Transform: { Name: AWS::Include }\n\nOutputs:")]
fn what_could_permit_more_is_refused(#[case] text: &str, #[case] changed: &str) {
    let faults = faults_with("template.yaml", text, changed);
    assert!(faults.iter().any(|fault| fault.starts_with("template.yaml")), "{faults:?}");
}

/// Changes for which CloudFormation would replace a table, or that it cannot apply.
#[rstest]
#[case::table_key("KeySchema:\n        - { AttributeName: pk", "KeySchema:\n        - { AttributeName: id")]
#[case::table_name("\n  HistoryTable:\n", "\n  VersionsTable:\n")]
#[case::index_name("IndexName: by_1", "IndexName: by_one")]
#[case::index_key("{ AttributeName: index_1, KeyType: RANGE }", "{ AttributeName: id, KeyType: RANGE }")]
#[case::projection("NonKeyAttributes: [summary, version,", "NonKeyAttributes: [summary,")]
#[case::stream_view("StreamViewType: NEW_AND_OLD_IMAGES", "StreamViewType: NEW_IMAGE")]
fn what_a_deployment_freezes_stays(#[case] text: &str, #[case] changed: &str) {
    let faults = faults_with("template.yaml", text, changed);
    assert!(faults.iter().any(|fault| fault.contains("--accept-tables")), "{faults:?}");
}

#[rstest]
#[case::handler("functions/src/get_resource.rs", "functions/src/fetch_resource.rs")]
#[case::binary("functions/src/bin/get-resource.rs", "functions/src/bin/fetch-resource.rs")]
#[case::event("events/get-resource.json", "events/fetch-resource.json")]
fn a_renamed_file_is_found(#[case] file: &str, #[case] renamed: &str) {
    let copy = copy();
    fs::rename(copy.path().join(file), copy.path().join(renamed)).unwrap();
    assert_eq!(faults(copy.path(), &Function::all()).len(), 2);
}

#[test]
fn a_route_renamed_in_the_table_is_found_everywhere() {
    let mut routes = ROUTES.to_vec();
    routes.iter_mut().find(|route| route.name == "get-resource").unwrap().name = "fetch-resource";
    let faults = faults(&workspace(), &Function::of(&routes));
    for place in ["functions/src/", "functions/src/bin/", "Cargo.toml", "template.yaml", "events/"] {
        assert!(faults.iter().any(|fault| fault.starts_with(place)), "{place} {faults:?}");
    }
}

/// `check` accepts what `generate` has written.
#[test]
fn generating_again_mends_what_was_changed() {
    let copy = copy();
    let functions = Function::all();
    for file in ["template.yaml", "Cargo.toml"] {
        let path = copy.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("get-resource", "fetch-resource")).unwrap();
    }
    fs::remove_file(copy.path().join("events/health.json")).unwrap();
    crate::generate::write(copy.path(), &functions).unwrap();
    assert_eq!(faults(copy.path(), &functions), Vec::<String>::new());
}
