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
    /// The kind that the path names, and those that there are.
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

    /// The path and query of this request at another place of its list.
    pub(super) fn target_at(&self, cursor: &str) -> String {
        let kept = form_urlencoded::parse(self.query.as_bytes())
            .filter(|(name, _)| !matches!(&**name, "cursor" | "offset"));
        let mut query = form_urlencoded::Serializer::new(String::new());
        format!("{}?{}", self.path, query.extend_pairs(kept).append_pair("cursor", cursor).finish())
    }

    /// When the request came: the time of whatever it does.
    pub fn received_at(&self) -> Timestamp {
        self.received_at
    }

    /// Finds the kind that the path names, where its form has one.
    ///
    /// # Errors
    /// [`Error::NoSuchPath`] when there is no such kind.
    pub(super) fn find_kind(&mut self, kinds: Kinds) -> Result<(), Error> {
        if let Some(name) = self.path_parameters.get("kind") {
            self.kinds = Some((kinds.find(name).ok_or(Error::NoSuchPath)?, kinds));
        }
        Ok(())
    }

    /// The kind of the resources in the path.
    ///
    /// # Errors
    /// [`Error::NoSuchPath`] when the path names none.
    pub fn kind(&self) -> Result<&'static Kind, Error> {
        Ok(self.known_kinds()?.0)
    }

    fn known_kinds(&self) -> Result<(&'static Kind, Kinds), Error> {
        self.kinds.ok_or(Error::NoSuchPath)
    }

    /// The id in the path.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is no id: it leads nowhere, like any other id that was never given.
    pub fn id(&self) -> Result<ResourceId, Error> {
        self.path_parameters.get("id").and_then(|id| ResourceId::parse(id)).ok_or(Error::NotFound)
    }

    /// What the list parameters ask for.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] with every fault of the parameters.
    pub fn list_request(&self) -> Result<ListRequest, Error> {
        list_query::read(Query::parse(&self.query), self.kind()?)
    }

    /// What the search parameters ask for.
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

    /// Which page of a history is asked for.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] with every fault of the parameters.
    pub fn history_request(&self) -> Result<HistoryRequest, Error> {
        let mut query = Query::parse(&self.query);
        let limit = list_query::limit(&mut query);
        let cursor = query.single("cursor").map(Cursor::from_client);
        query.finish(HistoryRequest { limit, cursor })
    }

    /// What `fields` and `expand` ask for: all fields when none are named.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] with every fault of the parameters.
    pub fn selection(&self) -> Result<Selection, Error> {
        let mut query = Query::parse(&self.query);
        let kind = self.kind()?;
        let selection = selection::read(&mut query, kind, kind.all_fields());
        query.finish(selection)
    }

    /// What `fields` asks for: all of them when none are named.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] with every fault of the parameters.
    pub fn fields(&self) -> Result<Fields, Error> {
        let mut query = Query::parse(&self.query);
        let kind = self.kind()?;
        let fields = selection::fields(&mut query, kind, kind.all_fields());
        query.finish(fields)
    }

    /// What `fields` asks for of the resources of each kind that lists of references lead to: all of them when none are named.
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

    /// Nothing, on a route without query parameters.
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

    /// Whether `If-None-Match` says that the client has this entity tag already.
    ///
    /// # Errors
    /// [`Error::InvalidHeader`] when it cannot be read.
    pub fn if_none_match(&self, etag: &str) -> Result<bool, Error> {
        conditional::if_none_match(&self.headers, etag)
    }

    /// The idempotent request that this is, if it has an idempotency key.
    ///
    /// # Errors
    /// [`Error::InvalidHeader`] when the key cannot be read.
    pub(super) fn idempotent(&self, caller: &Caller) -> Result<Option<IdempotentRequest>, Error> {
        let Some(key) = idempotency_key::key(&self.headers)? else { return Ok(None) };
        // What a handler could not read it has refused by now.
        let body = match &self.body {
            Body::Bytes(bytes) => serde_json::from_slice(bytes).ok(),
            Body::NotBase64 => None,
        };
        // Ids are the same in either case.
        let target = format!("{}?{}", self.path.to_ascii_lowercase(), self.query);
        Ok(Some(IdempotentRequest::new(caller, &key, self.method.as_str(), &target, body)))
    }

    /// Whether `purge` asks for more than a deletion.
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

    /// How fresh what is read must be: `Cache-Control: no-cache` asks for what is stored (RFC 9111, section 5.2.1.4).
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
