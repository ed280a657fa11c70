//! The state of handlers: its configuration and its creation.

use crate::cache::Cache;
use crate::config::{
    Environment, HistoryConfig, ProcessorConfig, PublisherConfig, ResourcesConfig, SearchConfig, WritesConfig,
};
use crate::domain::{Kinds, Shards};
use crate::error::Cause;
use crate::events::EventBus;
use crate::repository::{
    HistoryRepository, IdempotencyRepository, ResourceRepository, SearchRepository, UniqueValueRepository,
    sdk,
};
use crate::service::{
    ChangeProcessor, EventPublisher, HistoryService, ReadService, SearchService, WriteService,
};

/// The state that the handlers of a function share, created once.
pub trait State: Sized + Send + Sync + 'static {
    /// Its configuration.
    type Config: Send;

    /// Reads its environment variables.
    fn read(environment: &mut Environment<'_>) -> Self::Config;

    /// Creates it for resources of these kinds, and opens its connections.
    ///
    /// # Errors
    /// If the configuration cannot be used.
    fn connect(
        config: Self::Config,
        client: sdk::Client,
        kinds: Kinds,
    ) -> impl Future<Output = Result<Self, Cause>> + Send;
}

impl State for ReadService {
    type Config = ResourcesConfig;

    fn read(environment: &mut Environment<'_>) -> Self::Config {
        ResourcesConfig::read(environment)
    }

    async fn connect(config: Self::Config, client: sdk::Client, kinds: Kinds) -> Result<Self, Cause> {
        let cache = Cache::connect(config.cache, &config.table).await?;
        let resources = ResourceRepository::new(client, config.table, config.listing_shards);
        Ok(Self::over(resources, cache, kinds))
    }
}

impl State for WriteService {
    type Config = WritesConfig;

    fn read(environment: &mut Environment<'_>) -> Self::Config {
        WritesConfig::read(environment)
    }

    async fn connect(config: Self::Config, client: sdk::Client, kinds: Kinds) -> Result<Self, Cause> {
        let unique_values = UniqueValueRepository::new(client.clone(), config.unique_values_table);
        let answers = IdempotencyRepository::new(client.clone(), config.idempotency_table);
        let ResourcesConfig { table, listing_shards, cache } = config.resources;
        let cache = Cache::connect(cache, &table).await?;
        let resources = ResourceRepository::new(client, table, listing_shards);
        Ok(Self::over(resources, unique_values, answers, cache, config.retention, kinds))
    }
}

impl State for SearchService {
    type Config = SearchConfig;

    fn read(environment: &mut Environment<'_>) -> Self::Config {
        SearchConfig::read(environment)
    }

    async fn connect(config: Self::Config, client: sdk::Client, _kinds: Kinds) -> Result<Self, Cause> {
        let words = SearchRepository::new(client.clone(), config.search_table);
        Ok(Self::over(unlisted(client, config.resources_table), words))
    }
}

impl State for HistoryService {
    type Config = HistoryConfig;

    fn read(environment: &mut Environment<'_>) -> Self::Config {
        HistoryConfig::read(environment)
    }

    async fn connect(config: Self::Config, client: sdk::Client, _kinds: Kinds) -> Result<Self, Cause> {
        let history = HistoryRepository::new(client.clone(), config.history_table);
        Ok(Self::over(unlisted(client, config.resources_table), history))
    }
}

impl State for ChangeProcessor {
    type Config = ProcessorConfig;

    fn read(environment: &mut Environment<'_>) -> Self::Config {
        ProcessorConfig::read(environment)
    }

    async fn connect(config: Self::Config, client: sdk::Client, _kinds: Kinds) -> Result<Self, Cause> {
        let search = SearchRepository::new(client.clone(), config.search_table);
        let history = HistoryRepository::new(client.clone(), config.history_table);
        let cache = Cache::connect(config.cache, &config.resources_table).await?;
        Ok(Self::new(unlisted(client, config.resources_table), search, history, cache))
    }
}

impl State for EventPublisher {
    type Config = PublisherConfig;

    fn read(environment: &mut Environment<'_>) -> Self::Config {
        PublisherConfig::read(environment)
    }

    async fn connect(config: Self::Config, _client: sdk::Client, _kinds: Kinds) -> Result<Self, Cause> {
        Ok(Self::new(EventBus::connect(config.event_bus).await?))
    }
}

/// A repository for functions that read resources only by id, and do not need the number of shards.
fn unlisted(client: sdk::Client, table: String) -> ResourceRepository {
    ResourceRepository::new(client, table, Shards::default())
}
