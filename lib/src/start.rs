//! The start of a function: everything that does not depend on a request, done before the first one.

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::Arc;

use futures_util::FutureExt as _;
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;

use crate::Error;
use crate::auth::Verifier;
use crate::cache::Cache;
use crate::config::{
    AccessConfig, ChangesConfig, DynamoDbConfig, Environment, LoggingConfig, RateLimitsConfig,
    ResourcesConfig,
};
use crate::domain::Caller;
use crate::error::Cause;
use crate::http::{Function, Gate, Reply, Request, Route};
use crate::rate_limit::Limiter;
use crate::repository::{self, AnswerRepository, BucketRepository, ResourceRepository, sdk};
use crate::service::{ChangeService, ResourceService};
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

async fn run(route: &'static Route, function: Result<Function, Cause>) -> ExitCode {
    let ended = match function {
        Ok(function) => poll(Arc::new(function)).await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(route = route.name, %error, "the function cannot start");
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
