//! Invocations of deployed functions, and the messages if one fails.

use rstest::rstest;
use testing::{HttpMessage, local_config};
use tokio::task::JoinHandle;

use super::*;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:process-changes";

/// A Lambda that sends one response, and the request that it receives.
async fn answering(head: &str, body: &str) -> (Lambda, JoinHandle<HttpMessage>) {
    let (endpoint, asked) = service(head, body).await;
    (Lambda::at(endpoint.clone(), &local_config(&endpoint)).await.unwrap(), asked)
}

#[tokio::test]
async fn a_function_is_invoked_with_the_event_by_a_signed_request() {
    let (lambda, asked) = answering("200 OK", "{\"batchItemFailures\":[]}").await;
    let event = json!({ "Records": [] });
    assert_eq!(lambda.invoke(FUNCTION, &event).await.unwrap(), json!({ "batchItemFailures": [] }));
    let request = asked.await.unwrap();
    let path = FUNCTION.replace(':', "%3A");
    assert_eq!(request.head[0], format!("POST /2015-03-31/functions/{path}/invocations HTTP/1.1"));
    let signature = request.field("authorization");
    assert!(signature.starts_with("AWS4-HMAC-SHA256 Credential=local/"), "{signature}");
    assert!(signature.contains("/us-east-1/lambda/aws4_request"), "{signature}");
    assert_eq!(request.body, event.to_string().as_bytes());
}

#[rstest]
#[case::gone(
    "404 Not Found|x-amzn-errortype: ResourceNotFoundException:http://x",
    "there is no function arn:aws:lambda"
)]
#[case::forbidden(
    "403 Forbidden|x-amzn-errortype: AccessDeniedException",
    "do not permit lambda:InvokeFunction on arn:aws:lambda"
)]
#[case::throttled(
    "429 Too Many Requests|x-amzn-errortype: TooManyRequestsException",
    "cannot invoke arn:aws:lambda"
)]
#[case::failed("200 OK|x-amz-function-error: Unhandled", "process-changes failed: said")]
#[case::no_json("200 OK", "is not JSON: said")]
#[tokio::test]
async fn a_failure_says_what_is_wrong(#[case] head: &str, #[case] message: &str) {
    let (lambda, _asked) = answering(head, "said").await;
    let error = lambda.invoke(FUNCTION, &json!({ "Records": [] })).await.unwrap_err();
    assert!(format!("{error:#}").contains(message), "{error:#}");
}
