//! The `OpenAPI` document, and the page that shows it and sends requests. Both are made from the tables of
//! routes, kinds and problem types.

mod document;
mod examples;
mod fault_codes;
mod headers;
mod names;
mod operation;
mod page;
mod parameters;
mod responses;
mod schemas;
mod site;

pub use document::{collisions, document};
pub use fault_codes::FAULT_CODES;
pub use page::problem_table;
pub use schemas::input_schema;
pub use site::{DOCUMENT, PAGE, Site};
