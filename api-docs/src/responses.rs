//! The responses of a route: its success, and its problems by status.

use std::collections::BTreeMap;

use resource_api::domain::Kind;
use resource_api::http::problem::{self, ProblemType};
use resource_api::http::{Description, RequestHeader, Route, Success};
use serde_json::json;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::link::Link;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::{Ref, RefOr, Response};

use crate::names::{Names, joined};
use crate::schemas::reference;
use crate::{examples, headers};

/// The successful responses of a route for a kind, by status.
pub(crate) fn successful(route: &Route, kind: Option<&'static Kind>) -> Vec<(u16, Response)> {
    route.description.success.iter().map(|success| successful_one(route, *success, kind)).collect()
}

fn successful_one(route: &Route, success: Success, kind: Option<&'static Kind>) -> (u16, Response) {
    let names = kind.map(Names::of);
    let fill = |text: &str| names.as_ref().map_or_else(|| text.to_owned(), |names| names.fill(text));
    let (status, text, schema) = match success {
        Success::Selected => (200, "The {one}.", "{One}SelectionResponse"),
        Success::Changed => (200, "The {one} as it is now.", "{One}Response"),
        Success::Created => (201, "The new {one}.", "{One}Response"),
        Success::Deleted => (204, "The {one} is deleted.", ""),
        Success::NotModified => (304, "The client has this version already.", ""),
        Success::Page => (200, "One page of {many}.", "{One}Page"),
        Success::History => (200, "One page of versions.", "{One}HistoryPage"),
        Success::Found => (200, "The {many} that were found.", "{One}SearchResults"),
        Success::ByIds => (200, "The {many} that exist, in the order of the ids.", "{One}List"),
        Success::Related => (200, "The related resources, in order.", "{One}Related"),
        Success::Batch => (
            200,
            "Each {one} as it is now, in the order of the operations; null for a deleted one.",
            "{One}BatchResponse",
        ),
        Success::Healthy => (200, "The API is available.", "Health"),
        Success::File(_) => (200, "The file.", ""),
    };
    let mut response = ResponseBuilder::new().description(fill(text));
    match success {
        Success::File(media_types) => {
            for media_type in media_types {
                response = response.content(*media_type, ContentBuilder::new().build());
            }
        }
        _ if schema.is_empty() => {}
        _ => {
            let mut content = ContentBuilder::new().schema(Some(reference(fill(schema))));
            if let Some(example) = body(success, kind) {
                content = content.example(Some(example));
            }
            response = response.content("application/json", content.build());
        }
    }
    if let (Success::Created, Some(names)) = (success, &names) {
        response = links(response, names);
    }
    let mut response = headers::with(response.build(), &specific_headers(success, route.description));
    response = headers::with(response, headers::COMMON);
    (status, response)
}

/// The header fields that a success has besides those of every response.
fn specific_headers(success: Success, description: &Description) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = match success {
        Success::Selected | Success::Changed | Success::NotModified => vec!["ETag"],
        Success::Created => vec!["ETag", "Location"],
        Success::Page | Success::History => vec!["Link"],
        Success::File(_) => {
            vec!["ETag", "Content-Security-Policy", "Referrer-Policy"]
        }
        _ => Vec::new(),
    };
    if description.headers.contains(&RequestHeader::IdempotencyKey) {
        names.push("Idempotent-Replayed");
    }
    if description.headers.contains(&RequestHeader::CacheControl) {
        names.push("X-Cache");
    }
    names
}

/// Links to operations on a new resource.
fn links(mut response: ResponseBuilder, names: &Names) -> ResponseBuilder {
    for (link, text) in [
        ("get{One}", "Read the new {one}."),
        ("update{One}", "Update the new {one}."),
        ("delete{One}", "Delete the new {one}."),
    ] {
        let operation = names.fill(link);
        let target = Link::builder()
            .operation_id(operation.clone())
            .parameter("id", "$response.body#/data/id")
            .description(names.fill(text));
        response = response.link(operation, target.build());
    }
    response
}

/// An example of a body.
fn body(success: Success, kind: Option<&'static Kind>) -> Option<serde_json::Value> {
    if success == Success::Healthy {
        return Some(json!({ "status": "ok" }));
    }
    let kind = kind?;
    let (whole, summary) = (|| examples::resource(kind, false), || examples::resource(kind, true));
    let pagination = json!({ "limit": 20, "next_cursor": examples::CURSOR });
    Some(match success {
        Success::Selected | Success::Changed | Success::Created => {
            json!({ "success": true, "data": whole()? })
        }
        Success::Page => json!({ "success": true, "data": [summary()?], "pagination": pagination }),
        Success::Found => {
            let pagination = json!({ "limit": 10, "next_cursor": null, "exhaustive": true });
            json!({ "success": true, "data": [summary()?], "pagination": pagination })
        }
        Success::ByIds => json!({ "success": true, "data": [whole()?], "missing": [] }),
        // The kinds of the resources depend on the lists.
        Success::Related => json!({ "success": true, "data": [], "missing": [examples::ID] }),
        Success::Batch => json!({ "success": true, "data": [whole()?, null] }),
        Success::History => {
            let entry = json!({
                "version": 1, "at": examples::CREATED_AT, "by": examples::SUBJECT, "action": "created", "resource": examples::first_version(kind)?,
            });
            json!({ "success": true, "data": [entry], "pagination": { "limit": 20, "next_cursor": null } })
        }
        _ => return None,
    })
}

/// The problem types that a route may return for a kind.
pub(crate) fn problems(route: &Route, kind: Option<&'static Kind>) -> Vec<&'static ProblemType> {
    use problem::{
        ALREADY_EXISTS, CONTENT_TOO_LARGE, FORBIDDEN, IDEMPOTENCY_KEY_REUSED, INTERNAL, INVALID_HEADER,
        INVALID_QUERY, INVALID_TOKEN, INVALID_TRANSITION, MALFORMED_JSON, MISSING_TOKEN, NOT_FOUND,
        PRECONDITION_FAILED, RATE_LIMITED, REFERENCE_NOT_FOUND, UNAVAILABLE, UNSUPPORTED_MEDIA_TYPE,
        VALIDATION_FAILED,
    };
    let Description { headers, body, problems, .. } = route.description;
    let reads = |header| headers.contains(&header);
    let mut types = vec![INTERNAL];
    if route.access.is_some() {
        types.extend([MISSING_TOKEN, INVALID_TOKEN, FORBIDDEN, RATE_LIMITED, UNAVAILABLE, INVALID_QUERY]);
    }
    if headers.iter().any(|header| *header != RequestHeader::CacheControl) {
        types.push(INVALID_HEADER);
    }
    if reads(RequestHeader::IfMatch) {
        types.push(PRECONDITION_FAILED);
    }
    if reads(RequestHeader::IdempotencyKey) {
        types.push(IDEMPOTENCY_KEY_REUSED);
    }
    if body.is_some() {
        types.extend([MALFORMED_JSON, VALIDATION_FAILED, CONTENT_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE]);
    }
    if route.path.contains("{id}") {
        types.push(NOT_FOUND);
    }
    types.extend(*problems);
    if let Some(kind) = kind {
        let refers = kind.fields.iter().any(|field| field.must_exist);
        types.retain(|it| match **it {
            ref it if it == ALREADY_EXISTS => !kind.unique.is_empty(),
            ref it if it == REFERENCE_NOT_FOUND => refers,
            ref it if it == INVALID_TRANSITION => kind.statuses.transitions.is_some(),
            _ => true,
        });
    }
    types
}

/// The error responses of a route, by status. Each is a component, which `shared` collects.
pub(crate) fn failed(
    route: &Route,
    kind: Option<&'static Kind>,
    shared: &mut BTreeMap<String, Response>,
) -> Vec<(u16, RefOr<Response>)> {
    let mut by_status: BTreeMap<u16, Vec<&'static ProblemType>> = BTreeMap::new();
    let types = problems(route, kind);
    // In the order of the table, not of the descriptions.
    for known in problem::PROBLEM_TYPES.iter().filter(|known| types.contains(known)) {
        by_status.entry(known.status.as_u16()).or_default().push(known);
    }
    let mut responses = Vec::new();
    for (status, types) in by_status {
        let mut name = types.iter().map(|it| joined(it.code)).collect::<Vec<_>>().join("Or");
        if route.access.is_none() {
            name.push_str("OfPublicRoute");
        }
        let reference = Ref::from_response_name(&name);
        shared.entry(name).or_insert_with(|| failure(route, &types));
        responses.push((status, reference.into()));
    }
    responses
}

fn failure(route: &Route, types: &[&'static ProblemType]) -> Response {
    let text: Vec<_> = types.iter().map(|it| format!("`{}`: {}", it.code, it.cause)).collect();
    let example = |it: &&'static ProblemType| {
        (it.code, ExampleBuilder::new().summary(it.error).value(Some(examples::problem(it))))
    };
    let content = ContentBuilder::new()
        .schema(Some(reference("Problem")))
        .examples_from_iter(types.iter().map(example))
        .build();
    let response = ResponseBuilder::new()
        .description(text.join("\n\n"))
        .content("application/problem+json", content)
        .build();
    let has = |it: &'static ProblemType| types.contains(&it);
    // A read may fail after it has used the cache.
    let mut specific: Vec<&'static str> = route.access.iter().map(|_| "X-Cache").collect();
    if has(problem::MISSING_TOKEN) {
        specific.push("WWW-Authenticate");
    }
    if has(problem::RATE_LIMITED) || has(problem::UNAVAILABLE) {
        specific.push("Retry-After");
    }
    if has(problem::PRECONDITION_FAILED) {
        specific.push("ETag");
    }
    headers::with(headers::with(response, &specific), headers::COMMON)
}
