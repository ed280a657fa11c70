//! Writing many items without conditions: `BatchWriteItem`, the one function for all of it.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{DeleteRequest, PutRequest, ReturnConsumedCapacity, WriteRequest};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::errors;
use super::item::Item;
use crate::Error;
use crate::retry::Backoff;

/// DynamoDB's limit for the items of a call.
const MAX_ITEMS: usize = 25;
/// The calls that are made at the same time.
const CONCURRENCY: usize = 8;

/// An item to be put.
pub(super) fn put(item: Item) -> Result<WriteRequest, Error> {
    let put = PutRequest::builder().set_item(Some(item)).build().map_err(Error::defect)?;
    Ok(WriteRequest::builder().put_request(put).build())
}

/// An item to be deleted, by its key.
pub(super) fn delete(key: Item) -> Result<WriteRequest, Error> {
    let delete = DeleteRequest::builder().set_key(Some(key)).build().map_err(Error::defect)?;
    Ok(WriteRequest::builder().delete_request(delete).build())
}

/// Writes to a table, at most 25 items a call, asking again for those that DynamoDB leaves. No item may be named twice.
///
/// # Errors
/// [`Error::Unavailable`] when DynamoDB has not written all of them by the deadline. Some may be written then.
pub(super) async fn write_all(
    client: &Client,
    table: &str,
    requests: Vec<WriteRequest>,
) -> Result<(), Error> {
    let chunks: Vec<Vec<_>> = requests.chunks(MAX_ITEMS).map(<[_]>::to_vec).collect();
    let calls = chunks.into_iter().map(|chunk| write_chunk(client, table, chunk));
    stream::iter(calls).buffer_unordered(CONCURRENCY).try_collect().await
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
            // A transaction is changing one of the items.
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
