//! The API as a client sees it, without the gateway: an event in, a response out.

mod call;
mod conformance;
pub(crate) mod following;
mod instances;
mod response;
mod tokens;

pub(crate) use call::Call;
pub(crate) use response::Response;
pub(crate) use tokens::{SECRET, token, token_for, token_of};

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use functions::UNMATCHED_REQUEST;
use lambda_runtime::Context;
use resource_api::aws::{self, IamPermission};
use resource_api::config::MetricsConfig;
use resource_api::domain::{Kinds, Role, Shards, Timestamp};
use resource_api::http::{Function, Guard, Route};
use resource_api::repository::ResourceRepository;
use resource_api::repository::sdk::Client;
use resource_api::service::{ChangeProcessor, HistoryService, ReadService, SearchService, WriteService};
use serde_json::{Value, json};
use testing::{EventSource, TestStore, with_permissions};

/// An id that no resource has.
pub(crate) const NOWHERE: &str = "019a1b2c-0000-7000-8000-000000000000";

/// The duration of tests that search for rare failures: `SOAK_SECONDS`, or 3 seconds.
#[expect(clippy::disallowed_methods, reason = "no function reads this variable, so it is no configuration")]
pub(crate) fn soak_time() -> Duration {
    let seconds = std::env::var("SOAK_SECONDS").ok().map(|seconds| seconds.parse().unwrap());
    Duration::from_secs(seconds.unwrap_or(3))
}

/// One instance of the API: all its functions, with their own guard and memory.
pub(crate) struct App {
    pub(crate) store: TestStore,
    variables: Vec<(String, String)>,
    kinds: Kinds,
    guard: Arc<Guard>,
    metrics: Option<MetricsConfig>,
    resources: Arc<ReadService>,
    changes: Arc<WriteService>,
    search: Arc<SearchService>,
    history: Arc<HistoryService>,
    processor: Arc<ChangeProcessor>,
    /// The position of `follow` in the stream.
    source: tokio::sync::Mutex<Option<EventSource>>,
    /// The time that Lambda gives each request; `None` for the default deadline.
    time: Option<Duration>,
}

/// A client of a store with the configuration of functions.
pub(crate) fn client(store: &TestStore) -> Client {
    aws::dynamodb_from(&store.config())
}

/// The resources in a store.
pub(crate) fn resources(store: &TestStore, shards: Shards) -> ResourceRepository {
    ResourceRepository::new(client(store), store.table("ResourcesTable"), shards)
}

impl App {
    /// The resources in its store, for operations that no client can request.
    pub(crate) fn repository(&self, shards: Shards) -> ResourceRepository {
        resources(&self.store, shards)
    }

    /// The service that the functions call, for tests that set the time of a change.
    pub(crate) fn changes(&self) -> &WriteService {
        &self.changes
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Call<'_> {
        self.call("POST", path).json(body)
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Call<'_> {
        self.call("PUT", path).json(body)
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Call<'_> {
        self.call("PATCH", path).json(body)
    }

    pub(crate) fn delete(&self, path: &str) -> Call<'_> {
        self.call("DELETE", path)
    }

    /// A request in the form of API Gateway (HTTP API, payload format 2.0).
    pub(crate) fn call(&self, method: &str, target: &str) -> Call<'_> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": { "host": "api.example.com" },
            "requestContext": {
                "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1" },
                "requestId": "gateway-request-id",
                "stage": "$default",
            },
            "isBase64Encoded": false,
        });
        Call { app: self, event }.role(Role::Moderator)
    }

    /// Creates a resource. Returns it as in the response.
    pub(crate) async fn created(&self, body: Value) -> Value {
        self.post("/api/resources", &body).await.data(201).clone()
    }

    /// Passes an event to the function of a route.
    pub(crate) async fn invoke(&self, route: &'static Route, event: &Value) -> Response {
        macro_rules! protected {
            ($service:ident, $handler:path) => {{
                let (guard, service) = (Arc::clone(&self.guard), Arc::clone(&self.$service));
                Function::protected(route.name, self.kinds, route.access.unwrap(), guard, service, $handler)
            }};
        }
        let function = match route.name {
            "list-resources" => protected!(resources, functions::list_resources::handle),
            "get-resource" => protected!(resources, functions::get_resource::handle),
            "list-related" => protected!(resources, functions::list_related::handle),
            "list-history" => protected!(history, functions::list_history::handle),
            "search-resources" => protected!(search, functions::search_resources::handle),
            "batch-get-resources" => protected!(resources, functions::batch_get_resources::handle),
            "create-resource" => protected!(changes, functions::create_resource::handle),
            "replace-resource" => protected!(changes, functions::replace_resource::handle),
            "update-resource" => protected!(changes, functions::update_resource::handle),
            "restore-resource" => protected!(changes, functions::restore_resource::handle),
            "batch-write-resources" => protected!(changes, functions::batch_write_resources::handle),
            "delete-resource" => protected!(changes, functions::delete_resource::handle),
            "docs" => Function::public(route.name, functions::docs::handle),
            "health" => Function::public(route.name, functions::health::handle),
            name => panic!("{name} has no handler here"),
        };
        let function = function.measured(self.metrics.clone());
        let response = self.respond(&function, route.iam_permissions, event).await;
        conformance::check(self.kinds, route, event, &response);
        response
    }

    /// Passes an event to the function of `$default`.
    pub(crate) async fn invoke_unmatched(&self, event: &Value) -> Response {
        let function = Function::public(UNMATCHED_REQUEST.name, functions::unmatched_request::handle);
        let response = self.respond(&function, &[], event).await;
        conformance::check_unmatched(self.kinds, &response);
        response
    }

    /// Lets a function respond to an event, with only its own IAM permissions.
    async fn respond(
        &self,
        function: &Function,
        permissions: &'static [IamPermission],
        event: &Value,
    ) -> Response {
        let mut context = Context::default();
        if let Some(time) = self.time {
            context.deadline =
                Timestamp::now().as_microseconds() / 1000 + u64::try_from(time.as_millis()).unwrap();
        }
        let event = event.to_string();
        let (response, used) = with_permissions(permissions, function.respond(&event, &context)).await;
        // Serialized as by the runtime, and parsed as by the gateway.
        let response = serde_json::to_value(&response).unwrap();
        let body = response["body"].as_str().unwrap_or_default();
        let (text, sent) = if response["isBase64Encoded"] == true {
            let bytes = STANDARD.decode(body).unwrap();
            (io::read_to_string(GzDecoder::new(&*bytes)).unwrap(), bytes.len())
        } else {
            (body.to_owned(), body.len())
        };
        let headers: HashMap<String, String> = serde_json::from_value(response["headers"].clone()).unwrap();
        let is_json = headers.get("content-type").is_some_and(|it| it.contains("json")) && !text.is_empty();
        Response {
            used,
            status: response["statusCode"].as_i64().unwrap(),
            headers,
            body: if is_json { serde_json::from_str(&text).unwrap() } else { Value::Null },
            text,
            sent,
        }
    }
}
