//! Counts the calls and the capacity units of DynamoDB that each request uses, in one place for every operation.

use aws_sdk_dynamodb::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemOutput;
use aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemOutput;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemOutput;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::put_item::PutItemOutput;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsOutput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemOutput;
use aws_sdk_dynamodb::types::ConsumedCapacity;
use aws_smithy_runtime_api::client::orchestrator::Metadata;

use crate::telemetry::usage;

/// Runs for every attempt of every call. DynamoDB reports capacity only if a call sets
/// `ReturnConsumedCapacity`.
#[derive(Debug)]
pub(super) struct CapacityMeter;

impl Intercept for CapacityMeter {
    fn name(&self) -> &'static str {
        "CapacityMeter"
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        usage::count_call(config.load::<Metadata>().map_or("unknown", Metadata::name));
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(output) = context.output_or_error() else { return Ok(()) };
        if let Some(output) = output.downcast_ref::<GetItemOutput>() {
            usage::count_read_units(units(output.consumed_capacity()));
        } else if let Some(output) = output.downcast_ref::<BatchGetItemOutput>() {
            usage::count_read_units(output.consumed_capacity().iter().map(|table| units(Some(table))).sum());
        } else if let Some(output) = output.downcast_ref::<QueryOutput>() {
            usage::count_read_units(units(output.consumed_capacity()));
        } else if let Some(output) = output.downcast_ref::<PutItemOutput>() {
            usage::count_write_units(units(output.consumed_capacity()));
        } else if let Some(output) = output.downcast_ref::<TransactWriteItemsOutput>() {
            usage::count_write_units(output.consumed_capacity().iter().map(|table| units(Some(table))).sum());
        } else if let Some(output) = output.downcast_ref::<BatchWriteItemOutput>() {
            usage::count_write_units(output.consumed_capacity().iter().map(|table| units(Some(table))).sum());
        } else if let Some(output) = output.downcast_ref::<UpdateItemOutput>() {
            usage::count_write_units(units(output.consumed_capacity()));
        } else if let Some(output) = output.downcast_ref::<DeleteItemOutput>() {
            usage::count_write_units(units(output.consumed_capacity()));
        }
        Ok(())
    }
}

fn units(capacity: Option<&ConsumedCapacity>) -> f64 {
    capacity.and_then(ConsumedCapacity::capacity_units).unwrap_or_default()
}
