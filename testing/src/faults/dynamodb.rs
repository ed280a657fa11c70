//! A proxy in front of DynamoDB.

use std::io::Result;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::Fault;
use crate::http_message::HttpMessage;

/// The namespace of DynamoDB's errors.
const ERRORS: &str = "com.amazonaws.dynamodb.v20120810#";

/// Starts a proxy in front of the DynamoDB at a URL. `fate` decides on each exchange by its operation
/// (`GetItem`). Returns the proxy's URL.
///
/// # Errors
/// If no port is free.
pub async fn dynamodb_proxy(
    upstream: &str,
    fate: impl Fn(&str) -> Fault + Send + Sync + 'static,
) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let upstream = upstream.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let fate = Arc::new(fate);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (upstream, fate) = (upstream.clone(), Arc::clone(&fate));
            tokio::spawn(async move {
                // A broken connection is an expected result.
                let _ = serve(client, &upstream, &*fate).await;
            });
        }
    });
    Ok(url)
}

/// Serves one connection, until it breaks.
async fn serve(client: TcpStream, upstream: &str, fate: &impl Fn(&str) -> Fault) -> Result<()> {
    let mut client = BufReader::new(client);
    let mut server = BufReader::new(TcpStream::connect(upstream).await?);
    loop {
        let mut request = HttpMessage::read(&mut client).await?;
        let operation = request.field("x-amz-target").rsplit('.').next().unwrap_or_default().to_owned();
        let mut left = None;
        let mut late = Duration::ZERO;
        let refused = match fate(&operation) {
            Fault::LoseRequest => return Ok(()),
            Fault::Hang => std::future::pending().await,
            Fault::Refuse(code) => Some(error(400, code, json!({}))),
            Fault::Fail(code) => Some(error(500, code, json!({}))),
            Fault::Throttle => Some(error(400, "ProvisionedThroughputExceededException", json!({}))),
            Fault::Error => Some(error(500, "InternalServerError", json!({}))),
            Fault::Conflict if operation == "TransactWriteItems" => {
                let reasons = json!([{ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }]);
                Some(error(400, "TransactionCanceledException", json!({ "CancellationReasons": reasons })))
            }
            Fault::Conflict if is_plain_write(&operation) => {
                Some(error(400, "TransactionConflictException", json!({})))
            }
            Fault::Delay(time) => {
                tokio::time::sleep(time).await;
                None
            }
            Fault::DelayResponse(time) => {
                late = time;
                None
            }
            Fault::Partial if operation == "BatchGetItem" => {
                left = leave_half(&mut request, "UnprocessedKeys");
                None
            }
            Fault::Partial if operation == "BatchWriteItem" => {
                left = leave_half(&mut request, "UnprocessedItems");
                None
            }
            Fault::LoseResponse => {
                exchange(&mut server, &request).await?;
                return Ok(());
            }
            Fault::Pass | Fault::Partial | Fault::Conflict => None,
        };
        let mut answer = match refused {
            Some(refused) => refused,
            None => exchange(&mut server, &request).await?,
        };
        tokio::time::sleep(late).await;
        if let Some(left) = left {
            say_unprocessed(&mut answer, left);
        }
        client.get_mut().write_all(&answer.bytes()).await?;
    }
}

/// Writes that DynamoDB rejects while a transaction is writing one of their items.
fn is_plain_write(operation: &str) -> bool {
    matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem")
}

async fn exchange(server: &mut BufReader<TcpStream>, request: &HttpMessage) -> Result<HttpMessage> {
    server.get_mut().write_all(&request.bytes()).await?;
    HttpMessage::read(server).await
}

fn error(status: u16, kind: &str, mut members: Value) -> HttpMessage {
    members["__type"] = format!("{ERRORS}{kind}").into();
    members["message"] = "injected".into();
    HttpMessage::answer(status, &members)
}

/// Removes half of a batch from a request. Returns that half, with the name of the member that reports it as
/// unprocessed.
fn leave_half(request: &mut HttpMessage, unprocessed: &'static str) -> Option<(&'static str, Value)> {
    let mut body: Value = serde_json::from_slice(&request.body).ok()?;
    let mut left = json!({});
    for (table, asked) in body["RequestItems"].as_object_mut()? {
        // Keys to read are in a member of a request; items to write are the request itself.
        let batch = if asked.is_array() { &mut *asked } else { &mut asked["Keys"] };
        let batch = batch.as_array_mut()?;
        let rest = batch.split_off(batch.len().div_ceil(2));
        if !rest.is_empty() && asked.is_array() {
            left[table] = rest.into();
        } else if !rest.is_empty() {
            left[table] = asked.clone();
            left[table]["Keys"] = rest.into();
        }
    }
    request.body = body.to_string().into_bytes();
    Some((unprocessed, left))
}

fn say_unprocessed(answer: &mut HttpMessage, (name, left): (&str, Value)) {
    if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
        body[name] = left;
        answer.body = body.to_string().into_bytes();
        answer.head.retain(|line| !line.to_ascii_lowercase().starts_with("x-amz-crc32"));
    }
}
