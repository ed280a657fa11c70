//! The type of a route. The table of routes is beside the handlers.

use lambda_http::http::Method;

use super::Description;
use crate::aws::IamPermission;
use crate::config::Environment;
use crate::domain::{Permission, RateLimitClass};

/// A route, and the function of the same name that serves it.
#[derive(Debug, Clone)]
pub struct Route {
    /// The name of the function and of its binary.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// The path, parameters in braces.
    pub path: &'static str,
    /// The permission and the rate limit; `None` for a public route, which has no rate limit.
    pub access: Option<RouteAccess>,
    /// Its description in the `OpenAPI` document.
    pub description: &'static Description,
    /// All IAM permissions of the function on DynamoDB.
    pub iam_permissions: &'static [IamPermission],
    /// Reads the environment variables that the function reads at start.
    pub environment: fn(&mut Environment<'_>),
}

/// API Gateway's route `$default`, which takes every request that matches no other route, and the function that serves it.
#[derive(Debug, Clone)]
pub struct DefaultRoute {
    /// The name of the function and of its binary.
    pub name: &'static str,
    /// Reads the environment variables that the function reads at start.
    pub environment: fn(&mut Environment<'_>),
}

/// Whether a path matches a pattern with parameters in braces, as in API Gateway.
pub fn path_matches(form: &str, path: &str) -> bool {
    let (mut form, mut path) = (form.split('/'), path.split('/'));
    loop {
        match (form.next(), path.next()) {
            (None, None) => return true,
            (Some(form), Some(given)) if form.starts_with('{') && !given.is_empty() => {}
            (Some(form), Some(given)) if form == given => {}
            _ => return false,
        }
    }
}

/// The permission that a route requires, and its rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteAccess {
    /// The permission that the caller's role must have.
    pub permission: Permission,
    /// The class of the token bucket.
    pub class: RateLimitClass,
    /// How many tokens a call takes.
    pub cost: TokenCost,
}

/// How many tokens a call takes from its caller's bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenCost {
    /// One.
    One,
    /// One for each operation of a batch, and at most the capacity of the bucket.
    Operations,
    /// One for each 10 ids or part of 10, and at most the capacity of the bucket.
    Ids,
}
