//! `$default`: responds with 404 or 405 to a request that matches no route.

use resource_api::Error;
use resource_api::http::{Method, Request, Response, StatusCode, header, path_matches};

use crate::{KINDS, ROUTES};

/// Handles a request.
///
/// # Errors
/// [`Error::MethodNotAllowed`] if the path has other methods, else [`Error::NoSuchPath`].
#[expect(clippy::unused_async, reason = "handlers are async")]
pub async fn handle(request: Request) -> Result<Response, Error> {
    // API Gateway adds its CORS header fields to the response.
    if request.method() == Method::OPTIONS && request.header(&header::ORIGIN).is_some() {
        return Ok(Response::empty(StatusCode::NO_CONTENT));
    }
    let mut allowed: Vec<&str> = ROUTES
        .iter()
        .filter(|route| path_matches(route.path, request.path()) && is_declared(route.path, request.path()))
        .map(|route| route.method.as_str())
        .collect();
    allowed.sort_unstable();
    allowed.dedup();
    if allowed.is_empty() { Err(Error::NoSuchPath) } else { Err(Error::MethodNotAllowed(allowed.join(", "))) }
}

/// Whether the kind in a path of this form is declared.
fn is_declared(form: &str, path: &str) -> bool {
    let named = form.split('/').zip(path.split('/')).find(|(form, _)| *form == "{kind}");
    named.is_none_or(|(_, kind)| KINDS.find(kind).is_some())
}
