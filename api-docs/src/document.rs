//! The `OpenAPI` document as a whole.

use std::collections::{BTreeMap, BTreeSet};

use resource_api::domain::{Fields, Kind, Kinds};
use resource_api::http::{Method, QueryParameters, Route};
use utoipa::openapi::path::{HttpMethod, PathItem, PathsBuilder};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Info, License, OpenApi, OpenApiBuilder, Paths, Response, Server, Tag,
};

use crate::names::Names;
use crate::operation::{self, BEARER, GENERAL};
use crate::{headers, page, parameters, schemas};

/// The document for these routes and kinds.
pub fn document(routes: &[Route], kinds: Kinds) -> OpenApi {
    let mut shared = BTreeMap::new();
    let paths = paths(routes, kinds, &mut shared);
    let mut components = ComponentsBuilder::new().security_scheme(BEARER, bearer());
    components = headers::add(parameters::add(schemas::add(components, kinds)));
    for (name, response) in shared {
        components = components.response(name, response);
    }
    let mut server = Server::new("/");
    server.description = Some("This deployment: production, staging or local".to_owned());
    OpenApiBuilder::new()
        .info(info())
        .servers(Some([server]))
        .paths(paths)
        .components(Some(components.build()))
        .tags(Some(tags(kinds)))
        .build()
}

/// The names of schemas and operations that would not be unique.
pub fn collisions(routes: &[Route], kinds: Kinds) -> Vec<String> {
    let schemas = schemas::all(kinds).into_iter().map(|(name, _)| format!("the schema {name}"));
    let of_kinds = kinds.iter().flat_map(|kind| {
        let served = routes.iter().filter(move |route| route.path.contains("{kind}") && serves(route, kind));
        served.map(move |route| Names::of(kind).fill(route.description.id))
    });
    let others = routes.iter().filter(|route| !route.path.contains("{kind}"));
    let operations = of_kinds.chain(others.map(|route| route.description.id.to_owned()));
    let mut seen = BTreeSet::new();
    let named_twice = schemas
        .chain(operations.map(|id| format!("the operation {id}")))
        .filter(|name| !seen.insert(name.clone()));
    named_twice
        .map(|name| format!("kinds/src: {name} of the API's description has two meanings: rename a kind"))
        .collect()
}

fn info() -> Info {
    let mut info = Info::new("Resource API", env!("CARGO_PKG_VERSION"));
    info.description = Some(page::introduction());
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    info
}

fn bearer() -> SecurityScheme {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("A JWT that names the caller, the role and the tenant in the claims that the deployment is configured for (RFC 6750, RFC8725), or an API key, which begins with `rk_`. On the page, paste the token or the key alone, without `Bearer`."));
    SecurityScheme::Http(scheme.build())
}

fn tags(kinds: Kinds) -> Vec<Tag> {
    let tag = |name: &str, text: String| {
        let mut tag = Tag::new(name);
        tag.description = Some(text);
        tag
    };
    let of_kind = |kind: &Kind| tag(kind.name, Names::of(kind).fill("Operations on {many}."));
    let general = tag(GENERAL, "The API itself.".to_owned());
    kinds.iter().map(of_kind).chain([general]).collect()
}

/// The paths of all routes: those with `{kind}` for each kind that they serve.
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

/// Whether a kind has a route: not every kind is searched, or has lists of references.
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
