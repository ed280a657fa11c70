//! A request as handlers see it.

use std::collections::HashMap;

use lambda_http::http::header::CACHE_CONTROL;
use lambda_http::http::{HeaderMap, HeaderName, Method};

use super::body::Body;
use super::query::Query;
use super::{conditional, idempotency_key, list_query, search_query, selection};
use crate::Error;
use crate::cache::Freshness;
use crate::domain::{
    Caller, Cursor, ExpectedVersion, Field, Fields, HistoryRequest, Kind, Kinds, ListRequest, ResourceId,
    SearchRequest, Selection, Timestamp,
};
use crate::idempotency::IdempotentRequest;

/// A request.
#[derive(Debug)]
pub struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) path_parameters: HashMap<String, String>,
    pub(super) body: Body,
    pub(super) received_at: Timestamp,
    /// The kind in the path, and all kinds.
    pub(super) kinds: Option<(&'static Kind, Kinds)>,
}

impl Request {
    /// The path as the client sent it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The value of a header field; `None` where it is missing or is not visible ASCII.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The path and query of this request with another cursor.
    pub(super) fn target_at(&self, cursor: &str) -> String {
        let kept = form_urlencoded::parse(self.query.as_bytes())
            .filter(|(name, _)| !matches!(&**name, "cursor" | "offset"));
        let mut query = form_urlencoded::Serializer::new(String::new());
        format!("{}?{}", self.path, query.extend_pairs(kept).append_pair("cursor", cursor).finish())
    }

    /// When the request was received: the time of its changes and of all checks.
    pub fn received_at(&self) -> Timestamp {
        self.received_at
    }

    /// Finds the kind in the path, if the route has one there.
    ///
    /// # Errors
    /// [`Error::NoSuchPath`] when the kind is not declared.
    pub(super) fn find_kind(&mut self, kinds: Kinds) -> Result<(), Error> {
        if let Some(name) = self.path_parameters.get("kind") {
            self.kinds = Some((kinds.find(name).ok_or(Error::NoSuchPath)?, kinds));
        }
        Ok(())
    }

    /// The kind of the resources in the path.
    ///
    /// # Errors
    /// [`Error::NoSuchPath`] when there is none.
    pub fn kind(&self) -> Result<&'static Kind, Error> {
        Ok(self.known_kinds()?.0)
    }

    fn known_kinds(&self) -> Result<(&'static Kind, Kinds), Error> {
        self.kinds.ok_or(Error::NoSuchPath)
    }

    /// The id in the path.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not a valid id, as for an id that no resource has.
    pub fn id(&self) -> Result<ResourceId, Error> {
        self.path_parameters.get("id").and_then(|id| ResourceId::parse(id)).ok_or(Error::NotFound)
    }

    /// Parses the parameters of a list.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] with every fault of the parameters.
    pub fn list_request(&self) -> Result<ListRequest, Error> {
        list_query::read(Query::parse(&self.query), self.kind()?)
    }

    /// Parses the parameters of a search.
    ///
    /// # Errors
    /// [`Error::NoSuchPath`] for a kind that is not searched, [`Error::InvalidQuery`] with every fault of the parameters.
    pub fn search_request(&self) -> Result<SearchRequest, Error> {
        let kind = self.kind()?;
        if kind.searched() == Fields::NONE {
            return Err(Error::NoSuchPath);
        }
        search_query::read(Query::parse(&self.query), kind)
    }

    /// Parses the parameters of a history.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] with every fault of the parameters.
    pub fn history_request(&self) -> Result<HistoryRequest, Error> {
        let mut query = Query::parse(&self.query);
        let limit = list_query::limit(&mut query);
        let cursor = query.single("cursor").map(Cursor::from_client);
        query.finish(HistoryRequest { limit, cursor })
    }

    /// Parses `fields` and `expand`. Without `fields`, all fields are returned.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] with every fault of the parameters.
    pub fn selection(&self) -> Result<Selection, Error> {
        let mut query = Query::parse(&self.query);
        let kind = self.kind()?;
        let selection = selection::read(&mut query, kind, kind.all_fields());
        query.finish(selection)
    }

    /// Parses `fields`. Without it, all fields are returned.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] with every fault of the parameters.
    pub fn fields(&self) -> Result<Fields, Error> {
        let mut query = Query::parse(&self.query);
        let kind = self.kind()?;
        let fields = selection::fields(&mut query, kind, kind.all_fields());
        query.finish(fields)
    }

    /// Parses `fields` for the kinds that lists of references point to. Returns the fields of each kind: all
    /// without `fields`.
    ///
    /// # Errors
    /// [`Error::NoSuchPath`] for a kind without such lists, [`Error::InvalidQuery`] with every fault of the parameters.
    pub fn related_fields(&self) -> Result<impl Fn(&'static Kind) -> Fields, Error> {
        let (kind, kinds) = self.known_kinds()?;
        let names =
            kind.reference_lists().filter_map(|list| kind.declaration(list)).filter_map(Field::refers_to);
        let related: Vec<_> = names.filter_map(|name| kinds.find(name)).collect();
        if related.is_empty() {
            return Err(Error::NoSuchPath);
        }
        let mut query = Query::parse(&self.query);
        let names = selection::names(&mut query, &related);
        let names = query.finish(names)?;
        Ok(move |kind: &'static Kind| match &names {
            Some(names) => selection::fields_of(kind, names),
            None => kind.all_fields(),
        })
    }

    /// Requires that there are no query parameters.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] naming each parameter that was sent.
    pub fn no_parameters(&self) -> Result<(), Error> {
        Query::parse(&self.query).finish(())
    }

    /// The versions at which `If-Match` allows a change.
    ///
    /// # Errors
    /// [`Error::InvalidHeader`] when it cannot be read.
    pub fn if_match(&self) -> Result<ExpectedVersion, Error> {
        conditional::if_match(&self.headers)
    }

    /// Whether `If-None-Match` has this entity tag.
    ///
    /// # Errors
    /// [`Error::InvalidHeader`] when it cannot be read.
    pub fn if_none_match(&self, etag: &str) -> Result<bool, Error> {
        conditional::if_none_match(&self.headers, etag)
    }

    /// This request as an idempotent one, if it has an idempotency key.
    ///
    /// # Errors
    /// [`Error::InvalidHeader`] when the key cannot be read.
    pub(super) fn idempotent(&self, caller: &Caller) -> Result<Option<IdempotentRequest>, Error> {
        let Some(key) = idempotency_key::key(&self.headers)? else { return Ok(None) };
        // A handler that reads the body has already refused one that is not JSON.
        let body = match &self.body {
            Body::Bytes(bytes) => serde_json::from_slice(bytes).ok(),
            Body::NotBase64 => None,
        };
        // Ids are case-insensitive.
        let target = format!("{}?{}", self.path.to_ascii_lowercase(), self.query);
        Ok(Some(IdempotentRequest::new(caller, &key, self.method.as_str(), &target, body)))
    }

    /// Parses `purge`: whether to delete permanently.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] with every fault of the parameters.
    pub fn purge(&self) -> Result<bool, Error> {
        let mut query = Query::parse(&self.query);
        let purge = match query.single("purge").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                query.fault("purge", "invalid_value", "Expected true or false");
                false
            }
        };
        query.finish(purge)
    }

    /// Whether reads may use the cache: not with `Cache-Control: no-cache` (RFC 9111, section 5.2.1.4).
    pub fn freshness(&self) -> Freshness {
        let directives =
            self.headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut directives = directives.split(',').map(str::trim);
        if directives.any(|directive| directive.eq_ignore_ascii_case("no-cache")) {
            Freshness::Stored
        } else {
            Freshness::Cached
        }
    }
}
