mod cut;
mod merge;
mod plan;

use crate::domain::{Fields, Filter, ListRequest, Order, Period, Selection, Start, Status};

/// A list of everything in some order.
pub(in crate::repository) fn everything(sort: &str) -> ListRequest {
    ListRequest {
        filter: Filter {
            statuses: Status::LIVING.to_vec(),
            created: Period::default(),
            updated: Period::default(),
            created_by: None,
        },
        order: Order::parse(sort).unwrap(),
        limit: 20,
        start: Start::Offset(0),
        selection: Selection { fields: Fields::SUMMARY, related: false },
    }
}
