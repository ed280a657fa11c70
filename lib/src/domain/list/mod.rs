//! Lists of resources: what is asked for, and where one page ends and the next begins.

mod cursor;
mod request;
mod shards;

pub use cursor::{Continuation, Cursor, CursorBinding};
pub use request::{
    DEFAULT_LIMIT, Filter, ListRequest, MAX_LIMIT, MAX_OFFSET, Page, PageStart, Position, Selection,
    SortField, SortOrder, TimeRange,
};
pub use shards::Shards;
