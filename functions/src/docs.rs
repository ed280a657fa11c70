//! `GET /docs`, its files, and `GET /openapi.json`: the `OpenAPI` document, and the page that shows it.

use std::sync::LazyLock;

use api_docs::Site;
use resource_api::Error;
use resource_api::http::problem::NOT_FOUND;
use resource_api::http::{Description, Request, RequestHeader, Response, Success};

use crate::{KINDS, ROUTES};

/// The description of the page in the `OpenAPI` document.
pub const PAGE: Description = Description::new("getDocs", "The page that shows this description")
    .text("A page to read this description and to try the API out.")
    .headers(&[RequestHeader::IfNoneMatch])
    .success(&[Success::File(&["text/html"]), Success::NotModified]);

/// The description of its files in the `OpenAPI` document.
pub const FILE: Description = Description::new("getDocsFile", "A file of the page")
    .text("A script or a style sheet of the page `/docs`.")
    .headers(&[RequestHeader::IfNoneMatch])
    .success(&[Success::File(&["text/javascript", "text/css"]), Success::NotModified])
    .problems(&[NOT_FOUND]);

/// The description of the document itself.
pub const DOCUMENT: Description = Description::new("getOpenApiDocument", "This description")
    .text("The OpenAPI document of this deployment, for generators of clients.")
    .headers(&[RequestHeader::IfNoneMatch])
    .success(&[Success::File(&["application/json"]), Success::NotModified]);

/// Created once, with the first request.
static SITE: LazyLock<Result<Site, String>> =
    LazyLock::new(|| Site::of(ROUTES, KINDS).map_err(|error| error.to_string()));

/// Handles a request.
///
/// # Errors
/// [`Error::NoSuchPath`] for a file that the page does not have, and for an invalid header field.
#[expect(clippy::unused_async, reason = "handlers are async")]
pub async fn handle(request: Request) -> Result<Response, Error> {
    let site = SITE.as_ref().map_err(|error| Error::defect(error.as_str()))?;
    Response::asset(site.find(request.path()).ok_or(Error::NoSuchPath)?, &request)
}
