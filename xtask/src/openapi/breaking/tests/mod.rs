//! Tests: cases that change a small document, and others with their own documents.

mod operation_cases;
mod schema_cases;

use serde_json::{Value, json};

use super::breaking;

/// A document with `GET /orders` and `POST /orders`, which use the schemas Order, New and Owner.
fn document() -> Value {
    let problem = json!({"$ref": "#/components/responses/Problem"});
    let order = json!({"$ref": "#/components/schemas/Order"});
    let body = json!({"$ref": "#/components/schemas/New"});
    json!({
        "paths": {"/orders": {
            "get": {
                "operationId": "listOrders",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                    {"$ref": "#/components/parameters/Sort"},
                ],
                "responses": {
                    "200": {
                        "headers": {"ETag": {"$ref": "#/components/headers/ETag"}},
                        "content": {"application/json": {"schema": {
                            "type": "object",
                            "properties": {"data": {"type": "array", "items": order}},
                        }}},
                    },
                    "400": problem, "404": problem,
                },
            },
            "post": {
                "operationId": "createOrder",
                "security": [{"bearer": ["write"]}],
                "requestBody": {"content": {"application/json": {"schema": body}}},
                "responses": {"201": {"description": "Created."}, "400": problem},
            },
        }},
        "webhooks": {"paid": {"post": {"requestBody": {"content": {"application/json": {"schema": {
            "type": "object", "properties": {"at": {"type": "string"}},
        }}}}}}},
        "components": {
            "headers": {"ETag": {"required": true, "schema": {"type": "string"}}},
            "parameters": {"Sort": {"name": "sort", "in": "query", "schema": {"enum": ["up", "down"]}}},
            "responses": {"Problem": {"content": {"application/problem+json": {"schema": {
                "type": "object",
                "properties": {"code": {"enum": ["gone", "busy"]}, "hint": {"enum": ["wait", "stop"]}},
            }}}}},
            "schemas": {
                "Order": {"type": "object", "required": ["state"], "properties": {
                    "state": {"type": "string", "enum": ["open", "done"]},
                    "total": {"type": "number"},
                    "buyer": {"$ref": "#/components/schemas/Owner"},
                    "payer": {"anyOf": [{"$ref": "#/components/schemas/Owner"}, {"type": "null"}]},
                    "parent": {"$ref": "#/components/schemas/Order"},
                    "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
                }},
                "Owner": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 9}}},
                "New": {"type": "object", "required": ["number"], "properties": {
                    "number": {"type": "string", "maxLength": 9},
                    "color": {"enum": ["red", "blue"]},
                    "amount": {"type": ["number", "null"], "minimum": 0},
                    "target": {"anyOf": [{"const": 1}, {"type": "string"}]},
                    "tags": {"type": "array", "maxItems": 5, "items": {"type": "string"}},
                }},
            },
        },
    })
}

/// Expands the abbreviated start of a place.
fn pointer(place: &str) -> String {
    let (start, rest) = place.split_once('/').unwrap_or((place, ""));
    let start = match start {
        "get" | "post" => format!("/paths/~1orders/{start}"),
        "Order" | "New" | "Owner" => format!("/components/schemas/{start}"),
        "problem" => "/components/responses/Problem/content/application~1problem+json/schema".to_owned(),
        other => format!("/{other}"),
    };
    if rest.is_empty() { start } else { format!("{start}/{rest}") }
}

fn changed(place: &str, value: Value) -> Value {
    let mut document = document();
    let pointer = pointer(place);
    let (parent, name) = pointer.rsplit_once('/').expect("a place has a parent");
    let name = name.replace("~1", "/");
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("{parent} is not there")) {
        Value::Array(list) if name == "-" => list.push(value),
        Value::Array(list) => list[name.parse::<usize>().expect("an index")] = value,
        parent if value.is_null() => _ = parent.as_object_mut().and_then(|parent| parent.remove(&name)),
        parent => parent[name] = value,
    }
    document
}

/// Checks the cases of a text.
fn check(cases: &str) {
    let old = document();
    let mut lines = cases.lines().filter(|line| !line.is_empty()).peekable();
    while let Some(fact) = lines.next() {
        let (place, value) = lines.next().and_then(|line| line.trim().split_once(" = ")).expect(fact);
        let new = changed(place, serde_json::from_str(value).expect(fact));
        let mut expected = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with("    > ")) {
            expected.push(line.trim_start_matches("    > "));
        }
        assert_eq!(breaking(&old, &new), expected, "{fact}");
    }
}

#[test]
fn operations_are_compared() {
    check(operation_cases::OPERATIONS);
}

#[test]
fn parameters_are_compared() {
    check(operation_cases::PARAMETERS);
}

#[test]
fn bodies_and_responses_are_compared() {
    check(operation_cases::CONTENTS);
}

#[test]
fn requests_may_not_be_narrowed() {
    check(schema_cases::REQUESTS);
}

#[test]
fn responses_may_not_be_widened() {
    check(schema_cases::RESPONSES);
}

#[test]
fn a_component_is_named_once_per_operation() {
    check(schema_cases::COMPONENTS);
}

#[test]
fn a_path_parameter_may_be_renamed() {
    let with = |path: &str, name: &str| {
        let parameter = json!({"name": name, "in": "path", "required": true});
        json!({"paths": {path: {"get": {"parameters": [parameter]}}}})
    };
    assert_eq!(breaking(&with("/a/{id}:run", "id"), &with("/a/{a_id}:run", "a_id")), [""; 0]);
    assert_eq!(breaking(&with("/a/{id}", "id"), &with("/a/{id}/b", "id")), ["/a/{id}: is removed"]);
}

#[test]
fn variants_are_told_apart_by_their_constant() {
    let with = |variants: Value| {
        let content = json!({"application/json": {"schema": {"anyOf": variants}}});
        json!({"paths": {"/a": {"get": {"responses": {"200": {"content": content}}}}}})
    };
    let variant = |kind: &str, other: &str| {
        let properties = json!({"kind": {"const": kind}, other: {}});
        json!({"type": "object", "properties": properties})
    };
    let old = with(json!([variant("a", "x"), variant("b", "y")]));
    let lines = |variants: Value| breaking(&old, &with(variants));
    assert_eq!(lines(json!([variant("b", "y"), variant("a", "x")])), [""; 0]);
    assert_eq!(lines(json!([variant("a", "x"), variant("b", "z")])), ["GET /a 200: y: is removed"]);
    assert_eq!(lines(json!([variant("c", "x")])), ["GET /a 200: may now be an object whose kind is \"c\""]);
}

#[test]
fn a_component_is_compared_with_itself_where_a_looser_one_would_do() {
    let with = |required: Value| {
        let schemas = json!({
            "Order": {"type": "object", "properties": {"id": {}}, "required": required},
            "Selection": {"type": "object", "properties": {"id": {}}},
        });
        let either =
            json!([{"$ref": "#/components/schemas/Order"}, {"$ref": "#/components/schemas/Selection"}]);
        let content = json!({"application/json": {"schema": {"anyOf": either}}});
        let response = json!({"get": {"responses": {"200": {"content": content}}}});
        json!({"paths": {"/a": response}, "components": {"schemas": schemas}})
    };
    assert_eq!(
        breaking(&with(json!(["id"])), &with(json!([]))),
        ["GET /a 200: id: is no longer always sent"]
    );
    assert_eq!(breaking(&with(json!([])), &with(json!(["id"]))), [""; 0]);
}

#[test]
fn what_was_fine_only_for_a_schema_that_is_not_is_compared_again() {
    let with = |text: &str, first: Value| {
        let node = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let schemas = json!({
            "A": {"type": "object", "properties": {"b": node("B"), "text": {"type": text}}},
            "B": {"type": "object", "properties": {"a": node("A")}},
        });
        let schema = json!({"type": "object", "properties": {"first": first, "second": node("B")}});
        let post = json!({"requestBody": {"content": {"application/json": {"schema": schema}}}});
        json!({"paths": {"/a": {"post": post}}, "components": {"schemas": schemas}})
    };
    // The old A is not the new A, but it fits the other alternative, so only `second` has a finding.
    let inside = |schema: Value| json!({"type": "object", "properties": {"inside": schema}});
    let a = inside(json!({"$ref": "#/components/schemas/A"}));
    let (old, new) = (with("string", a.clone()), with("integer", json!({"anyOf": [a, inside(json!({}))]})));
    assert_eq!(breaking(&old, &new), ["POST /a body: second.a.text: no longer accepts a string"]);
}

#[test]
fn what_was_deprecated_may_go_and_a_changed_default_is_noticed() {
    let mut old = document();
    old["paths"]["/orders"]["post"]["deprecated"] = true.into();
    old["paths"]["/orders"]["get"]["parameters"][0]["schema"]["default"] = 20.into();
    let mut new = old.clone();
    new["paths"]["/orders"].as_object_mut().unwrap().remove("post");
    assert_eq!(breaking(&old, &new), Vec::<String>::new());
    new["paths"]["/orders"]["get"]["parameters"][0]["schema"]["default"] = 50.into();
    assert_eq!(breaking(&old, &new), ["GET /orders query limit: its default is now 50, was 20"]);
    old["paths"]["/orders"]["get"]["deprecated"] = true.into();
    new["paths"].as_object_mut().unwrap().remove("/orders");
    assert_eq!(breaking(&old, &new), Vec::<String>::new());
}
