//! The library that the routes of Resource API share.
//! Calls go one way: `http → service → repository → domain`.

pub mod auth;
pub mod aws;
pub mod cache;
pub mod config;
pub mod deadline;
pub mod domain;
pub mod error;
pub mod events;
pub mod http;
pub mod idempotency;
pub mod rate_limit;
pub mod repository;
pub mod retry;
pub mod service;
pub mod start;
pub mod stream;
pub mod telemetry;

pub use error::Error;
