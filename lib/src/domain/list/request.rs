//! What a list is asked for, and a page of it.

use crate::domain::{Continuation, Cursor, CursorBinding, Fields, Row, ShownStatus, Tenant, Timestamp};

/// The rows of a page when nothing else is asked.
pub const DEFAULT_LIMIT: usize = 20;
/// The most rows that a page may be asked for.
pub const MAX_LIMIT: usize = 100;
/// The most rows that a list may be asked to begin behind.
pub const MAX_OFFSET: usize = 1000;

/// A page to be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    /// Which resources.
    pub filter: Filter,
    /// In which order.
    pub order: SortOrder,
    /// How many rows the page may have.
    pub limit: usize,
    /// Where the page begins.
    pub start: PageStart,
    /// What is said of each.
    pub selection: Selection,
}

/// Which resources a list has: those that are all of this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// In one of these statuses, each named once.
    pub statuses: Vec<ShownStatus>,
    /// Created within this time.
    pub created: TimeRange,
    /// Last changed within this time.
    pub updated: TimeRange,
    /// Created by this subject.
    pub created_by: Option<String>,
}

/// A time between two moments, both outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    /// Later than this.
    pub after: Option<Timestamp>,
    /// Earlier than this.
    pub before: Option<Timestamp>,
}

/// The order of a list. Resources that are equal in it are in the order of their ids, so that it is total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortOrder {
    /// What decides.
    pub by: SortField,
    /// The greatest first, ids too.
    pub descending: bool,
}

/// What a list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortField {
    /// The time of creation, which is the order of ids.
    Created,
    /// The time of the last change.
    Updated,
    /// The folded name.
    Name,
}

impl SortField {
    /// Everything that a list can be sorted by.
    pub const ALL: [Self; 3] = [Self::Created, Self::Updated, Self::Name];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Name => "name",
        }
    }
}

impl SortOrder {
    /// What a list is sorted by when nothing else is asked: the newest first.
    pub const DEFAULT: Self = Self { by: SortField::Created, descending: true };

    /// The order of a word: what decides, with `-` in front for descending. `None` for any other word.
    pub fn parse(word: &str) -> Option<Self> {
        let (descending, word) = match word.strip_prefix('-') {
            Some(word) => (true, word),
            None => (false, word),
        };
        let by = SortField::ALL.into_iter().find(|by| by.as_str() == word)?;
        Some(Self { by, descending })
    }
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageStart {
    /// Behind this many rows.
    Offset(usize),
    /// Where the page before ended, as the client sent it.
    Cursor(Cursor),
}

/// What is said of each resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// Its fields.
    pub fields: Fields,
    /// And the summaries of the resources that it is related to.
    pub related: bool,
}

impl ListRequest {
    /// What a cursor of this list is good for: the tenant and everything that was asked, but not the page's size.
    pub fn binding(&self, tenant: &Tenant) -> CursorBinding {
        let Self { filter, order, selection, limit: _, start: _ } = self;
        let mut statuses: Vec<&str> = filter.statuses.iter().map(|status| status.as_str()).collect();
        statuses.sort_unstable();
        let moment = |moment: Option<Timestamp>| moment.map(|moment| moment.to_string()).unwrap_or_default();
        CursorBinding::new(&[
            tenant.as_str(),
            order.by.as_str(),
            if order.descending { "descending" } else { "ascending" },
            &statuses.join(","),
            &moment(filter.created.after),
            &moment(filter.created.before),
            &moment(filter.updated.after),
            &moment(filter.updated.before),
            filter.created_by.as_deref().unwrap_or_default(),
            &selection.fields.to_string(),
            if selection.related { "related" } else { "" },
        ])
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T = Row> {
    /// The rows, each with its position in the list.
    pub rows: Vec<(Position, T)>,
    /// Where the list goes on after them; `None` at its end.
    pub next: Option<Continuation>,
    /// The list that the rows are of.
    pub binding: CursorBinding,
}

/// A place in the total order of a list: the sort key of a row.
pub type Position = String;

impl<T> Page<T> {
    /// The cursor to where the list goes on after the first `count` rows; `None` at its end.
    pub fn cursor_after(&self, count: usize) -> Option<Cursor> {
        let behind = count.checked_sub(1).and_then(|last| self.rows.get(last));
        match behind {
            Some((position, _)) if count < self.rows.len() => {
                Some(Cursor::new(self.binding, &Continuation::behind(position.clone())))
            }
            _ => self.next.as_ref().map(|next| Cursor::new(self.binding, next)),
        }
    }
}
