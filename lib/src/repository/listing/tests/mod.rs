mod cut;
mod merge;
mod plan;

use crate::domain::{Fields, Filter, ListRequest, PageStart, Selection, ShownStatus, SortOrder, TimeRange};

/// A list of everything in some order.
pub(in crate::repository) fn everything(sort: &str) -> ListRequest {
    ListRequest {
        filter: Filter {
            statuses: ShownStatus::living(),
            created: TimeRange::default(),
            updated: TimeRange::default(),
            created_by: None,
        },
        order: SortOrder::parse(sort).unwrap(),
        limit: 20,
        start: PageStart::Offset(0),
        selection: Selection { fields: Fields::SUMMARY, related: false },
    }
}
