mod cut;
mod merge;
mod plan;

use crate::domain::tests::ARTICLES;
use crate::domain::{
    Collection, Fields, Filter, Kind, ListRequest, PageStart, Scope, Selection, ShownStatus, SortOrder,
    Tenant,
};

/// All resources of a kind of the default tenant.
pub(in crate::repository) fn all_of(kind: &'static Kind) -> Scope {
    Scope::all(Collection { tenant: Tenant::default(), kind })
}

/// A list of all articles, sorted by `sort`.
pub(in crate::repository) fn everything(sort: &str) -> ListRequest {
    everything_of(&ARTICLES, sort)
}

/// A list of all resources of a kind, sorted by `sort`.
pub(in crate::repository) fn everything_of(kind: &'static Kind, sort: &str) -> ListRequest {
    ListRequest {
        kind,
        filter: Filter { statuses: ShownStatus::living(kind), conditions: Vec::new() },
        order: SortOrder::parse(kind, sort).unwrap(),
        limit: 20,
        start: PageStart::Offset(0),
        selection: Selection { fields: kind.summary(), expand: Fields::NONE },
    }
}
