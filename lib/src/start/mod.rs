//! The start-up of a function: everything that does not depend on a request.

mod settings;
mod state;

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::Arc;

use futures_util::{FutureExt as _, TryFutureExt as _, join};
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;

use self::settings::{PublicSettings, RouteSettings, SubscriptionSettings};
pub use self::settings::{public_route_environment, route_environment, subscription_environment};
pub use self::state::State;
use crate::Error;
use crate::auth::Verifier;
use crate::config::{Environment, LoggingConfig, MetricsConfig};
use crate::domain::{Caller, ChangeEvent, Kinds, RateLimitClass};
use crate::error::Cause;
use crate::http::{Function, Guard, Request, Response, Route};
use crate::rate_limit::Limiter;
use crate::repository::{ApiKeyRepository, BucketRepository};
use crate::stream::{StreamEvent, StreamFunction, Subscription};
use crate::{aws, telemetry};

/// Serves a public route, until Lambda ends the process.
pub async fn serve_public<F>(
    name: &'static str,
    handler: impl Fn(Request) -> F + Send + Sync + 'static,
) -> ExitCode
where
    F: Future<Output = Result<Response, Error>> + Send + 'static,
{
    let mut environment = Environment::of_process();
    let metrics = log(&mut environment);
    let settings = PublicSettings::read(&mut environment);
    let settings = environment.finish(settings);
    let function =
        settings.map(|settings| Function::public(name, handler).on(settings.stage).measured(metrics));
    run(name, function.map_err(Into::into)).await
}

/// Serves a route that needs a permission, for resources of these kinds, until Lambda ends the process. A
/// function that cannot start logs the reason.
pub async fn serve<S: State, F>(
    route: &'static Route,
    kinds: Kinds,
    handler: impl Fn(Arc<S>, Caller, Request) -> F + Send + Sync + 'static,
) -> ExitCode
where
    F: Future<Output = Result<Response, Error>> + Send + 'static,
{
    run(route.name, protected(route, kinds, handler).await).await
}

/// Reads the environment, and creates the function.
async fn protected<S: State, F>(
    route: &'static Route,
    kinds: Kinds,
    handler: impl Fn(Arc<S>, Caller, Request) -> F + Send + Sync + 'static,
) -> Result<Function, Cause>
where
    F: Future<Output = Result<Response, Error>> + Send + 'static,
{
    let mut environment = Environment::of_process();
    let metrics = log(&mut environment);
    let settings = RouteSettings::<S>::read(&mut environment);
    let RouteSettings { stage, tokens, api_keys, limits, dynamodb, state } = environment.finish(settings)?;
    let access = route.access.ok_or("a route without a permission is served by serve_public")?;
    let client = aws::dynamodb(dynamodb.endpoint).await?;
    // Routes that read call DynamoDB for the resource and for the caller's bucket concurrently.
    let at_once = if access.class == RateLimitClass::Read && limits.any() { 2 } else { 1 };
    let buckets = BucketRepository::new(&client, limits.table.clone());
    let api_keys = api_keys.table.map(|table| ApiKeyRepository::new(client.clone(), table));
    // Boxed, since these futures are large.
    let ((), verifier, state) = join!(
        aws::open_connections(&client, at_once).boxed(),
        Verifier::connect(tokens, api_keys).boxed(),
        S::connect(state, client.clone(), kinds).boxed()
    );
    let guard = Guard::new(verifier?, Limiter::new(limits, buckets));
    Ok(Function::protected(route.name, kinds, access, Arc::new(guard), Arc::new(state?), handler)
        .on(stage)
        .measured(metrics))
}

/// Processes the changes of a table, until Lambda ends the process. A function that cannot start logs the
/// reason.
pub async fn follow<S: State, F>(
    subscription: &'static Subscription,
    kinds: Kinds,
    handler: impl Fn(Arc<S>, Vec<ChangeEvent>) -> F + Send + Sync + 'static,
) -> ExitCode
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let ended = match following(subscription, kinds, handler).await {
        Ok(function) => poll_stream(Arc::new(function)).await,
        Err(error) => Err(error),
    };
    exit_code(subscription.name, ended)
}

async fn following<S: State, F>(
    subscription: &'static Subscription,
    kinds: Kinds,
    handler: impl Fn(Arc<S>, Vec<ChangeEvent>) -> F + Send + Sync + 'static,
) -> Result<StreamFunction, Cause>
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let mut environment = Environment::of_process();
    let metrics = log(&mut environment);
    let settings = SubscriptionSettings::<S>::read(&mut environment);
    let SubscriptionSettings { dynamodb, state } = environment.finish(settings)?;
    let client = aws::dynamodb(dynamodb.endpoint).await?;
    // A function without IAM permissions on DynamoDB cannot make the call that opens a connection.
    let at_once = usize::from(!subscription.iam_permissions.is_empty());
    let ((), state) =
        join!(aws::open_connections(&client, at_once), S::connect(state, client.clone(), kinds));
    let state = Arc::new(state?);
    let handler = move |changes| handler(Arc::clone(&state), changes);
    Ok(StreamFunction::new(subscription, kinds, handler).measured(metrics))
}

/// Initializes logging. Returns the configuration of metrics, if log lines have them.
fn log(environment: &mut Environment<'_>) -> Option<MetricsConfig> {
    let config = LoggingConfig::read(environment);
    let metrics = config.metrics.clone();
    telemetry::init(config);
    metrics
}

async fn run(name: &'static str, function: Result<Function, Cause>) -> ExitCode {
    let ended = match function {
        Ok(function) => poll(Arc::new(function)).await,
        Err(error) => Err(error),
    };
    exit_code(name, ended)
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
        // Boxed, because the runtime wraps it in deeply nested types.
        respond.map(Ok::<_, Infallible>).boxed()
    });
    // Not `lambda_runtime::run`, whose own span would duplicate ours on every line. One request at a time,
    // except on Lambda Managed Instances.
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
