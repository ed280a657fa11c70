//! Creates instances of the API, with a store, kinds, variables and faults.

use std::sync::Arc;
use std::time::Duration;

use functions::KINDS;
use resource_api::auth::Verifier;
use resource_api::config::{
    AccessConfig, Environment, HistoryConfig, MetricsConfig, ProcessorConfig, RateLimitsConfig, SearchConfig,
    WritesConfig,
};
use resource_api::domain::Kinds;
use resource_api::http::Guard;
use resource_api::rate_limit::Limiter;
use resource_api::repository::{ApiKeyRepository, BucketRepository};
use resource_api::service::{ChangeProcessor, HistoryService, ReadService, SearchService, WriteService};
use resource_api::start::State as _;
use testing::{Faults, TestStore, dynamodb_proxy};

use super::{App, SECRET, client};

impl App {
    /// An API without rate limits.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same, with the stream of the table.
    pub(crate) async fn followed() -> Self {
        Self::followed_of(KINDS).await
    }

    /// The same, with other kinds.
    pub(crate) async fn followed_of(kinds: Kinds) -> Self {
        Self::over(TestStore::with_stream().await.unwrap(), &[], kinds).await
    }

    /// An API with other kinds.
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

    /// Another instance with the same store, and its own memory.
    pub(crate) async fn instance(&self) -> Self {
        Self::instance_of(self.store.clone(), self.variables.clone(), self.kinds).await
    }

    /// Another instance with the same store, and other kinds.
    pub(crate) async fn declared_as(&self, kinds: Kinds) -> Self {
        Self::instance_of(self.store.clone(), self.variables.clone(), kinds).await
    }

    /// Another instance with the same store, and some variables set.
    pub(crate) async fn instance_with(&self, variables: &[(&str, &str)]) -> Self {
        let set = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let kept = self.variables.iter().filter(|(name, _)| !variables.iter().any(|(set, _)| set == name));
        Self::instance_of(self.store.clone(), kept.cloned().chain(set).collect(), self.kinds).await
    }

    /// Another instance that uses the same store at another URL.
    pub(crate) async fn through(&self, endpoint: &str) -> Self {
        Self::instance_of(self.store.through(endpoint), self.variables.clone(), self.kinds).await
    }

    /// Three more instances, a fifth of whose calls to DynamoDB fail.
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

    /// The same instance with this time limit for the cache.
    pub(crate) async fn with_cache_budget(self, budget: Duration) -> Self {
        Self::with_budget(self.store, self.variables, self.kinds, budget).await
    }

    /// The same instance with this maximum of search candidates.
    pub(crate) fn with_candidates(mut self, most: usize) -> Self {
        self.search = Arc::new(SearchService::clone(&self.search).with_candidates(most));
        self
    }

    /// The same instance with this time for each request.
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
        let metrics = MetricsConfig::read(&mut environment);
        let read = (tokens, limits, changes, search, history, processor);
        let (tokens, limits, mut changes, search, history, processor) = environment.finish(read).unwrap();
        // On a busy machine, the usual time limits of the cache and the buckets would make tests fail.
        changes.resources.cache.budget = cache;
        let client = client(&store);
        let buckets = BucketRepository::with_timeout(&client, limits.table.clone(), Duration::from_secs(30));
        let api_keys = ApiKeyRepository::new(client.clone(), store.table("ApiKeysTable"));
        let verifier = Verifier::connect(tokens, Some(api_keys)).await.unwrap();
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
            metrics,
            resources: Arc::new(resources),
            changes: Arc::new(changes),
            search: Arc::new(search),
            history: Arc::new(history),
            processor: Arc::new(processor),
            source: tokio::sync::Mutex::default(),
            time: None,
        }
    }
}
