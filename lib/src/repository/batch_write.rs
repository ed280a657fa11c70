//! `BatchWriteItem`: the only function that writes many items without conditions.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, ReturnConsumedCapacity, WriteRequest};
use futures_util::TryStreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::errors;
use super::item::Item;
use crate::Error;
use crate::retry::Backoff;

/// DynamoDB's limit for the items of a call.
const MAX_ITEMS: usize = 25;
/// The most concurrent calls.
const CONCURRENCY: usize = 8;

/// A request to put an item.
pub(super) fn put(item: Item) -> Result<WriteRequest, Error> {
    let put = PutRequest::builder().set_item(Some(item)).build().map_err(Error::defect)?;
    Ok(WriteRequest::builder().put_request(put).build())
}

/// A request to delete an item by its key.
pub(super) fn delete(key: Item) -> Result<WriteRequest, Error> {
    let delete = DeleteRequest::builder().set_key(Some(key)).build().map_err(Error::defect)?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}

/// Writes to a table, at most 25 items a call, and requests unprocessed items again. No item may occur twice.
/// Requests are built call by call, because all of them together may be large.
///
/// # Errors
/// [`Error::Unavailable`] if DynamoDB has not written all of them by the deadline. Some may have been
/// written.
pub(super) async fn write_all<T: Sync>(
    client: &Client,
    table: &str,
    items: &[T],
    request: impl Fn(&T) -> Result<WriteRequest, Error> + Sync,
) -> Result<(), Error> {
    let mut calls = FuturesUnordered::new();
    for chunk in items.chunks(MAX_ITEMS) {
        if calls.len() == CONCURRENCY {
            calls.try_next().await?;
        }
        let requests = chunk.iter().map(&request).collect::<Result<Vec<_>, _>>()?;
        calls.push(write_chunk(client, table, requests));
    }
    calls.try_collect().await
}

async fn write_chunk(client: &Client, table: &str, mut requests: Vec<WriteRequest>) -> Result<(), Error> {
    let mut waits = Backoff::until_the_deadline();
    loop {
        let output = client
            .batch_write_item()
            .request_items(table, requests.clone())
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match output.map_err(errors::translate) {
            Ok(output) => {
                requests = output
                    .unprocessed_items
                    .and_then(|mut tables: HashMap<_, _>| tables.remove(table))
                    .unwrap_or_default();
            }
            // A transaction is writing one of the items, so this call is repeated.
            Err(Error::WriteConflict) => {}
            Err(error) => return Err(error),
        }
        if requests.is_empty() {
            return Ok(());
        }
        let Some(wait) = waits.next() else {
            return Err(Error::Unavailable("DynamoDB has left items unprocessed until the deadline".into()));
        };
        tokio::time::sleep(wait).await;
    }
}
