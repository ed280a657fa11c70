//! Finds rows in partitions beyond the configured number of shards.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, Select};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::Error;
use crate::domain::{Collection, Shards, ShownStatus};
use crate::repository::expression::Expression;
use crate::repository::{ResourceRepository, errors, keys};

/// The most concurrent queries.
const CONCURRENCY: usize = 16;

impl ResourceRepository {
    /// Whether a collection has rows in partitions that no list reads: one query of one row for each
    /// partition.
    ///
    /// # Errors
    /// If DynamoDB fails.
    pub async fn has_more_shards(&self, collection: &Collection) -> Result<bool, Error> {
        let mut statuses = ShownStatus::living(collection.kind);
        statuses.push(ShownStatus::Deleted);
        let partitions =
            |shards| keys::listings(collection, &statuses, shards).into_iter().map(|(name, _)| name);
        let read: HashSet<String> = partitions(self.shards).collect();
        let most = Shards::new(Shards::MAX).unwrap_or_default();
        let others = partitions(most).filter(|partition| !read.contains(partition));
        let queries = stream::iter(others.map(|partition| self.has_rows(partition)));
        let mut found = queries.buffer_unordered(CONCURRENCY);
        while let Some(found) = found.try_next().await? {
            if found {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn has_rows(&self, partition: String) -> Result<bool, Error> {
        let mut expression = Expression::default();
        let condition = expression.equals(keys::LISTING, partition);
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::BY_CREATED)
            .key_condition_expression(condition)
            .set_expression_attribute_names(expression.names())
            .set_expression_attribute_values(expression.values())
            .select(Select::Count)
            .limit(1)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(errors::translate)?;
        Ok(output.count > 0)
    }
}
