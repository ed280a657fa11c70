//! The responses of handlers.

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::aws_lambda_events::encodings::Body as GatewayBody;
use lambda_http::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, LINK, LOCATION, STRICT_TRANSPORT_SECURITY, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::response_budget::ResponseBudget;
use super::{Request, etag};
use crate::Error;
use crate::config::Stage;
use crate::domain::{BatchGetResult, Cursor, Page, Resource, ResourceId, Row, SearchResults, View};
use crate::idempotency::StoredResponse;

/// `Strict-Transport-Security`: browsers use only TLS for one year.
const ONE_YEAR: &str = "max-age=31536000";
const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

const ASK_FOR_LESS: &str =
    "The response would be too large: request fewer resources, or fewer fields with fields";

/// How long a public file may be used without validation.
const PUBLIC_FOR_ONE_MINUTE: &str = "public, max-age=60";

/// A status, header fields and a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    pub(super) body: Option<Body>,
    /// Whether it is the same for all clients.
    public: bool,
}

/// A body.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    /// Text in UTF-8.
    Text(String),
    /// Anything else.
    Bytes(Vec<u8>),
}

impl Response {
    /// A response without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: None, public: false }
    }

    pub(super) fn with_body(status: StatusCode, body: Body) -> Self {
        Self { body: Some(body), ..Self::empty(status) }
    }

    /// The same response, marked as the same for all clients.
    pub(super) fn public(self) -> Self {
        Self { public: true, ..self }
    }

    /// A response with a JSON body.
    ///
    /// # Errors
    /// Only by a defect.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_string(body).map_err(Error::defect)?;
        Ok(Self::with_body(status, Body::Text(body)).with_header(CONTENT_TYPE, "application/json"))
    }

    /// One resource, with its entity tag.
    ///
    /// # Errors
    /// Only by a defect.
    pub fn resource(status: StatusCode, resource: &Resource) -> Result<Self, Error> {
        Self::row(status, &Row { view: resource.clone().into(), expansions: Vec::new() })
    }

    /// The requested fields of a resource. There is an entity tag unless references are expanded.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when it and its expanded references exceed the limit of a response.
    pub fn row(status: StatusCode, row: &Row) -> Result<Self, Error> {
        let row_json = within_budget([row], ASK_FOR_LESS)?.pop();
        let response = Self::json(status, &Envelope::of(&row_json))?;
        Ok(if row.expansions.is_empty() {
            response.with_header(ETAG, &etag(row.view.version()))
        } else {
            response
        })
    }

    /// The result of a change: the resource, or a 204 if it was deleted.
    ///
    /// # Errors
    /// Only by a defect.
    pub fn changed(resource: Option<&Resource>) -> Result<Self, Error> {
        match resource {
            Some(resource) => Self::resource(StatusCode::OK, resource),
            None => Ok(Self::empty(StatusCode::NO_CONTENT)),
        }
    }

    /// A 201 with a new resource. `collection` is the path of its collection.
    ///
    /// # Errors
    /// Only by a defect.
    pub fn created(collection: &str, resource: Option<&Resource>) -> Result<Self, Error> {
        let resource = resource.ok_or_else(|| Error::defect("the created resource is missing"))?;
        let location = format!("{}/{}", collection.trim_end_matches('/'), resource.id);
        Ok(Self::resource(StatusCode::CREATED, resource)?.with_header(LOCATION, &location))
    }

    /// A page of a list, which ends early if it would exceed the limit of a response.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when its first row exceeds that limit.
    pub fn page<T: Serialize>(page: &Page<T>, limit: usize, request: &Request) -> Result<Self, Error> {
        let mut budget = ResponseBudget::default();
        let mut rows = Vec::with_capacity(page.rows.len());
        for (_, row) in &page.rows {
            let row = to_raw_value(row).map_err(Error::defect)?;
            if !budget.fits(row.get()) {
                if rows.is_empty() {
                    return Err(Error::TooLarge(ASK_FOR_LESS.to_owned()));
                }
                break;
            }
            rows.push(row);
        }
        let next = page.cursor_after(rows.len());
        let next_cursor = next.as_ref().map(Cursor::as_str);
        let pagination = Some(Pagination { limit, next_cursor, exhaustive: None });
        let response = Self::json(StatusCode::OK, &Envelope { pagination, ..Envelope::of(&rows) })?;
        Ok(match next_cursor {
            Some(cursor) => {
                response.with_header(LINK, &format!("<{}>; rel=\"next\"", request.target_at(cursor)))
            }
            None => response,
        })
    }

    /// The results of a search.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when they exceed the limit of a response.
    pub fn search_results(found: &SearchResults, limit: usize) -> Result<Self, Error> {
        let pagination = Pagination { limit, next_cursor: None, exhaustive: Some(found.exhaustive) };
        let resources = within_budget(&found.resources, ASK_FOR_LESS)?;
        Self::json(StatusCode::OK, &Envelope { pagination: Some(pagination), ..Envelope::of(&resources) })
    }

    /// Resources by their ids.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when they exceed the limit of a response.
    pub fn batch_get(batch: &BatchGetResult) -> Result<Self, Error> {
        let found = within_budget(&batch.found, ASK_FOR_LESS)?;
        Self::json(StatusCode::OK, &Envelope { missing: Some(&batch.missing), ..Envelope::of(&found) })
    }

    /// The results of a batch; `null` for deleted resources.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when they exceed the limit of a response.
    pub fn batch_write(resources: &[Option<&Resource>]) -> Result<Self, Error> {
        let views = resources.iter().map(|resource| resource.cloned().map(View::from));
        let too_large = "The response would be too large: send fewer operations in one batch";
        Self::json(StatusCode::OK, &Envelope::of(&within_budget(views, too_large)?))
    }

    /// A 304: the client has this version already.
    pub fn not_modified(etag: &str) -> Self {
        Self::empty(StatusCode::NOT_MODIFIED).with_header(ETAG, etag)
    }

    /// Sets a header field. A value that HTTP does not allow is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The response as it is stored for replays.
    pub(super) fn into_stored(self) -> StoredResponse {
        let field = |name| {
            self.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned)
        };
        StoredResponse {
            status: self.status.as_u16(),
            etag: field(ETAG),
            location: field(LOCATION),
            body: match self.body {
                Some(Body::Text(text)) => Some(text),
                Some(Body::Bytes(_)) | None => None,
            },
        }
    }

    /// The response that was stored.
    pub(super) fn from_stored(answer: StoredResponse) -> Self {
        let mut response = Self::empty(StatusCode::from_u16(answer.status).unwrap_or_default());
        let json = answer.body.as_ref().map(|_| "application/json".to_owned());
        for (name, value) in [(CONTENT_TYPE, json), (ETAG, answer.etag), (LOCATION, answer.location)] {
            if let Some(value) = value {
                response = response.with_header(name, &value);
            }
        }
        response.body = answer.body.map(Body::Text);
        response
    }

    /// Marks the response as a replay.
    pub(super) fn replayed(self) -> Self {
        self.with_header(IDEMPOTENT_REPLAYED, "true")
    }

    /// Adds the headers of caching (RFC 9111) and security. Public responses may be stored by any cache.
    /// Others with an entity tag, except a 4xx, may be stored by their client, and must be validated before
    /// each use. All others must not be stored.
    pub(super) fn with_security_headers(self, stage: Stage) -> Self {
        let tagged = self.headers.contains_key(ETAG) && !self.status.is_client_error();
        let (cache_control, vary) = match (self.public, tagged) {
            (true, _) if stage.is_local => ("public, no-cache", "Accept-Encoding"),
            (true, _) => (PUBLIC_FOR_ONE_MINUTE, "Accept-Encoding"),
            (false, true) => ("private, no-cache", "Authorization, Accept-Encoding"),
            (false, false) => ("no-store", "Authorization, Accept-Encoding"),
        };
        let response = self
            .with_header(CACHE_CONTROL, cache_control)
            .with_header(VARY, vary)
            .with_header(X_CONTENT_TYPE_OPTIONS, "nosniff");
        if stage.is_local { response } else { response.with_header(STRICT_TRANSPORT_SECURITY, ONE_YEAR) }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// The response in the format of API Gateway.
    pub(super) fn into_gateway_response(self) -> ApiGatewayV2httpResponse {
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(self.status.as_u16());
        response.headers = self.headers;
        response.is_base64_encoded = matches!(self.body, Some(Body::Bytes(_)));
        response.body = self.body.map(|body| match body {
            Body::Text(text) => GatewayBody::Text(text),
            Body::Bytes(bytes) => GatewayBody::Binary(bytes),
        });
        response
    }
}

/// Serializes each row. Stops at the first that exceeds the limit of a response.
///
/// # Errors
/// [`Error::TooLarge`] when they exceed it.
fn within_budget<T: Serialize>(
    rows: impl IntoIterator<Item = T>,
    too_large: &str,
) -> Result<Vec<Box<RawValue>>, Error> {
    let mut budget = ResponseBudget::default();
    let printed = |row| {
        let row = to_raw_value(&row).map_err(Error::defect)?;
        if budget.fits(row.get()) { Ok(row) } else { Err(Error::TooLarge(too_large.to_owned())) }
    };
    rows.into_iter().map(printed).collect()
}

#[derive(Serialize)]
struct Envelope<'a, T: ?Sized> {
    success: bool,
    data: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'a [ResourceId]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pagination: Option<Pagination<'a>>,
}

#[derive(Serialize)]
struct Pagination<'a> {
    limit: usize,
    next_cursor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exhaustive: Option<bool>,
}

impl<'a, T: ?Sized> Envelope<'a, T> {
    fn of(data: &'a T) -> Self {
        Self { success: true, data, missing: None, pagination: None }
    }
}
