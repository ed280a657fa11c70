//! What a handler answers.

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::aws_lambda_events::encodings::Body;
use lambda_http::http::header::{CONTENT_TYPE, ETAG, LINK, LOCATION};
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::value::to_raw_value;

use super::room::Room;
use super::{Request, etag};
use crate::Error;
use crate::domain::{Batch, Cursor, Page, Resource, ResourceId, Row};

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
    pub fn resource(status: StatusCode, resource: Resource) -> Result<Self, Error> {
        Self::row(status, &Row { view: resource.into(), related: None })
    }

    /// One resource, as far as it was asked for. It has an entity tag where nothing but its own fields is said.
    ///
    /// # Errors
    /// Only by a defect.
    pub fn row(status: StatusCode, row: &Row) -> Result<Self, Error> {
        let reply = Self::json(status, &Envelope::of(row))?;
        Ok(if row.related.is_none() { reply.with_header(ETAG, &etag(row.view.version())) } else { reply })
    }

    /// A new resource below the path of its collection.
    ///
    /// # Errors
    /// Only by a defect.
    pub fn created(collection: &str, resource: Resource) -> Result<Self, Error> {
        let location = format!("{}/{}", collection.trim_end_matches('/'), resource.id);
        Ok(Self::resource(StatusCode::CREATED, resource)?.with_header(LOCATION, &location))
    }

    /// One page of the list that was asked for, cut short where an answer can hold no more.
    ///
    /// # Errors
    /// Only by a defect.
    pub fn page(page: &Page, limit: usize, request: &Request) -> Result<Self, Error> {
        let mut room = Room::default();
        let mut rows = Vec::with_capacity(page.rows.len());
        for (_, row) in &page.rows {
            let row = to_raw_value(row).map_err(Error::defect)?;
            if !room.takes(row.get()) && !rows.is_empty() {
                break;
            }
            rows.push(row);
        }
        let next = page.cursor_after(rows.len());
        let next_cursor = next.as_ref().map(Cursor::as_str);
        let pagination = Some(Pagination { limit, next_cursor });
        let reply = Self::json(StatusCode::OK, &Envelope { pagination, ..Envelope::of(&rows) })?;
        Ok(match next_cursor {
            Some(cursor) => {
                reply.with_header(LINK, &format!("<{}>; rel=\"next\"", request.target_at(cursor)))
            }
            None => reply,
        })
    }

    /// Resources that were asked for by their ids.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when they are more than an answer can hold.
    pub fn batch(batch: &Batch) -> Result<Self, Error> {
        let reply = Self::json(
            StatusCode::OK,
            &Envelope { missing: Some(&batch.missing), ..Envelope::of(&batch.found) },
        )?;
        if reply.body.as_deref().is_some_and(|body| !Room::default().takes(body)) {
            let message =
                "These resources are more than an answer can hold: ask for less of them with fields";
            return Err(Error::TooLarge(message.to_owned()));
        }
        Ok(reply)
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
    missing: Option<&'a [ResourceId]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pagination: Option<Pagination<'a>>,
}

#[derive(Serialize)]
struct Pagination<'a> {
    limit: usize,
    next_cursor: Option<&'a str>,
}

impl<'a, T: ?Sized> Envelope<'a, T> {
    fn of(data: &'a T) -> Self {
        Self { success: true, data, missing: None, pagination: None }
    }
}
