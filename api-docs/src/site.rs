//! The files that the page is made of, and the document that it shows.

use resource_api::domain::Kinds;
use resource_api::http::{Asset, Route};

use crate::{document, page};

/// Where the document is.
pub const DOCUMENT: &str = "/openapi.json";
/// Where the page is.
pub const PAGE: &str = "/docs";

/// What the page may load and do: only what comes from its own origin, and images within its style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Every file, by path.
pub struct Site(Vec<(String, Asset)>);

impl Site {
    /// The page and its files for these routes and kinds.
    ///
    /// # Errors
    /// Only by a defect.
    pub fn of(routes: &[Route], kinds: Kinds) -> Result<Self, serde_json::Error> {
        let json = serde_json::to_string(&document(routes, kinds))?;
        let html = include_str!("../assets/docs.html").replace("<!-- reference -->", &page::sections());
        let script = "text/javascript; charset=utf-8";
        let style = "text/css; charset=utf-8";
        let files = [
            (DOCUMENT, Asset::text("application/json", &json)),
            (PAGE, Asset::text("text/html; charset=utf-8", &html).with_policy(POLICY)),
            ("/docs/docs.js", Asset::text(script, include_str!("../assets/docs.js"))),
            ("/docs/docs.css", Asset::text(style, include_str!("../assets/docs.css"))),
            ("/docs/swagger-ui-bundle.js", Asset::compressed(script, BUNDLE)),
            ("/docs/swagger-ui.css", Asset::compressed(style, STYLE)),
        ];
        Ok(Self(files.into_iter().map(|(path, asset)| (path.to_owned(), asset)).collect()))
    }

    /// The file at a path.
    pub fn find(&self, path: &str) -> Option<&Asset> {
        self.0.iter().find(|(at, _)| at == path).map(|(_, asset)| asset)
    }
}

/// Swagger UI, which the build takes out of its package and compresses.
const BUNDLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js.gz"));
const STYLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css.gz"));
