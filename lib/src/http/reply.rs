//! What a handler answers.

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::aws_lambda_events::encodings::Body;
use lambda_http::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use super::etag;
use crate::Error;
use crate::domain::{Cursor, Page, Resource};

/// A status, header fields and a JSON body.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Option<String>,
}

impl Reply {
    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: None }
    }

    /// An answer with a JSON body.
    ///
    /// # Errors
    /// Only by a defect.
    pub fn json(status: StatusCode, body: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_string(body).map_err(Error::defect)?;
        let mut reply = Self::empty(status).with_header(CONTENT_TYPE, "application/json");
        reply.body = Some(body);
        Ok(reply)
    }

    /// One resource, with its entity tag.
    ///
    /// # Errors
    /// Only by a defect.
    pub fn resource(status: StatusCode, resource: &Resource) -> Result<Self, Error> {
        let reply = Self::json(status, &Envelope { success: true, data: resource, pagination: None })?;
        Ok(reply.with_header(ETAG, &etag(resource.version)))
    }

    /// A new resource below the path of its collection.
    ///
    /// # Errors
    /// Only by a defect.
    pub fn created(collection: &str, resource: &Resource) -> Result<Self, Error> {
        let location = format!("{}/{}", collection.trim_end_matches('/'), resource.id);
        Ok(Self::resource(StatusCode::CREATED, resource)?.with_header(LOCATION, &location))
    }

    /// One page of a list.
    ///
    /// # Errors
    /// Only by a defect.
    pub fn page(page: &Page, limit: usize) -> Result<Self, Error> {
        let next_cursor = page.next_cursor.as_ref().map(Cursor::as_str);
        let pagination = json!({ "limit": limit, "next_cursor": next_cursor });
        Self::json(
            StatusCode::OK,
            &Envelope { success: true, data: &page.items, pagination: Some(pagination) },
        )
    }

    /// That the client has this version already.
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

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// The form that API Gateway takes.
    pub(super) fn into_gateway_response(self) -> ApiGatewayV2httpResponse {
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(self.status.as_u16());
        response.headers = self.headers;
        response.body = self.body.map(Body::Text);
        response
    }
}

#[derive(Serialize)]
struct Envelope<'a, T: ?Sized> {
    success: bool,
    data: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    pagination: Option<Value>,
}
