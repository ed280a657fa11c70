//! The settings that each type of function reads from its environment at start-up, besides those for logging.

use std::sync::Arc;

use super::State;
use crate::Error;
use crate::config::{
    AccessConfig, ApiKeysConfig, DynamoDbConfig, Environment, LoggingConfig, RateLimitsConfig, Stage,
};
use crate::domain::{Caller, ChangeEvent};
use crate::http::{Request, Response};

/// The settings of a route that needs a permission.
pub(super) struct RouteSettings<S: State> {
    pub(super) stage: Stage,
    pub(super) tokens: AccessConfig,
    pub(super) api_keys: ApiKeysConfig,
    pub(super) limits: RateLimitsConfig,
    pub(super) dynamodb: DynamoDbConfig,
    pub(super) state: S::Config,
}

/// The settings of a public route. It also reads those that all other routes have, so that invalid ones stop
/// it, too, and `/health` fails.
pub(super) struct PublicSettings {
    pub(super) stage: Stage,
}

/// The settings of a function on a table's stream.
pub(super) struct SubscriptionSettings<S: State> {
    pub(super) dynamodb: DynamoDbConfig,
    pub(super) state: S::Config,
}

impl PublicSettings {
    /// Reads the settings, without calls, and without reading secrets.
    pub(super) fn read(environment: &mut Environment<'_>) -> Self {
        AccessConfig::read(environment);
        RateLimitsConfig::read(environment);
        DynamoDbConfig::read(environment);
        Self { stage: Stage::read(environment) }
    }
}

impl<S: State> RouteSettings<S> {
    pub(super) fn read(environment: &mut Environment<'_>) -> Self {
        Self {
            stage: Stage::read(environment),
            tokens: AccessConfig::read(environment),
            api_keys: ApiKeysConfig::read(environment),
            limits: RateLimitsConfig::read(environment),
            dynamodb: DynamoDbConfig::read(environment),
            state: S::read(environment),
        }
    }
}

impl<S: State> SubscriptionSettings<S> {
    pub(super) fn read(environment: &mut Environment<'_>) -> Self {
        Self { dynamodb: DynamoDbConfig::read(environment), state: S::read(environment) }
    }
}

/// Reads the variables of a public route's function.
pub fn public_route_environment(environment: &mut Environment<'_>) {
    LoggingConfig::read(environment);
    PublicSettings::read(environment);
}

/// Reads the variables of the function of a route with this handler.
pub fn route_environment<S: State, F>(
    _handler: impl Fn(Arc<S>, Caller, Request) -> F,
    environment: &mut Environment<'_>,
) where
    F: Future<Output = Result<Response, Error>>,
{
    LoggingConfig::read(environment);
    RouteSettings::<S>::read(environment);
}

/// Reads the variables of the function on a stream with this handler.
pub fn subscription_environment<S: State, F>(
    _handler: impl Fn(Arc<S>, Vec<ChangeEvent>) -> F,
    environment: &mut Environment<'_>,
) where
    F: Future<Output = Result<(), Error>>,
{
    LoggingConfig::read(environment);
    SubscriptionSettings::<S>::read(environment);
}
