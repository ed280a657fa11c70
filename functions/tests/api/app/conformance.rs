//! Checks every response of every test, and every accepted request, against the `OpenAPI` document.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex};

use api_docs::{FAULT_CODES, document};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use functions::ROUTES;
use jsonschema::Validator;
use resource_api::domain::Kinds;
use resource_api::http::Route;
use serde_json::{Map, Value, json};

use super::Response;

/// The `OpenAPI` document of some kinds, with the validators used so far.
struct Description {
    document: Value,
    /// The schemas of responses: objects have only the members in the schema.
    closed: Value,
    /// The same for requests without `fields` and `expand`, whose responses have all members.
    whole: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// By the kinds, which are identified by the addresses of their declarations.
static DESCRIPTIONS: LazyLock<Mutex<HashMap<Vec<usize>, Arc<Description>>>> = LazyLock::new(Mutex::default);

impl Description {
    fn of(kinds: Kinds) -> Arc<Self> {
        let key = kinds.iter().map(|kind| std::ptr::from_ref(kind) as usize).collect();
        let mut all = DESCRIPTIONS.lock().unwrap();
        Arc::clone(all.entry(key).or_insert_with(|| {
            let document = serde_json::to_value(document(ROUTES, kinds)).unwrap();
            let mut closed = document["components"].clone();
            close(&mut closed);
            let mut whole = closed.clone();
            without_selections(&mut whole);
            Arc::new(Self { document, closed, whole, validators: Mutex::default() })
        }))
    }

    /// The target of a `$ref`, or the value itself.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
            None => value,
        }
    }

    /// Checks a value against a schema. `name` identifies the validator for reuse.
    fn check(&self, name: &str, components: &Value, schema: &Value, value: &Value) -> Result<(), String> {
        let validator =
            Arc::clone(self.validators.lock().unwrap().entry(name.to_owned()).or_insert_with(|| {
                let schema = json!({ "allOf": [schema], "components": components });
                let options = jsonschema::draft202012::options().should_validate_formats(true);
                Arc::new(options.build(&schema).unwrap())
            }));
        validator.validate(value).map_err(|error| format!("{name}: {error} at {}", error.instance_path()))
    }
}

/// Excludes undeclared members of each object, except in parts of `allOf`.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), false.into());
            }
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("allOf", Value::Array(parts)) => {
                        parts
                            .iter_mut()
                            .filter_map(Value::as_object_mut)
                            .flat_map(Map::values_mut)
                            .for_each(close);
                    }
                    (_, member) => close(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Removes selections of fields from the alternatives of a response.
fn without_selections(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Array(any)) = members.get_mut("anyOf") {
                any.retain(|it| !it["$ref"].as_str().is_some_and(|name| name.ends_with("Selection")));
            }
            members.values_mut().for_each(without_selections);
        }
        Value::Array(items) => items.iter_mut().for_each(without_selections),
        _ => {}
    }
}

/// Fails if a response, or an accepted request, is not described.
pub(super) fn check(kinds: Kinds, route: &Route, event: &Value, response: &Response) {
    let description = Description::of(kinds);
    let kind = event["pathParameters"]["kind"].as_str().unwrap_or_default();
    let path = route.path.replace("{kind}", kind);
    let method = route.method.as_str().to_ascii_lowercase();
    let operation = &description.document["paths"][&path][&method];
    let place = format!("{method} {path}");
    let checked = if operation.is_null() {
        // The kind or its route does not exist. Callers without permission do not learn that.
        match response.status {
            401 | 403 | 404 | 429 | 500 | 503 => check_problem(&description, response),
            status => Err(format!("answered {status}, and is not described")),
        }
    } else {
        let answered = check_response(&description, &place, operation, kinds, kind, event, response);
        answered.and_then(|()| {
            if response.status < 400 { check_request(&description, &place, operation, event) } else { Ok(()) }
        })
    };
    if let Err(fault) = checked {
        panic!("not as described: {place}: {fault}\n{event:#}\n{response:#?}");
    }
}

/// Fails if the response of `$default` is not a problem document.
pub(super) fn check_unmatched(kinds: Kinds, response: &Response) {
    if response.status != 204 {
        check_problem(&Description::of(kinds), response).unwrap();
    }
}

fn check_problem(description: &Description, response: &Response) -> Result<(), String> {
    let schema = &description.closed["schemas"]["Problem"];
    description.check("Problem", &description.closed, schema, &response.body)
}

fn check_response(
    description: &Description,
    place: &str,
    operation: &Value,
    kinds: Kinds,
    kind: &str,
    event: &Value,
    response: &Response,
) -> Result<(), String> {
    // A batch has no version.
    let is_batch = place.ends_with("/batch");
    for name in always_sent(response.status).into_iter().filter(|name| !(is_batch && *name == "etag")) {
        response.header(name).ok_or_else(|| format!("a {} without {name}", response.status))?;
    }
    let status = response.status.to_string();
    let described = description.resolved(&operation["responses"][&status]);
    if described.is_null() {
        return Err(format!("the status {status} is not described"));
    }
    let headers: BTreeMap<_, _> = described["headers"].as_object().into_iter().flatten().collect();
    for (name, value) in response.headers.iter().filter(|(name, _)| *name != "content-type") {
        let header = headers.iter().find(|(described, _)| described.eq_ignore_ascii_case(name));
        let (name, header) =
            header.ok_or_else(|| format!("the header {name} of a {status} is not described"))?;
        let schema = &description.resolved(header)["schema"];
        description.check(&format!("header {name}"), &Value::Null, schema, &typed(schema, value))?;
    }
    let content = described["content"].as_object();
    let Some(media_type) = response.header("content-type") else {
        return if content.is_none() {
            Ok(())
        } else {
            Err("a body is described, and there is none".to_owned())
        };
    };
    let essence = media_type.split(';').next().unwrap();
    let content = content.and_then(|content| content.get(essence));
    let content = content.ok_or_else(|| format!("{essence} is not described for a {status}"))?;
    if content["schema"].is_null() {
        return Ok(());
    }
    let query = event["rawQueryString"].as_str().unwrap_or_default();
    let selects = ["fields", "expand"].iter().any(|name| query.contains(name));
    let (components, what) =
        if selects { (&description.closed, "a selection") } else { (&description.whole, "all fields") };
    let name = format!("{place} {status}, {what}");
    description.check(&name, components, &content["schema"], &response.body)?;
    let of_rules = kinds.find(kind).map(|kind| kind.rule_codes).unwrap_or_default();
    let details = response.body["details"].as_array().into_iter().flatten();
    for code in details.map(|fault| fault["code"].as_str().unwrap()) {
        if !FAULT_CODES.iter().chain(of_rules).any(|(known, _)| *known == code) {
            return Err(format!("the code {code} of a fault is not described"));
        }
    }
    Ok(())
}

/// The header fields that every response with a status has.
fn always_sent(status: i64) -> Vec<&'static str> {
    let of_status: &[&str] = match status {
        201 => &["location", "etag"],
        304 | 412 => &["etag"],
        401 => &["www-authenticate"],
        429 | 503 => &["retry-after"],
        _ => &[],
    };
    [&["x-request-id", "traceparent", "cache-control", "vary", "x-content-type-options"], of_status].concat()
}

fn check_request(
    description: &Description,
    place: &str,
    operation: &Value,
    event: &Value,
) -> Result<(), String> {
    let parameters: Vec<_> =
        operation["parameters"].as_array().unwrap().iter().map(|it| description.resolved(it)).collect();
    let find = |within: &str, name: &str| {
        parameters
            .iter()
            .find(|it| it["in"] == within && it["name"].as_str().unwrap().eq_ignore_ascii_case(name))
    };
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    let query = event["rawQueryString"].as_str().unwrap_or_default();
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        let (name, member) = match name.split_once('[') {
            Some((name, member)) => (name.to_owned(), member.strip_suffix(']')),
            None => (name.into_owned(), None),
        };
        // Public routes ignore the query string.
        if operation["security"].is_null() {
            continue;
        }
        let parameter = find("query", &name)
            .ok_or_else(|| format!("the parameter {name} is accepted, and not described"))?;
        let schema = &parameter["schema"];
        match (member, schema["type"] == "array") {
            (Some(member), _) => {
                let range = &schema["anyOf"][1]["properties"][member];
                let value = typed(range, &text);
                let object = values.entry(name).or_insert_with(|| json!({}));
                if let Value::Object(object) = object {
                    object.insert(member.to_owned(), value);
                }
            }
            (None, true) => {
                let items = text.split(',').map(|item| typed(&schema["items"], item));
                let all = values.entry(name).or_insert_with(|| json!([]));
                all.as_array_mut().unwrap().extend(items);
            }
            (None, false) => {
                let plain = if schema["anyOf"].is_null() { schema } else { &schema["anyOf"][0] };
                values.insert(name, typed(plain, &text));
            }
        }
    }
    for (name, value) in values {
        let schema = &find("query", &name).unwrap()["schema"];
        description.check(&format!("{place} parameter {name}"), &Value::Null, schema, &value)?;
    }
    for (name, value) in event["headers"].as_object().unwrap() {
        if let Some(parameter) = find("header", name) {
            description.check(&format!("parameter {name}"), &Value::Null, &parameter["schema"], value)?;
        }
    }
    let Some(content) = operation["requestBody"]["content"].as_object() else { return Ok(()) };
    let sent = event["headers"]["content-type"].as_str().unwrap_or_default();
    let essence = sent.split(';').next().unwrap().trim().to_ascii_lowercase();
    let content = content.get(&essence).ok_or_else(|| format!("{essence} is accepted, and not described"))?;
    let text = event["body"].as_str().unwrap_or_default();
    let bytes = if event["isBase64Encoded"] == true { STANDARD.decode(text).unwrap() } else { text.into() };
    let body = serde_json::from_slice(&bytes).unwrap();
    let components = &description.document["components"];
    description.check(&format!("{place} body {essence}"), components, &content["schema"], &body)
}

/// A parameter's text as the type of its schema.
fn typed(schema: &Value, text: &str) -> Value {
    match schema["type"].as_str() {
        Some("integer" | "number" | "boolean") => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => text.into(),
    }
}
