//! The `OpenAPI` document as a whole.

use std::collections::BTreeMap;

use resource_api::domain::{Fields, Kind, Kinds};
use resource_api::http::{Method, QueryParameters, Route};
use utoipa::openapi::path::{HttpMethod, PathItem, PathsBuilder};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Contact, Info, License, OpenApi, OpenApiBuilder, Paths, Response, Server, Tag,
};

use crate::names::Names;
use crate::operation::{self, BEARER, GENERAL};
use crate::{headers, page, parameters, schemas};

/// The description of these routes, for resources of these kinds.
pub fn document(routes: &[Route], kinds: Kinds) -> OpenApi {
    let mut shared = BTreeMap::new();
    let paths = paths(routes, kinds, &mut shared);
    let mut components = ComponentsBuilder::new().security_scheme(BEARER, bearer());
    components = headers::add(parameters::add(schemas::add(components, kinds)));
    for (name, response) in shared {
        components = components.response(name, response);
    }
    let mut server = Server::new("/");
    server.description = Some("This deployment, be it production, staging or local".to_owned());
    OpenApiBuilder::new()
        .info(info())
        .servers(Some([server]))
        .paths(paths)
        .components(Some(components.build()))
        .tags(Some(tags(kinds)))
        .build()
}

fn info() -> Info {
    let mut info = Info::new("Resource API", env!("CARGO_PKG_VERSION"));
    info.description = Some(page::introduction());
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    let mut contact = Contact::new();
    contact.name = Some("Whoever runs this deployment".to_owned());
    info.contact = Some(contact);
    info
}

fn bearer() -> SecurityScheme {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("A JWT with the claims `sub`, `exp` and `role`, and `tenant` where the deployment requires it (RFC6750, RFC8725)."));
    SecurityScheme::Http(scheme.build())
}

fn tags(kinds: Kinds) -> Vec<Tag> {
    let tag = |name: &str, text: String| {
        let mut tag = Tag::new(name);
        tag.description = Some(text);
        tag
    };
    let of_kind =
        |kind: &Kind| tag(kind.name, Names::of(kind).fill("Everything that can be done with {many}."));
    let general = tag(GENERAL, "The API itself.".to_owned());
    kinds.iter().map(of_kind).chain([general]).collect()
}

/// Every route, for each kind where its path names one.
fn paths(routes: &[Route], kinds: Kinds, shared: &mut BTreeMap<String, Response>) -> Paths {
    let mut paths = PathsBuilder::new();
    for kind in kinds.iter() {
        let of_kinds = routes.iter().filter(|route| route.path.contains("{kind}") && serves(route, kind));
        for route in of_kinds {
            let path = route.path.replace("{kind}", kind.name);
            paths = paths.path(path, item(route, Some(kind), kinds, shared));
        }
    }
    for route in routes.iter().filter(|route| !route.path.contains("{kind}")) {
        paths = paths.path(route.path, item(route, None, kinds, shared));
    }
    paths.build()
}

/// Whether a route is there for a kind: not every kind is searched, or has lists of references.
pub(crate) fn serves(route: &Route, kind: &Kind) -> bool {
    route.description.query.iter().all(|asked| match asked {
        QueryParameters::Search => kind.searched() != Fields::NONE,
        QueryParameters::RelatedFields => kind.reference_lists().next().is_some(),
        _ => true,
    })
}

fn item(
    route: &Route,
    kind: Option<&'static Kind>,
    kinds: Kinds,
    shared: &mut BTreeMap<String, Response>,
) -> PathItem {
    let method = match route.method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    };
    PathItem::new(method, operation::of(route, kind, kinds, shared))
}
