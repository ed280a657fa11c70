//! The cost of a page of a list, at any depth and in any order.

use anyhow::{Context as _, Result};
use kinds::{KINDS, RESOURCES};
use resource_api::cache::Cache;
use resource_api::domain::{
    Caller, FieldValue, Fields, Filter, ListRequest, PageStart, Role, Selection, ShownStatus, SortOrder,
    Status,
};
use resource_api::repository::ResourceRepository;
use resource_api::service::ReadService;

use super::pages::{compare, measure, walk};
use crate::seed;

/// One resource in this number is archived.
const RARITY: u64 = 1000;
/// Words in the names, for search: one in all names, two in half of the names each, and one in the names of
/// archived resources.
pub(super) const COMMON_WORD: &str = "resource";
pub(super) const HALVES: [&str; 2] = ["left", "right"];
pub(super) const RARE_WORD: &str = "archived";
/// The number of the deep page.
const DEPTH: usize = 1000;

/// Fills the table, reads pages, and prints the calls and units of each. Fails if they differ.
pub(super) async fn run(repository: ResourceRepository, count: u64) -> Result<()> {
    let author = Caller::example(Role::User);
    let mut resources = Vec::new();
    for (number, resource) in (0..).zip(seed::resources(count, &author)) {
        let mut resource = resource?;
        let status = match number % RARITY {
            0 => "archived",
            at if at % 10 == 1 => "draft",
            _ => "active",
        };
        let half = if number % 2 == 0 { HALVES[0] } else { HALVES[1] };
        let rare = if number % RARITY == 0 { RARE_WORD } else { "" };
        let seeded = resource.values.named("name").and_then(FieldValue::as_text).unwrap_or_default();
        let name = format!("{seeded} {half} {COMMON_WORD} {rare}").trim_end().to_owned();
        resource.values =
            resource.values.with("name", FieldValue::Text(name)).with_status(status_of(status)?);
        resources.push(Ok(resource));
    }
    seed::write(&repository, &author.tenant, resources, count).await?;
    let service = ReadService::over(repository, Cache::default(), KINDS);

    let mut pages = Vec::new();
    let active = status_of("active")?;
    let first = list(active, "-created");
    pages.push(measure(&service, &author, "first page, status=active", &first).await?);
    let deep = walk(&service, &author, first, DEPTH).await?;
    pages.push(measure(&service, &author, &format!("page {DEPTH}, status=active"), &deep).await?);
    for sort in ["created", "-created", "updated", "-updated", "name", "-name"] {
        let request = list(active, sort);
        pages.push(measure(&service, &author, &format!("status=active&sort={sort}"), &request).await?);
    }
    for (status, share) in [("draft", "1 in 10"), ("archived", "1 in 1,000")] {
        let name = format!("status={status}, {share} resources");
        pages.push(measure(&service, &author, &name, &list(status_of(status)?, "-created")).await?);
    }
    compare(&format!("A page of 20 of {count} resources"), &pages)
}

/// The status with this name.
pub(super) fn status_of(word: &str) -> Result<Status> {
    Status::parse(&RESOURCES, word).with_context(|| format!("{word} is not a status"))
}

/// The first page of a list.
pub(super) fn list(status: Status, sort: &str) -> ListRequest {
    ListRequest {
        kind: &RESOURCES,
        filter: Filter { statuses: vec![ShownStatus::Living(status)], conditions: Vec::new() },
        order: SortOrder::parse(&RESOURCES, sort).unwrap_or(SortOrder::DEFAULT),
        limit: 20,
        start: PageStart::Offset(0),
        selection: Selection { fields: RESOURCES.summary(), expand: Fields::NONE },
    }
}
