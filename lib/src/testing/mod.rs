//! For tests and the developer's commands: the deployment's template, and an embedded DynamoDB with its tables.

#![allow(clippy::indexing_slicing, reason = "no function runs this code")]

mod dynamodb;
mod event_source;
mod example;
mod faults;
mod http_message;
mod iam;
mod recording_bus;
mod redis_server;
mod stream_index;
mod stream_record;
mod template;
mod test_store;
mod tokens;

pub use dynamodb::{EmbeddedDynamoDb, create_tables, local_client, local_config};
pub use event_source::{Delivery, EventSource};
pub use example::{EXAMPLE_ID, create_example};
pub use faults::{Fate, Faults, before_cache, before_dynamodb};
pub use http_message::HttpMessage;
pub use iam::with_permissions;
pub use recording_bus::RecordingBus;
pub use redis_server::RedisServer;
pub use stream_record::image;
pub use template::{Function, KeySchemaElement, StreamSource, Table, Template};
pub use test_store::TestStore;
pub use tokens::{caller, claims, sign};
