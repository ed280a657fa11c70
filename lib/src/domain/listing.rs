//! What a list is asked for, and a page of it.

use super::{Binding, Cursor, Status, Summary, Tenant};

/// The rows of a page when nothing else is asked.
pub const DEFAULT_LIMIT: usize = 20;
/// The most rows that a page may be asked for.
pub const MAX_LIMIT: usize = 100;

/// A page to be listed, newest resources first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    /// The statuses to list, each once.
    pub statuses: Vec<Status>,
    /// How many rows the page may have.
    pub limit: usize,
    /// Where the page before ended, as the client sent it.
    pub cursor: Option<Cursor>,
}

impl ListRequest {
    /// What a cursor of this list is good for: the tenant, the order and the statuses, but not the page's size.
    pub fn binding(&self, tenant: &Tenant) -> Binding {
        let mut statuses: Vec<&str> = self.statuses.iter().map(|status| status.as_str()).collect();
        statuses.sort_unstable();
        Binding::new([tenant.as_str(), "-created"].into_iter().chain(statuses))
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rows, newest first.
    pub items: Vec<Summary>,
    /// Where the next page starts; `None` on the last page.
    pub next_cursor: Option<Cursor>,
}
