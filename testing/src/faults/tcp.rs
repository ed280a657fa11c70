//! A proxy in front of the cache's server.

use std::io::Result;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::Fault;

/// Starts a proxy in front of an address. `fate` decides on each piece of data in either direction: it is
/// delayed, the connection breaks, or it hangs. Other faults do not disturb it. Returns the proxy's address.
///
/// # Errors
/// If no port is free.
pub async fn cache_proxy(upstream: &str, fate: impl Fn() -> Fault + Send + Sync + 'static) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let upstream = upstream.to_owned();
    let fate = Arc::new(fate);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (upstream, fate) = (upstream.clone(), Arc::clone(&fate));
            tokio::spawn(async move {
                let Ok(server) = TcpStream::connect(upstream).await else { return };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                // When one direction ends, the other does, too.
                tokio::select! {
                    _ = pass(from_client, to_server, &*fate) => {}
                    _ = pass(from_server, to_client, &*fate) => {}
                }
            });
        }
    });
    Ok(address)
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    fate: &impl Fn() -> Fault,
) -> Result<()> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut piece).await?;
        match fate() {
            _ if length == 0 => return Ok(()),
            Fault::LoseRequest | Fault::LoseResponse => return Ok(()),
            Fault::Hang => std::future::pending().await,
            Fault::Delay(time) => tokio::time::sleep(time).await,
            _ => {}
        }
        to.write_all(piece.get(..length).unwrap_or_default()).await?;
    }
}
