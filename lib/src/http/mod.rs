//! HTTP on AWS Lambda: parsing requests, building responses, and the pipeline between them. No other module
//! uses status codes.

mod asset;
mod body;
mod compression;
mod conditional;
mod description;
mod endpoint;
mod function;
mod gateway_event;
mod guard;
mod idempotency_key;
mod list_query;
mod media_type;
pub mod problem;
mod query;
mod request;
mod response;
mod response_budget;
mod route;
mod search_query;
mod selection;
mod token_cost;
mod write;

pub use asset::Asset;
pub use body::{JSON, MERGE_PATCH};
pub use conditional::etag;
pub use description::{Description, QueryParameters, RequestBody, RequestHeader, Success};
pub use function::Function;
pub use guard::Guard;
pub use lambda_http::http::{HeaderMap, Method, StatusCode, header};
pub use query::MAX_ITEMS;
pub use request::Request;
pub use response::Response;
pub use route::{DefaultRoute, Route, RouteAccess, TokenCost, path_matches};
pub use write::{write, write_batch};
