//! Builds a request.

use std::collections::HashMap;

use functions::ROUTES;
use resource_api::domain::{Caller, Role};
use resource_api::http::{Route, path_matches};
use serde_json::{Value, json};

use super::{App, Response, token_of};

/// A request that is being built.
pub(crate) struct Call<'a> {
    pub(super) app: &'a App,
    pub(super) event: Value,
}

impl Call<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.event["headers"][name] = value.into();
        self
    }

    /// Adds an idempotency key.
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// Sets a token of a role, for the caller that is named like it.
    pub(crate) fn role(self, role: Role) -> Self {
        self.caller(&Caller::example(role))
    }

    /// Sets a caller's token.
    pub(crate) fn caller(self, caller: &Caller) -> Self {
        self.header("authorization", &format!("Bearer {}", token_of(caller)))
    }

    /// Removes the token.
    pub(crate) fn anonymous(mut self) -> Self {
        self.event["headers"].as_object_mut().unwrap().remove("authorization");
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").text(&body.to_string())
    }

    pub(crate) fn text(mut self, body: &str) -> Self {
        self.event["body"] = body.into();
        self
    }

    /// Sets a body that the gateway marks as Base64.
    pub(crate) fn base64(mut self, body: &str) -> Self {
        self.event["isBase64Encoded"] = true.into();
        self.text(body)
    }

    async fn send(mut self) -> Response {
        let method = self.event["requestContext"]["http"]["method"].as_str().unwrap().to_owned();
        let path = self.event["rawPath"].as_str().unwrap().to_owned();
        let matching = |route: &&Route| route.method == *method && parameters(route.path, &path).is_some();
        // API Gateway, too, chooses the route with the fewest parameters.
        let route = ROUTES.iter().filter(matching).min_by_key(|route| route.path.matches('{').count());
        let Some(route) = route else { return self.app.invoke_unmatched(&self.event).await };
        self.event["pathParameters"] = json!(parameters(route.path, &path));
        self.app.invoke(route, &self.event).await
    }
}

impl<'a> IntoFuture for Call<'a> {
    type Output = Response;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Response> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// The parameters of a path, if it has this form.
fn parameters<'a>(form: &'a str, path: &str) -> Option<HashMap<&'a str, String>> {
    let name = |form: &'a str| form.strip_prefix('{').and_then(|form| form.strip_suffix('}'));
    let parts = form.split('/').zip(path.split('/'));
    let parameters = parts.filter_map(|(form, given)| Some((name(form)?, given.to_owned())));
    path_matches(form, path).then(|| parameters.collect())
}
