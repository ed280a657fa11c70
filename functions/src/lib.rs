//! The functions of Resource API: its routes, and what follows changes. Each has a handler in the file of its name, and a
//! Lambda binary in `bin/`.
//!
//! The tables below are the one list of them. `cargo xtask check` holds the template, the development router and
//! the events against it.

pub mod batch_get_resources;
pub mod batch_write_resources;
pub mod create_resource;
pub mod delete_resource;
pub mod get_resource;
pub mod health;
pub mod list_history;
pub mod list_related;
pub mod list_resources;
pub mod process_changes;
pub mod replace_resource;
pub mod restore_resource;
pub mod search_resources;
pub mod update_resource;

use resource_api::Grant;
use resource_api::domain::{Class, Permission};
use resource_api::http::{Access, Cost, Method, Route};
use resource_api::stream::Subscription;

const TABLE: &str = "ResourcesTable";
const SEARCH: &str = "SearchTable";
const HISTORY: &str = "HistoryTable";
/// The bucket of every request that is limited.
const BUCKET: Grant = Grant { action: "UpdateItem", on: "RateLimitsTable" };

const GET: Grant = Grant { action: "GetItem", on: TABLE };
const PUT: Grant = Grant { action: "PutItem", on: TABLE };
const UPDATE: Grant = Grant { action: "UpdateItem", on: TABLE };
const DELETE: Grant = Grant { action: "DeleteItem", on: TABLE };
const CHECK: Grant = Grant { action: "ConditionCheckItem", on: TABLE };
/// Requests with an idempotency key: the answer that is kept, and the one that was.
const KEEP_ANSWER: Grant = Grant { action: "PutItem", on: "IdempotencyTable" };
const GET_ANSWER: Grant = Grant { action: "GetItem", on: "IdempotencyTable" };
const BATCH_GET: Grant = Grant { action: "BatchGetItem", on: TABLE };

const READS: Option<Access> =
    Some(Access { permission: Permission::Read, class: Class::Read, cost: Cost::One });
const WRITES: Option<Access> =
    Some(Access { permission: Permission::Write, class: Class::Write, cost: Cost::One });
const DELETES: Option<Access> =
    Some(Access { permission: Permission::Delete, class: Class::Write, cost: Cost::One });

/// `GET /api/resources`
pub const LIST_RESOURCES: Route = Route {
    name: "list-resources",
    method: Method::GET,
    path: "/api/resources",
    access: READS,
    grants: &[BUCKET, Grant { action: "Query", on: "ResourcesTable/index/*" }, BATCH_GET],
};

/// `POST /api/resources`
pub const CREATE_RESOURCE: Route = Route {
    name: "create-resource",
    method: Method::POST,
    path: "/api/resources",
    access: WRITES,
    grants: &[BUCKET, PUT, KEEP_ANSWER, GET_ANSWER],
};

/// `GET /api/resources/{id}`
pub const GET_RESOURCE: Route = Route {
    name: "get-resource",
    method: Method::GET,
    path: "/api/resources/{id}",
    access: READS,
    grants: &[BUCKET, GET, BATCH_GET],
};

/// `GET /api/resources/{id}/related`
pub const LIST_RELATED: Route = Route {
    name: "list-related",
    method: Method::GET,
    path: "/api/resources/{id}/related",
    access: READS,
    grants: &[BUCKET, GET, BATCH_GET],
};

/// `GET /api/resources/{id}/history`
pub const LIST_HISTORY: Route = Route {
    name: "list-history",
    method: Method::GET,
    path: "/api/resources/{id}/history",
    access: Some(Access { permission: Permission::Admin, class: Class::Read, cost: Cost::One }),
    grants: &[BUCKET, GET, Grant { action: "Query", on: HISTORY }],
};

/// `GET /api/resources/search`
pub const SEARCH_RESOURCES: Route = Route {
    name: "search-resources",
    method: Method::GET,
    path: "/api/resources/search",
    access: READS,
    grants: &[BUCKET, Grant { action: "Query", on: SEARCH }, BATCH_GET],
};

/// `POST /api/resources/batch-get`
pub const BATCH_GET_RESOURCES: Route = Route {
    name: "batch-get-resources",
    method: Method::POST,
    path: "/api/resources/batch-get",
    access: READS,
    grants: &[BUCKET, BATCH_GET],
};

/// `PUT /api/resources/{id}`
pub const REPLACE_RESOURCE: Route = Route {
    name: "replace-resource",
    method: Method::PUT,
    path: "/api/resources/{id}",
    access: WRITES,
    grants: &[BUCKET, GET, PUT, UPDATE, CHECK, KEEP_ANSWER, GET_ANSWER],
};

/// `PATCH /api/resources/{id}`
pub const UPDATE_RESOURCE: Route = Route {
    name: "update-resource",
    method: Method::PATCH,
    path: "/api/resources/{id}",
    access: WRITES,
    grants: &[BUCKET, GET, PUT, CHECK, KEEP_ANSWER, GET_ANSWER],
};

/// `DELETE /api/resources/{id}`
pub const DELETE_RESOURCE: Route = Route {
    name: "delete-resource",
    method: Method::DELETE,
    path: "/api/resources/{id}",
    access: DELETES,
    grants: &[BUCKET, GET, PUT, UPDATE, DELETE, KEEP_ANSWER, GET_ANSWER],
};

/// `POST /api/resources/{id}/restore`
pub const RESTORE_RESOURCE: Route = Route {
    name: "restore-resource",
    method: Method::POST,
    path: "/api/resources/{id}/restore",
    access: DELETES,
    grants: &[BUCKET, GET, PUT, KEEP_ANSWER, GET_ANSWER],
};

/// `POST /api/resources/batch`
pub const BATCH_WRITE_RESOURCES: Route = Route {
    name: "batch-write-resources",
    method: Method::POST,
    path: "/api/resources/batch",
    access: Some(Access { permission: Permission::Write, class: Class::Write, cost: Cost::Operations }),
    grants: &[BUCKET, BATCH_GET, PUT, CHECK, KEEP_ANSWER, GET_ANSWER],
};

/// `GET /health`
pub const HEALTH: Route =
    Route { name: "health", method: Method::GET, path: "/health", access: None, grants: &[] };

/// Every route.
pub const ROUTES: &[Route] = &[
    LIST_RESOURCES,
    CREATE_RESOURCE,
    GET_RESOURCE,
    LIST_RELATED,
    LIST_HISTORY,
    SEARCH_RESOURCES,
    BATCH_GET_RESOURCES,
    REPLACE_RESOURCE,
    UPDATE_RESOURCE,
    DELETE_RESOURCE,
    RESTORE_RESOURCE,
    BATCH_WRITE_RESOURCES,
    HEALTH,
];

/// What follows the changes of resources.
pub const PROCESS_CHANGES: Subscription = Subscription {
    name: "process-changes",
    table: TABLE,
    grants: &[
        BATCH_GET,
        Grant { action: "BatchWriteItem", on: SEARCH },
        Grant { action: "BatchWriteItem", on: HISTORY },
        Grant { action: "Query", on: HISTORY },
    ],
};

/// Every function on a table's stream.
pub const SUBSCRIPTIONS: &[Subscription] = &[PROCESS_CHANGES];
