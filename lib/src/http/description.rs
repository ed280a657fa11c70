//! What a route takes and gives, as the API's description tells it: constant data beside each handler. What is true of every
//! route (tokens, rate limits, request ids, failures of the store) is said once, where the description is made.

use super::problem::ProblemType;

/// What a route takes and gives.
///
/// Texts may contain `{one}`, `{a_one}` and `{many}`: words for the resources of the kind in the path.
#[derive(Debug, Clone, Copy)]
pub struct Description {
    /// The name of the operation in clients, with `{One}` and `{Many}`: `list{Many}` is `listOrders`.
    pub id: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What a client should know besides.
    pub text: &'static str,
    /// What its query parameters ask for.
    pub query: &'static [QueryParameters],
    /// The header fields that it reads, but for those that every route reads.
    pub headers: &'static [RequestHeader],
    /// Its body.
    pub body: Option<RequestBody>,
    /// What it answers with when it succeeds.
    pub success: &'static [Success],
    /// The problems that it may have, but for those that follow from what it reads.
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
    /// `fields` of the kinds that lists of references lead to.
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

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestBody {
    /// Every field that a client owns.
    Resource,
    /// A merge patch of them.
    MergePatch,
    /// Ids.
    Ids,
    /// Operations.
    Batch,
}

/// What a route answers with when it succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Success {
    /// 200, a resource as far as it was asked for, with an entity tag.
    Selected,
    /// 200, a resource with an entity tag.
    Changed,
    /// 201, a new resource with its entity tag and its path.
    Created,
    /// 204
    Deleted,
    /// 304
    NotModified,
    /// 200, a page of resources.
    Page,
    /// 200, a page of versions of a resource.
    History,
    /// 200, resources that a search found.
    Found,
    /// 200, resources by their ids.
    ByIds,
    /// 200, the resources that a resource is related to.
    Related,
    /// 200, what became of several resources.
    Batch,
    /// 200, that the API answers.
    Healthy,
    /// 200, a file of one of these media types.
    File(&'static [&'static str]),
}

impl Description {
    /// An operation of a name that does something.
    pub const fn new(id: &'static str, summary: &'static str) -> Self {
        Self { id, summary, text: "", query: &[], headers: &[], body: None, success: &[], problems: &[] }
    }

    /// With more to know.
    #[must_use]
    pub const fn text(mut self, text: &'static str) -> Self {
        self.text = text;
        self
    }

    /// With query parameters.
    #[must_use]
    pub const fn query(mut self, query: &'static [QueryParameters]) -> Self {
        self.query = query;
        self
    }

    /// With header fields.
    #[must_use]
    pub const fn headers(mut self, headers: &'static [RequestHeader]) -> Self {
        self.headers = headers;
        self
    }

    /// With a body.
    #[must_use]
    pub const fn body(mut self, body: RequestBody) -> Self {
        self.body = Some(body);
        self
    }

    /// With what it answers.
    #[must_use]
    pub const fn success(mut self, success: &'static [Success]) -> Self {
        self.success = success;
        self
    }

    /// With problems.
    #[must_use]
    pub const fn problems(mut self, problems: &'static [&'static ProblemType]) -> Self {
        self.problems = problems;
        self
    }
}
