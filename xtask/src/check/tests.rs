use std::fs;

use rstest::rstest;
use tempfile::TempDir;

use super::*;

/// A copy of everything that names a route.
fn copy() -> TempDir {
    let copy = TempDir::new().unwrap();
    for file in ["Cargo.toml", "template.yaml"] {
        fs::copy(workspace().join(file), copy.path().join(file)).unwrap();
    }
    for folder in ["functions/src", "functions/src/bin", "events"] {
        fs::create_dir_all(copy.path().join(folder)).unwrap();
        for entry in fs::read_dir(workspace().join(folder)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), copy.path().join(folder).join(entry.file_name())).unwrap();
            }
        }
    }
    copy
}

#[test]
fn this_workspace_agrees() {
    assert_eq!(faults(&workspace(), ROUTES).unwrap(), Vec::<String>::new());
    assert_eq!(faults(copy().path(), ROUTES).unwrap(), Vec::<String>::new());
}

#[rstest]
#[case::router_function("Cargo.toml", "function = \"get-resource\"", "function = \"fetch-resource\"")]
#[case::router_path("Cargo.toml", "\"/api/resources/{id}\"", "\"/api/resource/{id}\"")]
#[case::router_method("Cargo.toml", "method = \"PATCH\"", "method = \"PUT\"")]
#[case::binary("template.yaml", "Binary: get-resource", "Binary: fetch-resource")]
#[case::path("template.yaml", "Path: /health", "Path: /healthz")]
#[case::method("template.yaml", "Method: DELETE", "Method: POST")]
#[case::less_leave("template.yaml", "dynamodb:PutItem", "dynamodb:GetItem")]
#[case::stream("template.yaml", "!GetAtt ResourcesTable.StreamArn", "!GetAtt HistoryTable.StreamArn")]
#[case::records("events/process-changes.json", "aws:dynamodb", "aws:kinesis")]
#[case::more_leave("template.yaml", "[dynamodb:Query]", "[dynamodb:Query, dynamodb:Scan]")]
#[case::leave_elsewhere("template.yaml", "/index/*\"", "/index/by_name\"")]
#[case::event_route("events/get-resource.json", "GET /api/resources/{id}", "GET /api/resource/{id}")]
#[case::event_path(
    "events/get-resource.json",
    "\"rawPath\": \"/api/resources/",
    "\"rawPath\": \"/api/resource/"
)]
#[case::event_method("events/update-resource.json", "\"method\": \"PATCH\"", "\"method\": \"PUT\"")]
fn a_changed_name_is_found(#[case] file: &str, #[case] name: &str, #[case] renamed: &str) {
    let copy = copy();
    let path = copy.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(name), "{file} does not hold {name}");
    fs::write(&path, text.replace(name, renamed)).unwrap();
    let faults = faults(copy.path(), ROUTES).unwrap();
    assert!(faults.iter().any(|fault| fault.starts_with(file)), "{faults:?}");
}

#[rstest]
#[case::handler("functions/src/get_resource.rs", "functions/src/fetch_resource.rs")]
#[case::binary("functions/src/bin/get-resource.rs", "functions/src/bin/fetch-resource.rs")]
#[case::event("events/get-resource.json", "events/fetch-resource.json")]
fn a_renamed_file_is_found(#[case] file: &str, #[case] renamed: &str) {
    let copy = copy();
    fs::rename(copy.path().join(file), copy.path().join(renamed)).unwrap();
    assert_eq!(faults(copy.path(), ROUTES).unwrap().len(), 2);
}

#[test]
fn a_route_renamed_in_the_table_is_found_everywhere() {
    let mut routes = ROUTES.to_vec();
    routes.iter_mut().find(|route| route.name == "get-resource").unwrap().name = "fetch-resource";
    let faults = faults(&workspace(), &routes).unwrap();
    for place in ["functions/src:", "functions/src/bin:", "Cargo.toml:", "template.yaml:", "events:"] {
        assert_eq!(faults.iter().filter(|fault| fault.starts_with(place)).count(), 2, "{place} {faults:?}");
    }
}
