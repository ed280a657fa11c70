//! The start of a function: everything that does not depend on a request, done before the first one.

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::Arc;

use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;

use crate::config::{DynamoDbConfig, Environment, LoggingConfig, ResourcesConfig};
use crate::error::Cause;
use crate::http::{Function, Handler, Route};
use crate::repository::{self, ResourceRepository};
use crate::service::ResourceService;
use crate::telemetry;

/// What a handler works with, made once.
pub trait State: Sized + Send + Sync + 'static {
    /// The variables it needs.
    type Config;

    /// Reads the variables.
    fn read(environment: &mut Environment<'_>) -> Self::Config;

    /// Makes it: clients and first connections.
    ///
    /// # Errors
    /// When the function cannot work at all.
    fn connect(config: Self::Config) -> impl Future<Output = Result<Self, Cause>> + Send;
}

/// The state of a function that needs nothing.
impl State for () {
    type Config = ();

    fn read(_environment: &mut Environment<'_>) -> Self::Config {}

    async fn connect((): Self::Config) -> Result<Self, Cause> {
        Ok(())
    }
}

impl State for ResourceService {
    type Config = (DynamoDbConfig, ResourcesConfig);

    fn read(environment: &mut Environment<'_>) -> Self::Config {
        (DynamoDbConfig::read(environment), ResourcesConfig::read(environment))
    }

    async fn connect((dynamodb, resources): Self::Config) -> Result<Self, Cause> {
        let client = repository::connect(dynamodb.endpoint).await?;
        Ok(Self::new(ResourceRepository::new(client, resources.table, resources.listing_shards)))
    }
}

/// Serves a route until Lambda ends the process. A function that cannot start says why in the log.
pub async fn serve<S: State>(route: &'static Route, handler: impl Handler<S>) -> ExitCode {
    match run(route, handler).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(route = route.name, %error, "the function cannot start");
            ExitCode::FAILURE
        }
    }
}

async fn run<S: State>(route: &'static Route, handler: impl Handler<S>) -> Result<(), Cause> {
    let mut environment = Environment::of_process();
    telemetry::init(LoggingConfig::read(&mut environment));
    let config = S::read(&mut environment);
    let config = environment.finish(config)?;
    let function = Arc::new(Function::new(route, Arc::new(S::connect(config).await?), handler));
    let service = service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let function = Arc::clone(&function);
        async move { Ok::<_, Infallible>(function.respond(event.payload.get(), &event.context).await) }
    });
    // Not `lambda_runtime::run`, whose own span would double ours on every line. One request at a time, but for
    // Lambda Managed Instances, which ask for more.
    Runtime::new(service).run_concurrent().await
}
