//! Stand-ins for AWS and the network, for tests and the developer's commands: an embedded DynamoDB with the
//! template's tables, IAM permissions, an event source mapping and its dead letters, an event bus, a Redis
//! server, injected faults.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "no function runs this code"
)]

mod dead_letter;
mod dynamodb;
mod event_source;
mod example;
mod faults;
mod http_message;
mod iam;
mod moto;
mod recording_bus;
mod redis_server;
mod stream_index;
mod stream_record;
mod template;
mod test_store;
mod tokens;

pub use dead_letter::DeadLetter;
pub use dynamodb::{
    EmbeddedDynamoDb, create_table, create_tables, ensure_same, local_config, stream_specification,
};
pub use event_source::{Delivery, EventSource};
pub use example::{EXAMPLE_ID, EXAMPLE_KIND, example};
pub use faults::{Fault, Faults, cache_proxy, dynamodb_proxy};
pub use http_message::HttpMessage;
pub use iam::with_permissions;
pub use moto::moto;
pub use recording_bus::RecordingBus;
pub use redis_server::RedisServer;
pub use stream_record::image;
pub use template::{Function, KeySchemaElement, StreamSource, Table, Template};
pub use test_store::TestStore;
pub use tokens::{claims, sign};
