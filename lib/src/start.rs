//! The start of a function: everything that does not depend on a request, done before the first one.

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::Arc;

use futures_util::{FutureExt as _, TryFutureExt as _};
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;

use crate::Error;
use crate::auth::Verifier;
use crate::cache::Cache;
use crate::config::{
    AccessConfig, ChangesConfig, DynamoDbConfig, Environment, HistoryConfig, LoggingConfig, ProcessorConfig,
    RateLimitsConfig, ResourcesConfig, SearchConfig,
};
use crate::domain::{Caller, Changed, Shards};
use crate::error::Cause;
use crate::events::EventBus;
use crate::http::{Function, Gate, Reply, Request, Route};
use crate::rate_limit::Limiter;
use crate::repository::{
    self, AnswerRepository, BucketRepository, HistoryRepository, ResourceRepository, SearchRepository, sdk,
};
use crate::service::{ChangeProcessor, ChangeService, HistoryService, ResourceService, SearchService};
use crate::stream::{StreamEvent, StreamFunction, Subscription};
use crate::telemetry;

/// What the handlers of a kind of resource work with, made once.
pub trait State: Sized + Send + Sync + 'static {
    /// The variables it needs.
    type Config: Send;

    /// Reads the variables.
    fn read(environment: &mut Environment<'_>) -> Self::Config;

    /// Makes it, and opens the connections that it needs.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    fn connect(config: Self::Config, client: sdk::Client)
    -> impl Future<Output = Result<Self, Cause>> + Send;
}

impl State for ResourceService {
    type Config = ResourcesConfig;

    fn read(environment: &mut Environment<'_>) -> Self::Config {
        ResourcesConfig::read(environment)
    }

    async fn connect(config: Self::Config, client: sdk::Client) -> Result<Self, Cause> {
        let resources = ResourceRepository::new(client, config.table, config.listing_shards);
        Ok(Self::over(resources, Cache::connect(config.cache).await?))
    }
}

impl State for ChangeService {
    type Config = ChangesConfig;

    fn read(environment: &mut Environment<'_>) -> Self::Config {
        ChangesConfig::read(environment)
    }

    async fn connect(config: Self::Config, client: sdk::Client) -> Result<Self, Cause> {
        let answers = AnswerRepository::new(client.clone(), config.idempotency_table);
        let ResourcesConfig { table, listing_shards, cache } = config.resources;
        let resources = ResourceRepository::new(client, table, listing_shards);
        Ok(Self::over(resources, answers, Cache::connect(cache).await?, config.retention))
    }
}

impl State for SearchService {
    type Config = SearchConfig;

    fn read(environment: &mut Environment<'_>) -> Self::Config {
        SearchConfig::read(environment)
    }

    async fn connect(config: Self::Config, client: sdk::Client) -> Result<Self, Cause> {
        let words = SearchRepository::new(client.clone(), config.search_table);
        Ok(Self::over(unlisted(client, config.resources_table), words))
    }
}

impl State for HistoryService {
    type Config = HistoryConfig;

    fn read(environment: &mut Environment<'_>) -> Self::Config {
        HistoryConfig::read(environment)
    }

    async fn connect(config: Self::Config, client: sdk::Client) -> Result<Self, Cause> {
        let history = HistoryRepository::new(client.clone(), config.history_table);
        Ok(Self::over(unlisted(client, config.resources_table), history))
    }
}

impl State for ChangeProcessor {
    type Config = ProcessorConfig;

    fn read(environment: &mut Environment<'_>) -> Self::Config {
        ProcessorConfig::read(environment)
    }

    async fn connect(config: Self::Config, client: sdk::Client) -> Result<Self, Cause> {
        let search = SearchRepository::new(client.clone(), config.search_table);
        let history = HistoryRepository::new(client.clone(), config.history_table);
        let events = match config.event_bus {
            Some(name) => Some(EventBus::connect(name).await?),
            None => None,
        };
        Ok(Self::new(unlisted(client, config.resources_table), search, history, events))
    }
}

/// Resources for who reads them by id only, and need not know into how many shards their lists are split.
fn unlisted(client: sdk::Client, table: String) -> ResourceRepository {
    ResourceRepository::new(client, table, Shards::default())
}

/// Serves a route that is for everybody, until Lambda ends the process.
pub async fn serve_open<F>(
    route: &'static Route,
    handler: impl Fn(Request) -> F + Send + Sync + 'static,
) -> ExitCode
where
    F: Future<Output = Result<Reply, Error>> + Send + 'static,
{
    let mut environment = Environment::of_process();
    telemetry::init(LoggingConfig::read(&mut environment));
    let function = environment.finish(()).map(|()| Function::open(route, handler));
    run(route, function.map_err(Into::into)).await
}

/// Serves a route that asks for a permission, until Lambda ends the process. A function that cannot start says why in
/// the log.
pub async fn serve<S: State, F>(
    route: &'static Route,
    handler: impl Fn(Arc<S>, Caller, Request) -> F + Send + Sync + 'static,
) -> ExitCode
where
    F: Future<Output = Result<Reply, Error>> + Send + 'static,
{
    run(route, protected(route, handler).await).await
}

/// Reads the environment, and makes what the function needs.
async fn protected<S: State, F>(
    route: &'static Route,
    handler: impl Fn(Arc<S>, Caller, Request) -> F + Send + Sync + 'static,
) -> Result<Function, Cause>
where
    F: Future<Output = Result<Reply, Error>> + Send + 'static,
{
    let mut environment = Environment::of_process();
    telemetry::init(LoggingConfig::read(&mut environment));
    let tokens = AccessConfig::read(&mut environment);
    let limits = RateLimitsConfig::read(&mut environment);
    let dynamodb = DynamoDbConfig::read(&mut environment);
    let state = S::read(&mut environment);
    let (tokens, limits, dynamodb, state) = environment.finish((tokens, limits, dynamodb, state))?;
    let access = route.access.ok_or("a route without a permission is served by serve_open")?;
    let client = repository::connect(dynamodb.endpoint).await?;
    let buckets = BucketRepository::new(&client, limits.table.clone());
    let gate = Gate::new(Verifier::connect(tokens).await?, Limiter::new(limits, buckets));
    Ok(Function::protected(
        route,
        access,
        Arc::new(gate),
        Arc::new(S::connect(state, client).await?),
        handler,
    ))
}

/// Follows the changes of a table, until Lambda ends the process. A function that cannot start says why in the log.
pub async fn follow<S: State, F>(
    subscription: &'static Subscription,
    handler: impl Fn(Arc<S>, Vec<Changed>) -> F + Send + Sync + 'static,
) -> ExitCode
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let ended = match following(subscription, handler).await {
        Ok(function) => poll_stream(Arc::new(function)).await,
        Err(error) => Err(error),
    };
    exit_code(subscription.name, ended)
}

async fn following<S: State, F>(
    subscription: &'static Subscription,
    handler: impl Fn(Arc<S>, Vec<Changed>) -> F + Send + Sync + 'static,
) -> Result<StreamFunction, Cause>
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let mut environment = Environment::of_process();
    telemetry::init(LoggingConfig::read(&mut environment));
    let dynamodb = DynamoDbConfig::read(&mut environment);
    let state = S::read(&mut environment);
    let (dynamodb, state) = environment.finish((dynamodb, state))?;
    let client = repository::connect(dynamodb.endpoint).await?;
    let state = Arc::new(S::connect(state, client).await?);
    Ok(StreamFunction::new(subscription, move |changes| handler(Arc::clone(&state), changes)))
}

async fn run(route: &'static Route, function: Result<Function, Cause>) -> ExitCode {
    let ended = match function {
        Ok(function) => poll(Arc::new(function)).await,
        Err(error) => Err(error),
    };
    exit_code(route.name, ended)
}

fn exit_code(function: &'static str, ended: Result<(), Cause>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(function, %error, "the function cannot start");
            ExitCode::FAILURE
        }
    }
}

async fn poll(function: Arc<Function>) -> Result<(), Cause> {
    let service = service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let function = Arc::clone(&function);
        let respond = async move { function.respond(event.payload.get(), &event.context).await };
        // Boxed, for the runtime's own types around it are deep already.
        respond.map(Ok::<_, Infallible>).boxed()
    });
    // Not `lambda_runtime::run`, whose own span would double ours on every line. One request at a time, but for
    // Lambda Managed Instances, which ask for more.
    Runtime::new(service).run_concurrent().await
}

async fn poll_stream(function: Arc<StreamFunction>) -> Result<(), Cause> {
    let service = service_fn(move |event: LambdaEvent<StreamEvent>| {
        let function = Arc::clone(&function);
        let respond = async move { function.respond(event.payload, &event.context).await };
        respond.map_err(|error| error.chain()).boxed()
    });
    Runtime::new(service).run_concurrent().await
}
