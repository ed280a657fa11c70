//! The settings that each sort of function reads from its environment at start, besides what it logs.

use std::sync::Arc;

use super::State;
use crate::Error;
use crate::config::{
    AccessConfig, ApiKeysConfig, DynamoDbConfig, Environment, LoggingConfig, RateLimitsConfig, Stage,
};
use crate::domain::{Caller, ChangeEvent};
use crate::http::{Request, Response};

/// The settings of a route that asks for a permission.
pub(super) struct RouteSettings<S: State> {
    pub(super) stage: Stage,
    pub(super) tokens: AccessConfig,
    pub(super) api_keys: ApiKeysConfig,
    pub(super) limits: RateLimitsConfig,
    pub(super) dynamodb: DynamoDbConfig,
    pub(super) state: S::Config,
}

/// The settings that every route's function has. One for everybody reads them, too, so that bad ones stop it as they stop all
/// others, and `/health` tells of them.
pub(super) struct PublicSettings {
    pub(super) stage: Stage,
}

/// The settings of a function on a table's stream.
pub(super) struct SubscriptionSettings<S: State> {
    pub(super) dynamodb: DynamoDbConfig,
    pub(super) state: S::Config,
}

impl PublicSettings {
    /// Reads the settings, and makes nothing of them: no call, no secret.
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

/// Reads the variables that a function for everybody reads.
pub fn public_route_environment(environment: &mut Environment<'_>) {
    LoggingConfig::read(environment);
    PublicSettings::read(environment);
}

/// Reads the variables that the function of a route with this handler reads.
pub fn route_environment<S: State, F>(
    _handler: impl Fn(Arc<S>, Caller, Request) -> F,
    environment: &mut Environment<'_>,
) where
    F: Future<Output = Result<Response, Error>>,
{
    LoggingConfig::read(environment);
    RouteSettings::<S>::read(environment);
}

/// Reads the variables that the function on a stream with this handler reads.
pub fn subscription_environment<S: State, F>(
    _handler: impl Fn(Arc<S>, Vec<ChangeEvent>) -> F,
    environment: &mut Environment<'_>,
) where
    F: Future<Output = Result<(), Error>>,
{
    LoggingConfig::read(environment);
    SubscriptionSettings::<S>::read(environment);
}
