//! A proxy before DynamoDB that loses answers, at the level of HTTP, so that the real client meets it.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It takes place.
    Pass,
    /// The request does not arrive.
    LoseRequest,
    /// The request is served, and its answer does not arrive.
    LoseAnswer,
}

/// Starts a proxy before `upstream`, a URL. `fate` decides on each exchange, by the operation (`GetItem`). Gives its URL.
pub(crate) async fn start(upstream: &str, fate: impl Fn(&str) -> Fate + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let upstream = upstream.strip_prefix("http://").unwrap().to_owned();
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
    url
}

async fn serve(client: TcpStream, upstream: &str, fate: &impl Fn(&str) -> Fate) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let mut server = BufReader::new(TcpStream::connect(upstream).await?);
    loop {
        let request = message(&mut client).await?;
        let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
        let target = head.lines().find_map(|line| line.strip_prefix("x-amz-target:")).unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().trim().to_owned();
        let fate = fate(&operation);
        if fate == Fate::LoseRequest {
            return Ok(());
        }
        server.get_mut().write_all(&request).await?;
        let answer = message(&mut server).await?;
        if fate == Fate::LoseAnswer {
            return Ok(());
        }
        client.get_mut().write_all(&answer).await?;
    }
}

/// One HTTP/1.1 message whose body has a length.
async fn message(stream: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut length = 0;
    loop {
        let start = message.len();
        if stream.read_until(b'\n', &mut message).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&message[start..]).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let start = message.len();
    message.resize(start + length, 0);
    stream.read_exact(&mut message[start..]).await?;
    Ok(message)
}
