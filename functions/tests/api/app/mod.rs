//! The API as a client meets it, without the gateway: an event in, a response out.

mod call;
pub(crate) mod following;
mod response;
mod tokens;

pub(crate) use call::Call;
pub(crate) use response::Response;
pub(crate) use tokens::{SECRET, token, token_for, token_of};

use std::sync::Arc;
use std::time::Duration;

use functions::{KINDS, UNMATCHED_REQUEST};
use lambda_runtime::Context;
use resource_api::auth::Verifier;
use resource_api::aws::{self, IamPermission};
use resource_api::config::{
    AccessConfig, Environment, HistoryConfig, ProcessorConfig, RateLimitsConfig, SearchConfig, WritesConfig,
};
use resource_api::domain::{Kinds, Role, Shards, Timestamp};
use resource_api::http::{Function, Guard, Route};
use resource_api::rate_limit::Limiter;
use resource_api::repository::sdk::Client;
use resource_api::repository::{BucketRepository, ResourceRepository};
use resource_api::service::{ChangeProcessor, HistoryService, ReadService, SearchService, WriteService};
use resource_api::start::State as _;
use serde_json::{Value, json};
use testing::{EventSource, Faults, TestStore, dynamodb_proxy, with_permissions};

/// An id that no resource has.
pub(crate) const NOWHERE: &str = "019a1b2c-0000-7000-8000-000000000000";

/// How long tests that look for what happens rarely take: `SOAK_SECONDS`, or a few.
#[expect(clippy::disallowed_methods, reason = "no function reads this variable, so it is no configuration")]
pub(crate) fn soak_time() -> Duration {
    let seconds = std::env::var("SOAK_SECONDS").ok().map(|seconds| seconds.parse().unwrap());
    Duration::from_secs(seconds.unwrap_or(3))
}

/// One instance of the API: all its functions, with a guard and a memory of their own.
pub(crate) struct App {
    pub(crate) store: TestStore,
    variables: Vec<(String, String)>,
    kinds: Kinds,
    guard: Arc<Guard>,
    resources: Arc<ReadService>,
    changes: Arc<WriteService>,
    search: Arc<SearchService>,
    history: Arc<HistoryService>,
    processor: Arc<ChangeProcessor>,
    /// How far `follow` has come.
    source: tokio::sync::Mutex<Option<EventSource>>,
    /// What Lambda gives each request; `None` where nobody says.
    time: Option<Duration>,
}

/// A client of a store's as functions have it.
pub(crate) fn client(store: &TestStore) -> Client {
    aws::dynamodb_from(&store.config())
}

/// The resources of a store.
pub(crate) fn resources(store: &TestStore, shards: Shards) -> ResourceRepository {
    ResourceRepository::new(client(store), store.table("ResourcesTable"), shards)
}

impl App {
    /// An API without rate limits.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same, whose changes can be followed.
    pub(crate) async fn followed() -> Self {
        Self::followed_of(KINDS).await
    }

    /// The same, of other kinds.
    pub(crate) async fn followed_of(kinds: Kinds) -> Self {
        Self::over(TestStore::with_stream().await.unwrap(), &[], kinds).await
    }

    /// An API of other kinds.
    pub(crate) async fn of(kinds: Kinds) -> Self {
        Self::over(TestStore::start().await.unwrap(), &[], kinds).await
    }

    /// An API with some variables set.
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Self {
        Self::over(TestStore::start().await.unwrap(), variables, KINDS).await
    }

    async fn over(store: TestStore, variables: &[(&str, &str)], kinds: Kinds) -> Self {
        let mut all: Vec<(String, String)> = [("RATE_LIMIT_READ", "off"), ("RATE_LIMIT_WRITE", "off")]
            .iter()
            .filter(|(name, _)| !variables.iter().any(|(given, _)| given == name))
            .chain(variables)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        if !variables.iter().any(|(name, _)| name.starts_with("JWT_SECRET") || *name == "JWT_JWKS_URL") {
            all.push(("JWT_SECRET".to_owned(), SECRET.to_owned()));
        }
        for (variable, table) in [
            ("RESOURCES_TABLE", "ResourcesTable"),
            ("RATE_LIMITS_TABLE", "RateLimitsTable"),
            ("UNIQUE_VALUES_TABLE", "UniqueValuesTable"),
            ("IDEMPOTENCY_TABLE", "IdempotencyTable"),
            ("SEARCH_TABLE", "SearchTable"),
            ("HISTORY_TABLE", "HistoryTable"),
        ] {
            all.push((variable.to_owned(), store.table(table)));
        }
        Self::instance_of(store, all, kinds).await
    }

    /// Another instance over the same store, which remembers nothing of this one.
    pub(crate) async fn instance(&self) -> Self {
        Self::instance_of(self.store.clone(), self.variables.clone(), self.kinds).await
    }

    /// Another instance over the same store, of other kinds.
    pub(crate) async fn declared_as(&self, kinds: Kinds) -> Self {
        Self::instance_of(self.store.clone(), self.variables.clone(), kinds).await
    }

    /// Another instance over the same store, with some variables set.
    pub(crate) async fn instance_with(&self, variables: &[(&str, &str)]) -> Self {
        let set = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let kept = self.variables.iter().filter(|(name, _)| !variables.iter().any(|(set, _)| set == name));
        Self::instance_of(self.store.clone(), kept.cloned().chain(set).collect(), self.kinds).await
    }

    /// Another instance that reaches the same store at another URL.
    pub(crate) async fn through(&self, endpoint: &str) -> Self {
        Self::instance_of(self.store.through(endpoint), self.variables.clone(), self.kinds).await
    }

    /// Three more instances, whose calls to DynamoDB go wrong one time out of five.
    pub(crate) async fn unlucky_instances(&self) -> Vec<Self> {
        const FAULTS: &str = "throttle=0.04,error=0.04,lose-request=0.02,lose-response=0.05,partial=0.01,conflict=0.05,latency=3";
        let mut instances = Vec::new();
        for _ in 0..3 {
            let faults: Faults = FAULTS.parse().unwrap();
            let proxy = dynamodb_proxy(self.store.endpoint(), move |_| faults.next()).await.unwrap();
            instances.push(self.through(&proxy).await.with_time(Duration::from_secs(10)));
        }
        instances
    }

    async fn instance_of(store: TestStore, variables: Vec<(String, String)>, kinds: Kinds) -> Self {
        Self::with_budget(store, variables, kinds, Duration::from_secs(10)).await
    }

    /// An instance like this whose cache has only so long to answer.
    pub(crate) async fn with_cache_budget(self, budget: Duration) -> Self {
        Self::with_budget(self.store, self.variables, self.kinds, budget).await
    }

    /// An instance like this whose searches look at so many candidates.
    pub(crate) fn with_candidates(mut self, most: usize) -> Self {
        self.search = Arc::new(SearchService::clone(&self.search).with_candidates(most));
        self
    }

    /// With so much time for each request.
    pub(crate) fn with_time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    async fn with_budget(
        store: TestStore,
        variables: Vec<(String, String)>,
        kinds: Kinds,
        cache: Duration,
    ) -> Self {
        let lookup =
            |name: &str| variables.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone());
        let mut environment = Environment::new(lookup);
        let tokens = AccessConfig::read(&mut environment);
        let limits = RateLimitsConfig::read(&mut environment);
        let changes = WritesConfig::read(&mut environment);
        let search = SearchConfig::read(&mut environment);
        let history = HistoryConfig::read(&mut environment);
        let processor = ProcessorConfig::read(&mut environment);
        let read = (tokens, limits, changes, search, history, processor);
        let (tokens, limits, mut changes, search, history, processor) = environment.finish(read).unwrap();
        // A busy machine has no say in whether the cache or the buckets answer in time.
        changes.resources.cache.budget = cache;
        let client = client(&store);
        let buckets = BucketRepository::with_timeout(&client, limits.table.clone(), Duration::from_secs(30));
        let verifier = Verifier::connect(tokens).await.unwrap();
        let guard = Arc::new(Guard::new(verifier, Limiter::new(limits, buckets)));
        let resources = ReadService::connect(changes.resources.clone(), client.clone(), kinds).await.unwrap();
        let changes = WriteService::connect(changes, client.clone(), kinds).await.unwrap();
        let search = SearchService::connect(search, client.clone(), kinds).await.unwrap();
        let history = HistoryService::connect(history, client.clone(), kinds).await.unwrap();
        let processor = ChangeProcessor::connect(processor, client.clone(), kinds).await.unwrap();
        Self {
            store,
            variables,
            kinds,
            guard,
            resources: Arc::new(resources),
            changes: Arc::new(changes),
            search: Arc::new(search),
            history: Arc::new(history),
            processor: Arc::new(processor),
            source: tokio::sync::Mutex::default(),
            time: None,
        }
    }

    /// The resources of its store, for what a client cannot do.
    pub(crate) fn repository(&self, shards: Shards) -> ResourceRepository {
        resources(&self.store, shards)
    }

    /// The service that the functions call, for what a client cannot say: when it asks.
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

    /// A request as API Gateway sends it on (HTTP API, payload format 2.0).
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

    /// Creates a resource and gives it as it was answered.
    pub(crate) async fn created(&self, body: Value) -> Value {
        self.post("/api/resources", &body).await.data(201).clone()
    }

    /// Hands an event to the function of a route.
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
            "health" => Function::public(route.name, functions::health::handle),
            name => panic!("{name} has no handler here"),
        };
        self.respond(&function, route.iam_permissions, event).await
    }

    /// Hands an event to the function of `$default`.
    pub(crate) async fn invoke_unmatched(&self, event: &Value) -> Response {
        let function = Function::public(UNMATCHED_REQUEST.name, functions::unmatched_request::handle);
        self.respond(&function, &[], event).await
    }

    /// Lets a function answer an event, with its permissions and no others.
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
        // As the runtime sends it, and as the gateway reads it.
        let response = serde_json::to_value(&response).unwrap();
        let text = response["body"].as_str();
        Response {
            used,
            status: response["statusCode"].as_i64().unwrap(),
            headers: serde_json::from_value(response["headers"].clone()).unwrap(),
            body: text.map_or(Value::Null, |text| serde_json::from_str(text).unwrap()),
            text: text.unwrap_or_default().to_owned(),
        }
    }
}
