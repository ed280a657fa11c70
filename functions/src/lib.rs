//! The functions of Resource API: its routes, and the functions on the table's stream. Each has a handler in
//! the file of its name, and a Lambda binary in `bin/`.
//!
//! The tables below are the only list of them. `cargo xtask generate` derives the functions of
//! `template.yaml`, the binaries, the router of `cargo lambda watch` and the first version of each event from
//! them.

pub mod batch_get_resources;
pub mod batch_write_resources;
pub mod create_resource;
pub mod delete_resource;
pub mod docs;
pub mod get_resource;
pub mod health;
pub mod list_history;
pub mod list_related;
pub mod list_resources;
pub mod process_changes;
pub mod publish_events;
pub mod replace_resource;
pub mod restore_resource;
pub mod search_resources;
pub mod unmatched_request;
pub mod update_resource;

use mimalloc::MiMalloc;
use resource_api::aws::IamPermission;
use resource_api::domain::{Permission, RateLimitClass};
use resource_api::http::{DefaultRoute, Method, Route, RouteAccess, TokenCost};
use resource_api::start;
use resource_api::stream::Subscription;

pub use kinds::KINDS;

/// The allocator of all functions. A request takes less CPU time than with the system's allocator
/// (docs/performance.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const TABLE: &str = "ResourcesTable";
const SEARCH: &str = "SearchTable";
const HISTORY: &str = "HistoryTable";
/// Reads the record of an API key, which a request may have instead of a token.
const API_KEY: IamPermission = IamPermission { action: "GetItem", on: "ApiKeysTable" };
/// Takes tokens from the bucket of a request with a rate limit.
const BUCKET: IamPermission = IamPermission { action: "UpdateItem", on: "RateLimitsTable" };

const GET: IamPermission = IamPermission { action: "GetItem", on: TABLE };
const PUT: IamPermission = IamPermission { action: "PutItem", on: TABLE };
const UPDATE: IamPermission = IamPermission { action: "UpdateItem", on: TABLE };
const DELETE: IamPermission = IamPermission { action: "DeleteItem", on: TABLE };
const CHECK: IamPermission = IamPermission { action: "ConditionCheckItem", on: TABLE };
/// Store and read the responses of requests with an idempotency key.
const PUT_RESPONSE: IamPermission = IamPermission { action: "PutItem", on: "IdempotencyTable" };
const GET_RESPONSE: IamPermission = IamPermission { action: "GetItem", on: "IdempotencyTable" };
/// Claim and release the unique values of kinds that declare some.
const PUT_VALUE: IamPermission = IamPermission { action: "PutItem", on: "UniqueValuesTable" };
const DELETE_VALUE: IamPermission = IamPermission { action: "DeleteItem", on: "UniqueValuesTable" };
const BATCH_GET: IamPermission = IamPermission { action: "BatchGetItem", on: TABLE };

const READS: Option<RouteAccess> =
    Some(RouteAccess { permission: Permission::Read, class: RateLimitClass::Read, cost: TokenCost::One });
const WRITES: Option<RouteAccess> =
    Some(RouteAccess { permission: Permission::Write, class: RateLimitClass::Write, cost: TokenCost::One });
const DELETES: Option<RouteAccess> =
    Some(RouteAccess { permission: Permission::Delete, class: RateLimitClass::Write, cost: TokenCost::One });

/// Declares the constants of routes, and the table of all of them.
macro_rules! routes {
    ($($(#[$documentation:meta])* $route:ident = $definition:expr;)*) => {
        $($(#[$documentation])* pub const $route: Route = $definition;)*

        /// Every route, except [`UNMATCHED_REQUEST`].
        pub const ROUTES: &[Route] = &[$($route),*];
    };
}

routes! {
    /// `GET /api/{kind}`
    LIST_RESOURCES = Route {
        name: "list-resources",
        method: Method::GET,
        path: "/api/{kind}",
        access: READS,
        iam_permissions: &[API_KEY, BUCKET, IamPermission { action: "Query", on: "ResourcesTable/index/*" }, BATCH_GET],
        environment: |it| start::route_environment(list_resources::handle, it),
        description: &list_resources::DESCRIPTION,
    };

    /// `POST /api/{kind}`
    CREATE_RESOURCE = Route {
        name: "create-resource",
        method: Method::POST,
        path: "/api/{kind}",
        access: WRITES,
        iam_permissions: &[API_KEY, BUCKET, PUT, CHECK, PUT_VALUE, PUT_RESPONSE, GET_RESPONSE],
        environment: |it| start::route_environment(create_resource::handle, it),
        description: &create_resource::DESCRIPTION,
    };

    /// `GET /api/{kind}/{id}`
    GET_RESOURCE = Route {
        name: "get-resource",
        method: Method::GET,
        path: "/api/{kind}/{id}",
        access: READS,
        iam_permissions: &[API_KEY, BUCKET, GET, BATCH_GET],
        environment: |it| start::route_environment(get_resource::handle, it),
        description: &get_resource::DESCRIPTION,
    };

    /// `GET /api/{kind}/{id}/related`
    LIST_RELATED = Route {
        name: "list-related",
        method: Method::GET,
        path: "/api/{kind}/{id}/related",
        access: READS,
        iam_permissions: &[API_KEY, BUCKET, GET, BATCH_GET],
        environment: |it| start::route_environment(list_related::handle, it),
        description: &list_related::DESCRIPTION,
    };

    /// `GET /api/{kind}/{id}/history`
    LIST_HISTORY = Route {
        name: "list-history",
        method: Method::GET,
        path: "/api/{kind}/{id}/history",
        access: Some(RouteAccess { permission: Permission::Admin, class: RateLimitClass::Read, cost: TokenCost::One }),
        iam_permissions: &[API_KEY, BUCKET, GET, IamPermission { action: "Query", on: HISTORY }],
        environment: |it| start::route_environment(list_history::handle, it),
        description: &list_history::DESCRIPTION,
    };

    /// `GET /api/{kind}/search`
    SEARCH_RESOURCES = Route {
        name: "search-resources",
        method: Method::GET,
        path: "/api/{kind}/search",
        access: READS,
        iam_permissions: &[API_KEY, BUCKET, IamPermission { action: "Query", on: SEARCH }, BATCH_GET],
        environment: |it| start::route_environment(search_resources::handle, it),
        description: &search_resources::DESCRIPTION,
    };

    /// `POST /api/{kind}/batch-get`
    BATCH_GET_RESOURCES = Route {
        name: "batch-get-resources",
        method: Method::POST,
        path: "/api/{kind}/batch-get",
        access: Some(RouteAccess { permission: Permission::Read, class: RateLimitClass::Read, cost: TokenCost::Ids }),
        iam_permissions: &[API_KEY, BUCKET, BATCH_GET],
        environment: |it| start::route_environment(batch_get_resources::handle, it),
        description: &batch_get_resources::DESCRIPTION,
    };

    /// `PUT /api/{kind}/{id}`
    REPLACE_RESOURCE = Route {
        name: "replace-resource",
        method: Method::PUT,
        path: "/api/{kind}/{id}",
        access: WRITES,
        iam_permissions: &[API_KEY, BUCKET, GET, PUT, UPDATE, CHECK, PUT_VALUE, DELETE_VALUE, PUT_RESPONSE, GET_RESPONSE],
        environment: |it| start::route_environment(replace_resource::handle, it),
        description: &replace_resource::DESCRIPTION,
    };

    /// `PATCH /api/{kind}/{id}`
    UPDATE_RESOURCE = Route {
        name: "update-resource",
        method: Method::PATCH,
        path: "/api/{kind}/{id}",
        access: WRITES,
        iam_permissions: &[API_KEY, BUCKET, GET, PUT, CHECK, PUT_VALUE, DELETE_VALUE, PUT_RESPONSE, GET_RESPONSE],
        environment: |it| start::route_environment(update_resource::handle, it),
        description: &update_resource::DESCRIPTION,
    };

    /// `DELETE /api/{kind}/{id}`
    DELETE_RESOURCE = Route {
        name: "delete-resource",
        method: Method::DELETE,
        path: "/api/{kind}/{id}",
        access: DELETES,
        iam_permissions: &[API_KEY, BUCKET, GET, PUT, UPDATE, DELETE, DELETE_VALUE, PUT_RESPONSE, GET_RESPONSE],
        environment: |it| start::route_environment(delete_resource::handle, it),
        description: &delete_resource::DESCRIPTION,
    };

    /// `POST /api/{kind}/{id}/restore`
    RESTORE_RESOURCE = Route {
        name: "restore-resource",
        method: Method::POST,
        path: "/api/{kind}/{id}/restore",
        access: DELETES,
        iam_permissions: &[API_KEY, BUCKET, GET, PUT, PUT_VALUE, PUT_RESPONSE, GET_RESPONSE],
        environment: |it| start::route_environment(restore_resource::handle, it),
        description: &restore_resource::DESCRIPTION,
    };

    /// `POST /api/{kind}/batch`
    BATCH_WRITE_RESOURCES = Route {
        name: "batch-write-resources",
        method: Method::POST,
        path: "/api/{kind}/batch",
        access: Some(RouteAccess { permission: Permission::Write, class: RateLimitClass::Write, cost: TokenCost::Operations }),
        iam_permissions: &[API_KEY, BUCKET, BATCH_GET, PUT, CHECK, PUT_VALUE, DELETE_VALUE, PUT_RESPONSE, GET_RESPONSE],
        environment: |it| start::route_environment(batch_write_resources::handle, it),
        description: &batch_write_resources::DESCRIPTION,
    };

    /// `GET /docs`
    DOCS = Route {
        name: "docs",
        method: Method::GET,
        path: "/docs",
        access: None,
        iam_permissions: &[],
        environment: start::public_route_environment,
        description: &docs::PAGE,
    };

    /// `GET /docs/{file}`
    DOCS_FILE = Route { path: "/docs/{file}", description: &docs::FILE, ..DOCS };

    /// `GET /openapi.json`
    OPENAPI_DOCUMENT = Route { path: "/openapi.json", description: &docs::DOCUMENT, ..DOCS };

    /// `GET /health`
    HEALTH = Route {
        name: "health",
        method: Method::GET,
        path: "/health",
        access: None,
        iam_permissions: &[],
        environment: start::public_route_environment,
        description: &health::DESCRIPTION,
    };
}

/// Requests that match no route: API Gateway's route `$default`.
pub const UNMATCHED_REQUEST: DefaultRoute =
    DefaultRoute { name: "unmatched-request", environment: start::public_route_environment };

/// Updates search, history and the cache after changes of resources.
pub const PROCESS_CHANGES: Subscription = Subscription {
    name: "process-changes",
    condition: None,
    table: TABLE,
    environment: |it| start::subscription_environment(process_changes::handle, it),
    iam_permissions: &[
        BATCH_GET,
        IamPermission { action: "BatchWriteItem", on: SEARCH },
        IamPermission { action: "BatchWriteItem", on: HISTORY },
        IamPermission { action: "Query", on: HISTORY },
    ],
};

/// Publishes events about changes of resources, if there is an event bus. It is the second and last possible
/// reader of the stream: DynamoDB supports two for each shard.
pub const PUBLISH_EVENTS: Subscription = Subscription {
    name: "publish-events",
    condition: Some("HasEventBus"),
    table: TABLE,
    environment: |it| start::subscription_environment(publish_events::handle, it),
    iam_permissions: &[],
};

/// Every function on a table's stream.
pub const SUBSCRIPTIONS: &[Subscription] = &[PROCESS_CHANGES, PUBLISH_EVENTS];
