//! Lists of resources: what is asked for, and where one page ends and the next begins.

mod cursor;
mod request;
mod shards;

pub use cursor::{Continuation, Cursor, CursorBinding};
pub use request::{
    Condition, DEFAULT_LIMIT, Filter, ListRequest, MAX_LIMIT, MAX_OFFSET, Page, PageStart, Position,
    Selection, SortBy, SortOrder,
};
pub use shards::Shards;
