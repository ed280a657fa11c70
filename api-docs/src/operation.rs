//! A route as an operation of the document.

use std::collections::BTreeMap;

use resource_api::domain::{Kind, Kinds};
use resource_api::http::{MERGE_PATCH, RequestBody as Body, Route};
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::{RefOr, Required, Response, SecurityRequirement};

use crate::names::{Names, capitalized};
use crate::schemas::reference;
use crate::{examples, parameters, responses};

/// The name of the security scheme.
pub(crate) const BEARER: &str = "bearer";
/// The tag of routes that are about no kind.
pub(crate) const GENERAL: &str = "general";

/// The operation of a route, for a kind where its path names one. `shared` collects the responses that are components.
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

/// What a client should know, and who may call it.
fn text(route: &Route, kind: Option<&'static Kind>, text: &str) -> String {
    let Some((access, kind)) = route.access.zip(kind) else { return text.to_owned() };
    let permitted = |role: &&resource_api::domain::Role| kind.access.permits(**role, access.permission);
    let roles: Vec<_> =
        resource_api::domain::Role::KNOWN.iter().filter(permitted).map(|role| role.as_str()).collect();
    let mut text =
        format!("{text}\n\nPermission: {} (roles: {}).", access.permission.as_str(), roles.join(", "));
    let owners: Vec<_> = kind.access.owners_only.iter().map(|role| role.as_str()).collect();
    if !owners.is_empty() {
        text += " The role ";
        text += &owners.join(" or ");
        text += " sees and changes only what it created.";
    }
    text
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
