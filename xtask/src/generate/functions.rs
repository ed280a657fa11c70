//! The functions of the deployment, from the tables in `functions/src/lib.rs`.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ptr;

use functions::{ROUTES, SUBSCRIPTIONS, UNMATCHED_REQUEST};
use resource_api::aws::IamPermission;
use resource_api::config::Environment;
use resource_api::http::Route;

/// A function of the deployment.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    /// Its name, and that of its binary.
    pub(crate) name: &'static str,
    /// What invokes it.
    pub(crate) trigger: Trigger,
    /// Its IAM permissions on DynamoDB, as declared in the tables.
    pub(crate) permissions: Vec<IamPermission>,
    /// The environment variables that it reads.
    pub(crate) variables: BTreeSet<String>,
}

/// What invokes a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// Requests of a route, and of other routes of the same function.
    Route { method: String, path: &'static str, protected: bool, others: Vec<(String, &'static str)> },
    /// Requests that match no route.
    Unmatched,
    /// The stream of a table, by its logical id.
    Stream { table: &'static str, condition: Option<&'static str> },
}

impl Function {
    /// Every function, in the order of the tables.
    pub(crate) fn all() -> Vec<Self> {
        Self::of(ROUTES)
    }

    /// The functions of these routes, and all functions without a declared route.
    pub(crate) fn of(routes: &[Route]) -> Vec<Self> {
        let is_first = |route: &&Route| {
            routes.iter().find(|it| it.name == route.name).is_some_and(|first| ptr::eq(first, *route))
        };
        let others = |first: &Route| {
            let others = routes.iter().filter(|it| it.name == first.name).skip(1);
            others.map(|route| (route.method.to_string(), route.path)).collect()
        };
        let routes = routes.iter().filter(is_first).map(|route| Self {
            name: route.name,
            trigger: Trigger::Route {
                method: route.method.to_string(),
                path: route.path,
                protected: route.access.is_some(),
                others: others(route),
            },
            permissions: route.iam_permissions.to_vec(),
            variables: variables(route.environment),
        });
        let unmatched = Self {
            name: UNMATCHED_REQUEST.name,
            trigger: Trigger::Unmatched,
            permissions: Vec::new(),
            variables: variables(UNMATCHED_REQUEST.environment),
        };
        let subscriptions = SUBSCRIPTIONS.iter().map(|subscription| Self {
            name: subscription.name,
            trigger: Trigger::Stream { table: subscription.table, condition: subscription.condition },
            permissions: subscription.iam_permissions.to_vec(),
            variables: variables(subscription.environment),
        });
        routes.chain([unmatched]).chain(subscriptions).collect()
    }

    /// The function's logical id in the template: `GetResourceFunction` for `get-resource`.
    pub(crate) fn logical_id(&self) -> String {
        let word = |word: &str| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
        };
        let words: Vec<String> = self.name.split('-').map(word).collect();
        format!("{}Function", words.concat())
    }

    /// Whether it serves a protected route.
    pub(crate) fn is_protected(&self) -> bool {
        matches!(self.trigger, Trigger::Route { protected: true, .. })
    }

    /// The name of its handler's module.
    pub(crate) fn module(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The name of its constant in the tables.
    pub(crate) fn constant(&self) -> String {
        self.module().to_uppercase()
    }

    /// The route as API Gateway names it; `None` for a function on a stream.
    pub(crate) fn route_key(&self) -> Option<String> {
        match &self.trigger {
            Trigger::Route { method, path, .. } => Some(format!("{method} {path}")),
            Trigger::Unmatched => Some("$default".to_owned()),
            Trigger::Stream { .. } => None,
        }
    }
}

/// The names of the variables that this function reads.
fn variables(read: fn(&mut Environment<'_>)) -> BTreeSet<String> {
    let names = RefCell::new(BTreeSet::new());
    let look_up = |name: &str| {
        names.borrow_mut().insert(name.to_owned());
        None
    };
    read(&mut Environment::new(look_up));
    names.into_inner()
}
