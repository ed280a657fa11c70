//! For tests and the developer's commands: the deployment's template, and an embedded DynamoDB with its tables.

mod dynamodb;
mod template;
mod test_store;

pub use dynamodb::{EmbeddedDynamoDb, create_tables, local_client};
pub use template::{Function, HttpRoute, Table, Template};
pub use test_store::TestStore;
