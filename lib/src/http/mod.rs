//! HTTP on AWS Lambda: request to typed input, result to response, and the pipeline between. The only place with
//! status codes.

mod change;
mod conditional;
mod count;
mod event;
mod function;
mod gate;
mod idempotency;
mod list_query;
mod media_type;
mod problem;
mod query;
mod reply;
mod request;
mod room;
mod route;
mod search_query;
mod selection;

pub use change::{change, change_many};
pub use conditional::etag;
pub use function::Function;
pub use gate::Gate;
pub use lambda_http::http::{HeaderMap, Method, StatusCode, header};
pub use reply::Reply;
pub use request::{JSON, MERGE_PATCH, Request};
pub use route::{Access, Cost, DefaultRoute, Route, path_matches};
