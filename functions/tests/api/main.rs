//! Every route, from the gateway's event to its response, over a DynamoDB of each test's own.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod access;
mod app;
mod batch_get_resources;
mod batch_write_resources;
mod create_resource;
mod delete_resource;
mod events;
mod get_resource;
mod health;
mod idempotency;
mod limits;
mod list_model;
mod list_related;
mod list_resources;
mod logs;
mod preconditions;
mod proxy;
mod replace_resource;
mod requests;
mod restore_resource;
mod update_resource;
