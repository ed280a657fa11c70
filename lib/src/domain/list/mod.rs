//! Lists of resources: requests, pages and cursors.

mod cursor;
mod request;
mod shards;

pub use cursor::{Continuation, Cursor, CursorBinding};
pub use request::{
    Condition, DEFAULT_LIMIT, Filter, ListRequest, MAX_LIMIT, MAX_OFFSET, Page, PageStart, Position,
    Selection, SortBy, SortOrder,
};
pub use shards::Shards;
