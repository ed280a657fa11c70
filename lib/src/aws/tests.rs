//! The connections that are opened at start.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use rstest::rstest;
use testing::{HttpMessage, local_config};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::{dynamodb_from, open_connections};

#[rstest]
#[case(0)]
#[case(1)]
#[case(2)]
#[tokio::test]
async fn requests_use_the_connections_that_were_opened_at_start(#[case] count: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let opened = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            opened.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut connection = BufReader::new(connection);
                while HttpMessage::read(&mut connection).await.is_ok() {
                    let response = HttpMessage::answer(200, &serde_json::json!({})).bytes();
                    connection.get_mut().write_all(&response).await.unwrap();
                }
            });
        }
    });
    let client = dynamodb_from(&local_config(&endpoint));
    open_connections(&client, count).await;
    assert_eq!(connections.load(Ordering::SeqCst), count);
    for call in join_all((0..count).map(|_| client.list_tables().send())).await {
        call.unwrap();
    }
    assert_eq!(connections.load(Ordering::SeqCst), count);
}
