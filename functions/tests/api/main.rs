//! Every route, from the gateway's event to its response. Each test has its own DynamoDB.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

mod access;
mod api_keys;
mod app;
mod batch_get_resources;
mod batch_write_resources;
mod cache;
mod compression;
mod create_resource;
mod delete_resource;
mod details;
mod docs;
mod events;
mod faults;
mod get_resource;
mod guarantees;
mod health;
mod idempotency;
mod imports;
mod json_bodies;
mod limits;
mod list_history;
mod list_model;
mod list_related;
mod list_resources;
mod logs;
mod owners;
mod permissions;
mod plain_soak;
mod preconditions;
mod process_changes;
mod replace_resource;
mod requests;
mod response_headers;
mod restore_resource;
mod search_resources;
mod shop;
mod uncertain_writes;
mod unmatched_request;
mod update_resource;
