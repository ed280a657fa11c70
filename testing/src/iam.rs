//! Enforces IAM permissions like AWS: calls to DynamoDB without a permission are rejected, and the others are
//! recorded.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

/// A call: the IAM action, and the logical id of the table, or `Table/index/*`.
type Call = (String, String);

tokio::task_local! {
    static ROLE: Role;
}

/// The permissions of the running function, and the calls that it has made.
#[derive(Clone)]
struct Role {
    permissions: Arc<BTreeSet<Call>>,
    used: Arc<Mutex<BTreeSet<Call>>>,
}

/// Runs a function with only these permissions: IAM actions, each with the logical id of the table, or
/// `Table/index/*` for its indexes. Also returns the permissions that it used.
pub async fn with_permissions<F: Future>(
    permissions: impl IntoIterator<Item: Into<(&'static str, &'static str)>>,
    function: F,
) -> (F::Output, BTreeSet<Call>) {
    let permissions = permissions.into_iter().map(Into::into);
    let permissions = permissions.map(|(action, on)| (action.to_owned(), on.to_owned()));
    let role = Role { permissions: Arc::new(permissions.collect()), used: Arc::default() };
    let output = ROLE.scope(role.clone(), function).await;
    let used = role.used.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (output, used)
}

/// A client that checks the permissions of the running function. Calls outside a function, such as those of a
/// test itself, are permitted.
#[derive(Debug)]
pub(super) struct Enforcing(pub(super) SharedHttpClient);

impl HttpClient for Enforcing {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(EnforcingConnector(self.0.http_connector(settings, components)))
    }
}

#[derive(Debug)]
struct EnforcingConnector(SharedHttpConnector);

impl HttpConnector for EnforcingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match ROLE.try_with(|role| role.refusal(&request)) {
            Ok(Some(message)) => HttpConnectorFuture::ready(Ok(access_denied(&message))),
            _ => self.0.call(request),
        }
    }
}

impl Role {
    /// The reason why a request is rejected; `None` if it is permitted.
    fn refusal(&self, request: &HttpRequest) -> Option<String> {
        let Some(calls) = calls(request) else {
            return Some("this call is not known to the tests".to_owned());
        };
        for call in calls {
            if !self.permissions.contains(&call) {
                return Some(format!("the function is not authorized to perform {} on {}", call.0, call.1));
            }
            self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(call);
        }
        None
    }
}

/// The IAM actions of a request to DynamoDB, each with its table or indexes; empty for other services. `None`
/// for an unknown operation.
fn calls(request: &HttpRequest) -> Option<Vec<Call>> {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    let Some(operation) = target.strip_prefix("DynamoDB_20120810.") else { return Some(Vec::new()) };
    let operation = operation.to_owned();
    let body: Value = serde_json::from_slice(request.body().bytes()?).ok()?;
    let table = |of: &Value| of["TableName"].as_str().map(logical_id);
    Some(match operation.as_str() {
        "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" => vec![(operation, table(&body)?)],
        "Query" => {
            let index = if body["IndexName"].is_string() { "/index/*" } else { "" };
            vec![(operation, format!("{}{index}", table(&body)?))]
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object()?.keys();
            tables.map(|table| (operation.clone(), logical_id(table))).collect()
        }
        "TransactWriteItems" => {
            let action = |item: &Value| {
                let (kind, action) = item.as_object()?.iter().next()?;
                let name =
                    if kind == "ConditionCheck" { "ConditionCheckItem" } else { &*format!("{kind}Item") };
                Some((name.to_owned(), table(action)?))
            };
            body["TransactItems"].as_array()?.iter().map(action).collect::<Option<_>>()?
        }
        // Opens the connection. Every function may call it.
        "DescribeEndpoints" => Vec::new(),
        _ => return None,
    })
}

/// The logical id of a test's table, which follows the test's prefix.
fn logical_id(name: &str) -> String {
    name.rsplit('-').next().unwrap_or(name).to_owned()
}

fn access_denied(message: &str) -> HttpResponse {
    let body = json!({ "__type": "com.amazon.coral.service#AccessDeniedException", "Message": message });
    let status = StatusCode::try_from(400).expect("400 is a status");
    let mut response = HttpResponse::new(status, SdkBody::from(body.to_string()));
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    response
}
