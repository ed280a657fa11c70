//! A route as an operation of the document.

use std::collections::BTreeMap;

use resource_api::domain::{Kind, Kinds, Permission, Role};
use resource_api::http::{MERGE_PATCH, QueryParameters, RequestBody as Body, Route};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::{RefOr, Required, Response, SecurityRequirement};

use crate::names::{Names, capitalized};
use crate::schemas::reference;
use crate::{examples, parameters, responses};

/// The name of the security scheme.
pub(crate) const BEARER: &str = "bearer";
/// The tag of routes without a kind.
pub(crate) const GENERAL: &str = "general";

/// The operation of a route, for a kind if the path names one. `shared` collects the responses that are
/// components.
pub(crate) fn of(
    route: &Route,
    kind: Option<&'static Kind>,
    kinds: Kinds,
    shared: &mut BTreeMap<String, Response>,
) -> Operation {
    let names = kind.map(Names::of);
    let fill = |text: &str| names.as_ref().map_or_else(|| text.to_owned(), |names| names.fill(text));
    let mut operation = OperationBuilder::new()
        .tag(kind.map_or(GENERAL, |kind| kind.name))
        .operation_id(Some(fill(route.description.id)))
        .summary(Some(capitalized(&fill(route.description.summary))))
        .description(Some(text(route, kind, &fill(route.description.text))));
    if route.access.is_some() {
        operation = operation.security(SecurityRequirement::new::<_, _, &str>(BEARER, []));
    }
    for parameter in parameters::of(route, kind, kinds) {
        operation = match parameter {
            RefOr::Ref(reference) => operation.parameter_ref(reference),
            RefOr::T(parameter) => operation.parameter(parameter),
        };
    }
    if let Some((kind, body)) = kind.zip(route.description.body) {
        operation = operation.request_body(Some(request_body(kind, body)));
    }
    for (status, response) in responses::successful(route, kind) {
        operation = operation.response(status.to_string(), response);
    }
    for (status, response) in responses::failed(route, kind, shared) {
        operation = operation.response(status.to_string(), response);
    }
    operation.build()
}

/// The description in paragraphs: the text of the route, and who may call it.
fn text(route: &Route, kind: Option<&'static Kind>, text: &str) -> String {
    let Some((access, kind)) = route.access.zip(kind) else { return text.to_owned() };
    let body = route.description.body;
    let mut paragraphs = vec![text.to_owned(), who_may_call(route, access.permission, kind)];
    let needed = kind.fields.iter().find(|field| field.must_exist && field.required);
    if let (Some(field), Some(Body::Resource)) = (needed, body) {
        let (name, target) = (field.name, field.refers_to().unwrap_or_default());
        paragraphs.push(format!(
            "The id in the example of `{name}` does not exist: create one of `{target}` first."
        ));
    }
    if !kind.rule_codes.is_empty() && body.is_some_and(|body| body != Body::Ids) {
        let rules: Vec<_> =
            kind.rule_codes.iter().map(|(code, meaning)| format!("`{code}`: {meaning}")).collect();
        paragraphs.push(format!("Fault codes of rules: {}.", rules.join("; ")));
    }
    paragraphs.join("\n\n")
}

/// The permissions that a route needs, and the roles that have them.
fn who_may_call(route: &Route, needed: Permission, kind: &Kind) -> String {
    let mut sentences = vec![permission(kind, needed, "Permission: ")];
    if route.description.body == Some(Body::Batch) {
        sentences.push(permission(kind, Permission::Delete, "For operations that delete: "));
    }
    if route.description.query.contains(&QueryParameters::Purge) {
        sentences.push(permission(kind, Permission::Admin, "With `purge=true`: "));
    }
    let owners = kind.access.owners_only.iter().filter(|role| kind.access.permits(**role, needed));
    let owners: Vec<_> = owners.map(|role| role.as_str()).collect();
    if !owners.is_empty() {
        let (owners, many) = (owners.join(" or "), Names::of(kind).many);
        let verb = if needed == Permission::Read { "see" } else { "can change" };
        sentences.push(format!("Callers with the role {owners} {verb} only the {many} that they created."));
    }
    sentences.join(" ")
}

/// A permission, and the roles that have it for a kind.
fn permission(kind: &Kind, permission: Permission, before: &str) -> String {
    let roles: Vec<_> = Role::KNOWN
        .iter()
        .filter(|role| kind.access.permits(**role, permission))
        .map(|role| role.as_str())
        .collect();
    format!("{before}{} (roles: {}).", permission.as_str(), roles.join(", "))
}

fn request_body(kind: &'static Kind, body: Body) -> RequestBody {
    let name = Names::of(kind).schema();
    let (schema, media_types, example) = match body {
        Body::Resource => (format!("{name}Input"), resource_api::http::JSON, examples::input(kind)),
        Body::MergePatch => (format!("{name}Patch"), MERGE_PATCH, Some(examples::patch(kind))),
        Body::Ids => ("BatchGetInput".to_owned(), resource_api::http::JSON, None),
        Body::Batch => (format!("{name}Batch"), resource_api::http::JSON, None),
    };
    let mut request_body = RequestBodyBuilder::new().required(Some(Required::True));
    for media_type in media_types {
        let content = ContentBuilder::new().schema(Some(reference(&schema))).example(example.clone());
        request_body = request_body.content(*media_type, content.build());
    }
    request_body.build()
}
