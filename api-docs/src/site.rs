//! The files of the page, and the document that it shows.

use resource_api::domain::Kinds;
use resource_api::http::{Asset, Route};

use crate::{document, page};

/// The path of the document.
pub const DOCUMENT: &str = "/openapi.json";
/// The path of the page.
pub const PAGE: &str = "/docs";
/// The paths of the files that the page loads.
pub(crate) const FILES: [&str; 4] =
    ["/docs/docs.js", "/docs/docs.css", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"];

/// The Content Security Policy of the page. It loads only from its own origin, and images within its style
/// sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Swagger UI, which the build extracts from its package and compresses.
const SWAGGER_UI_SCRIPT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js.gz"));
const SWAGGER_UI_STYLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css.gz"));

/// Every file, by path.
pub struct Site(Vec<(&'static str, Asset)>);

impl Site {
    /// The page and its files for these routes and kinds.
    ///
    /// # Errors
    /// Only by a defect.
    pub fn of(routes: &[Route], kinds: Kinds) -> Result<Self, serde_json::Error> {
        let files = FILES.into_iter().zip([
            Asset::text(SCRIPT, include_str!("../assets/docs.js")),
            Asset::text(STYLE, include_str!("../assets/docs.css")),
            Asset::compressed(SCRIPT, SWAGGER_UI_SCRIPT),
            Asset::compressed(STYLE, SWAGGER_UI_STYLE),
        ]);
        let mut all: Vec<_> = files.collect();
        let mut html =
            include_str!("../assets/docs.html").replace("<!-- reference -->", &page::sections(kinds));
        // The hash in a URL keeps the page from loading cached files of another deployment.
        for (path, asset) in &all {
            html = html.replace(&format!("\"{path}\""), &format!("\"{path}?v={}\"", asset.hash()));
        }
        let json = serde_json::to_string(&document(routes, kinds))?;
        all.push((PAGE, Asset::text("text/html; charset=utf-8", &html).with_policy(POLICY)));
        all.push((DOCUMENT, Asset::text("application/json", &json)));
        Ok(Self(all))
    }

    /// The file at a path.
    pub fn find(&self, path: &str) -> Option<&Asset> {
        self.0.iter().find(|(at, _)| *at == path).map(|(_, asset)| asset)
    }
}
