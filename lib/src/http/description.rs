//! The descriptions of routes for the `OpenAPI` document: constant data beside each handler. What holds for
//! every route (tokens, rate limits, request ids, failures of DynamoDB) is added where the document is made.

use super::problem::ProblemType;

/// The description of a route.
///
/// Texts may contain `{one}`, `{a_one}` and `{many}`: words for the resources of the kind in the path.
#[derive(Debug, Clone, Copy)]
pub struct Description {
    /// The name of the operation in clients, with `{One}` and `{Many}`: `list{Many}` is `listOrders`.
    pub id: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What else a client should know.
    pub text: &'static str,
    /// Its query parameters.
    pub query: &'static [QueryParameters],
    /// The header fields that it reads, except those that every route reads.
    pub headers: &'static [RequestHeader],
    /// Its body.
    pub body: Option<RequestBody>,
    /// Its successful responses.
    pub success: &'static [Success],
    /// The problem types that it may return, except those that follow from its access, parameters, headers
    /// and body.
    pub problems: &'static [&'static ProblemType],
}

/// Query parameters that are read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryParameters {
    /// `status`, filters, `sort`, `limit`, `cursor`, `offset`.
    List,
    /// `q`, `status` and `limit`.
    Search,
    /// `limit` and `cursor`.
    History,
    /// `fields`.
    Fields,
    /// `fields`, of the kinds that the lists of references point to.
    RelatedFields,
    /// `expand`.
    Expand,
    /// `purge`.
    Purge,
}

/// A header field that a route reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestHeader {
    /// `If-Match`
    IfMatch,
    /// `If-None-Match`
    IfNoneMatch,
    /// `Idempotency-Key`
    IdempotencyKey,
    /// `Cache-Control: no-cache`
    CacheControl,
}

/// The form of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestBody {
    /// All fields that clients set.
    Resource,
    /// A merge patch of these fields.
    MergePatch,
    /// Ids.
    Ids,
    /// Operations.
    Batch,
}

/// A successful response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Success {
    /// 200, a resource or the requested fields of it, with an entity tag.
    Selected,
    /// 200, a resource with an entity tag.
    Changed,
    /// 201, a new resource with its entity tag and `Location`.
    Created,
    /// 204
    Deleted,
    /// 304
    NotModified,
    /// 200, a page of resources.
    Page,
    /// 200, a page of versions of a resource.
    History,
    /// 200, the results of a search.
    Found,
    /// 200, resources by their ids.
    ByIds,
    /// 200, the resources that a resource is related to.
    Related,
    /// 200, the results of a batch.
    Batch,
    /// 200, the response of the health check.
    Healthy,
    /// 200, a file of one of these media types.
    File(&'static [&'static str]),
}

impl Description {
    /// A description with the name of the operation and a summary.
    pub const fn new(id: &'static str, summary: &'static str) -> Self {
        Self { id, summary, text: "", query: &[], headers: &[], body: None, success: &[], problems: &[] }
    }

    /// Adds a text.
    #[must_use]
    pub const fn text(mut self, text: &'static str) -> Self {
        self.text = text;
        self
    }

    /// Adds query parameters.
    #[must_use]
    pub const fn query(mut self, query: &'static [QueryParameters]) -> Self {
        self.query = query;
        self
    }

    /// Adds header fields.
    #[must_use]
    pub const fn headers(mut self, headers: &'static [RequestHeader]) -> Self {
        self.headers = headers;
        self
    }

    /// Adds a body.
    #[must_use]
    pub const fn body(mut self, body: RequestBody) -> Self {
        self.body = Some(body);
        self
    }

    /// Adds successful responses.
    #[must_use]
    pub const fn success(mut self, success: &'static [Success]) -> Self {
        self.success = success;
        self
    }

    /// Adds problem types.
    #[must_use]
    pub const fn problems(mut self, problems: &'static [&'static ProblemType]) -> Self {
        self.problems = problems;
        self
    }
}
