//! What a route is. The table of them stands with the handlers.

use lambda_http::http::Method;

use super::Description;
use crate::aws::IamPermission;
use crate::config::Environment;
use crate::domain::{Permission, RateLimitClass};

/// A route, and the function of the same name that serves it.
#[derive(Debug, Clone)]
pub struct Route {
    /// The function's and its binary's name.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// The path, parameters in braces.
    pub path: &'static str,
    /// Who may call it, and how it is counted; `None` for everybody and not at all.
    pub access: Option<RouteAccess>,
    /// What it takes and gives.
    pub description: &'static Description,
    /// The calls to DynamoDB that the function may make, and no others.
    pub iam_permissions: &'static [IamPermission],
    /// Reads the environment variables that the function reads at start.
    pub environment: fn(&mut Environment<'_>),
}

/// API Gateway's route `$default`, which takes every request that matches no other route, and the function that serves it.
#[derive(Debug, Clone)]
pub struct DefaultRoute {
    /// The function's and its binary's name.
    pub name: &'static str,
    /// Reads the environment variables that the function reads at start.
    pub environment: fn(&mut Environment<'_>),
}

/// Whether a path is of a form with parameters in braces, as API Gateway matches them.
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

/// Who may call a route, and which of their buckets a call takes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteAccess {
    /// What the caller's role must permit.
    pub permission: Permission,
    /// What a call is counted as.
    pub class: RateLimitClass,
    /// How many tokens a call takes.
    pub cost: TokenCost,
}

/// How many tokens a call takes from its caller's bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenCost {
    /// One.
    One,
    /// One for each operation of a batch. One larger than the bucket takes all of it.
    Operations,
    /// One for each 10 ids that are asked for, or begun. As with operations, no more than the bucket holds.
    Ids,
}
