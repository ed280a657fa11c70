//! The API as a client meets it, without the gateway: an event in, a response out.

use std::collections::HashMap;
use std::sync::Arc;

use functions::ROUTES;
use lambda_runtime::Context;
use resource_api::http::{Function, Route};
use resource_api::repository::Shards;
use resource_api::service::ResourceService;
use resource_api::testing::TestStore;
use serde_json::{Value, json};

/// An id that no resource has.
pub(crate) const NOWHERE: &str = "019a1b2c-0000-7000-8000-000000000000";

pub(crate) struct App {
    pub(crate) store: TestStore,
    resources: Arc<ResourceService>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Response {
    pub(crate) status: i64,
    pub(crate) headers: HashMap<String, String>,
    /// `Value::Null` for no body.
    pub(crate) body: Value,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The `data` of a success.
    #[track_caller]
    pub(crate) fn data(&self, status: i64) -> &Value {
        assert_eq!(self.status, status, "{self:#?}");
        assert_eq!(self.body["success"], true, "{self:#?}");
        &self.body["data"]
    }

    /// Checks everything that every problem has, and gives its `details`.
    #[track_caller]
    pub(crate) fn problem(&self, status: i64, code: &str) -> &Value {
        assert_eq!(self.status, status, "{self:#?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(self.body["success"], false);
        assert_eq!(self.body["code"], code, "{self:#?}");
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], "about:blank");
        assert!(self.body["error"].is_string());
        assert!(self.body["title"].is_string());
        assert!(self.body["instance"].as_str().unwrap().starts_with('/'));
        assert_eq!(self.body["request_id"].as_str(), self.header("x-request-id"));
        &self.body["details"]
    }

    /// The places and codes of a problem's details, in order: `/name required`.
    #[track_caller]
    pub(crate) fn faults(&self, status: i64, code: &str) -> Vec<String> {
        let fault = |detail: &Value| {
            assert!(detail["message"].as_str().is_some_and(|message| !message.is_empty()));
            let place =
                ["pointer", "parameter", "header"].iter().find_map(|kind| detail[kind].as_str()).unwrap();
            format!("{place} {}", detail["code"].as_str().unwrap())
        };
        self.problem(status, code).as_array().unwrap().iter().map(fault).collect()
    }
}

/// A request in the making.
pub(crate) struct Call<'a> {
    app: &'a App,
    event: Value,
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::with_shards(1).await
    }

    pub(crate) async fn with_shards(shards: u8) -> Self {
        let store = TestStore::start().await.unwrap();
        let repository = store.resources(Shards::new(shards).unwrap());
        let resources = Arc::new(ResourceService::new(repository));
        Self { store, resources }
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Call<'_> {
        self.call("POST", path).json(body)
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Call<'_> {
        self.call("PUT", path).json(body)
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Call<'_> {
        self.call("PATCH", path).json(body)
    }

    pub(crate) fn delete(&self, path: &str) -> Call<'_> {
        self.call("DELETE", path)
    }

    /// A request as API Gateway sends it on (HTTP API, payload format 2.0).
    pub(crate) fn call(&self, method: &str, target: &str) -> Call<'_> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": { "host": "api.example.com" },
            "requestContext": {
                "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1" },
                "requestId": "gateway-request-id",
                "stage": "$default",
            },
            "isBase64Encoded": false,
        });
        Call { app: self, event }
    }

    /// Creates a resource and gives it as it was answered.
    pub(crate) async fn created(&self, body: Value) -> Value {
        self.post("/api/resources", &body).await.data(201).clone()
    }

    /// Hands an event to the function of a route.
    pub(crate) async fn invoke(&self, route: &'static Route, event: &Value) -> Response {
        macro_rules! respond {
            ($state:expr, $handler:path) => {
                Function::new(route, $state, $handler).respond(&event.to_string(), &Context::default()).await
            };
        }
        let resources = Arc::clone(&self.resources);
        let response = match route.name {
            "list-resources" => respond!(resources, functions::list_resources::handle),
            "get-resource" => respond!(resources, functions::get_resource::handle),
            "create-resource" => respond!(resources, functions::create_resource::handle),
            "replace-resource" => respond!(resources, functions::replace_resource::handle),
            "update-resource" => respond!(resources, functions::update_resource::handle),
            "delete-resource" => respond!(resources, functions::delete_resource::handle),
            "health" => respond!(Arc::new(()), functions::health::handle),
            name => panic!("{name} has no handler here"),
        };
        // As the runtime sends it, and as the gateway reads it.
        let response = serde_json::to_value(&response).unwrap();
        let text = response["body"].as_str();
        Response {
            status: response["statusCode"].as_i64().unwrap(),
            headers: serde_json::from_value(response["headers"].clone()).unwrap(),
            body: text.map_or(Value::Null, |text| serde_json::from_str(text).unwrap()),
        }
    }
}

impl Call<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.event["headers"][name] = value.into();
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").text(&body.to_string())
    }

    pub(crate) fn text(mut self, body: &str) -> Self {
        self.event["body"] = body.into();
        self
    }

    /// A body that the gateway says is base64.
    pub(crate) fn base64(mut self, body: &str) -> Self {
        self.event["isBase64Encoded"] = true.into();
        self.text(body)
    }

    async fn send(mut self) -> Response {
        let method = self.event["requestContext"]["http"]["method"].as_str().unwrap().to_owned();
        let path = self.event["rawPath"].as_str().unwrap().to_owned();
        let matching = |route: &&Route| route.method == *method && parameters(route.path, &path).is_some();
        let route = ROUTES.iter().find(matching).unwrap_or_else(|| panic!("no route for {method} {path}"));
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

/// The parameters of a path, if it is of this form.
fn parameters<'a>(form: &'a str, path: &str) -> Option<HashMap<&'a str, String>> {
    let (form, path) = (form.split('/'), path.split('/'));
    if form.clone().count() != path.clone().count() {
        return None;
    }
    let mut parameters = HashMap::new();
    for (form, given) in form.zip(path) {
        match form.strip_prefix('{').and_then(|form| form.strip_suffix('}')) {
            Some(name) => _ = parameters.insert(name, given.to_owned()),
            None if form == given => {}
            None => return None,
        }
    }
    Some(parameters)
}
