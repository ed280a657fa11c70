//! A proxy before DynamoDB.

use std::io::{Error, ErrorKind, Result};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::Fate;

/// The name space of DynamoDB's errors.
const ERRORS: &str = "com.amazonaws.dynamodb.v20120810#";

/// Starts a proxy before a DynamoDB, a URL. `fate` decides on each exchange, by its operation (`GetItem`). Gives the
/// proxy's URL.
///
/// # Errors
/// When there is no port.
pub async fn before_dynamodb(
    upstream: &str,
    fate: impl Fn(&str) -> Fate + Send + Sync + 'static,
) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let upstream = upstream.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let fate = Arc::new(fate);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (upstream, fate) = (upstream.clone(), Arc::clone(&fate));
            tokio::spawn(async move {
                // A broken connection is what this is for.
                let _ = serve(client, &upstream, &*fate).await;
            });
        }
    });
    Ok(url)
}

/// Serves one connection, until it breaks.
async fn serve(client: TcpStream, upstream: &str, fate: &impl Fn(&str) -> Fate) -> Result<()> {
    let mut client = BufReader::new(client);
    let mut server = BufReader::new(TcpStream::connect(upstream).await?);
    loop {
        let mut request = Message::read(&mut client).await?;
        let operation = request.field("x-amz-target").rsplit('.').next().unwrap_or_default().to_owned();
        let mut left = None;
        let mut late = Duration::ZERO;
        let refused = match fate(&operation) {
            Fate::LoseRequest => return Ok(()),
            Fate::Hang => std::future::pending().await,
            Fate::Throttle => Some(error(400, "ProvisionedThroughputExceededException", json!({}))),
            Fate::Error => Some(error(500, "InternalServerError", json!({}))),
            Fate::Conflict if operation == "TransactWriteItems" => {
                let reasons = json!([{ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }]);
                Some(error(400, "TransactionCanceledException", json!({ "CancellationReasons": reasons })))
            }
            Fate::Delay(time) => {
                tokio::time::sleep(time).await;
                None
            }
            Fate::DelayAnswer(time) => {
                late = time;
                None
            }
            Fate::Partial if operation == "BatchGetItem" => {
                left = request.leave_half();
                None
            }
            Fate::LoseAnswer => {
                exchange(&mut server, &request).await?;
                return Ok(());
            }
            Fate::Pass | Fate::Partial | Fate::Conflict => None,
        };
        let mut answer = match refused {
            Some(refused) => refused,
            None => exchange(&mut server, &request).await?,
        };
        tokio::time::sleep(late).await;
        if let Some(left) = left {
            answer.say_unprocessed(&left);
        }
        client.get_mut().write_all(&answer.bytes()).await?;
    }
}

async fn exchange(server: &mut BufReader<TcpStream>, request: &Message) -> Result<Message> {
    server.get_mut().write_all(&request.bytes()).await?;
    Message::read(server).await
}

fn error(status: u16, kind: &str, mut members: Value) -> Message {
    members["__type"] = format!("{ERRORS}{kind}").into();
    members["message"] = "injected".into();
    let head =
        vec![format!("HTTP/1.1 {status} Injected"), "content-type: application/x-amz-json-1.0".to_owned()];
    Message { head, body: members.to_string().into_bytes() }
}

/// One HTTP/1.1 message whose body has a length.
struct Message {
    /// The first line and the fields, but for the length.
    head: Vec<String>,
    body: Vec<u8>,
}

impl Message {
    async fn read(stream: &mut BufReader<TcpStream>) -> Result<Self> {
        let (mut head, mut length) = (Vec::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end().to_owned();
            match line.to_ascii_lowercase().strip_prefix("content-length:") {
                Some(value) => length = value.trim().parse().map_err(Error::other)?,
                None if line.is_empty() => break,
                None => head.push(line),
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        Ok(Self { head, body })
    }

    fn field(&self, name: &str) -> &str {
        let fields = self.head.iter().filter_map(|line| line.split_once(':'));
        let mut values =
            fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim());
        values.next().unwrap_or_default()
    }

    fn bytes(&self) -> Vec<u8> {
        let head = format!("{}\r\ncontent-length: {}\r\n\r\n", self.head.join("\r\n"), self.body.len());
        [head.as_bytes(), &self.body].concat()
    }

    /// Takes half of a batch's keys away, and gives what is to be asked for them again.
    fn leave_half(&mut self) -> Option<Value> {
        let mut body: Value = serde_json::from_slice(&self.body).ok()?;
        let mut left = json!({});
        for (table, asked) in body["RequestItems"].as_object_mut()? {
            let keys = asked["Keys"].as_array_mut()?;
            let rest = keys.split_off(keys.len().div_ceil(2));
            if !rest.is_empty() {
                left[table] = asked.clone();
                left[table]["Keys"] = rest.into();
            }
        }
        self.body = body.to_string().into_bytes();
        Some(left)
    }

    fn say_unprocessed(&mut self, left: &Value) {
        if let Ok(mut body) = serde_json::from_slice::<Value>(&self.body) {
            body["UnprocessedKeys"] = left.clone();
            self.body = body.to_string().into_bytes();
            self.head.retain(|line| !line.to_ascii_lowercase().starts_with("x-amz-crc32"));
        }
    }
}
