use proptest::prelude::*;
use rstest::rstest;

use super::everything;
use crate::Error;
use crate::domain::{ListRequest, ResourceId, Shards, ShownStatus, Status, Tenant, TimeRange, Timestamp};
use crate::repository::keys;
use crate::repository::listing::plan::Plan;
use crate::repository::range::Range;

const ID: &str = "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071";
const BEFORE_ID: &str = "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6070";
const AFTER_ID: &str = "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6072";

fn plan_of(request: &ListRequest, position: Option<&str>, shards: u8) -> Result<Plan, Error> {
    Plan::new(&Tenant::default(), request, position, 0, Shards::new(shards).unwrap())
}

fn plan(request: &ListRequest, position: Option<&str>) -> Plan {
    plan_of(request, position, 1).unwrap()
}

fn range(from: Option<&str>, to: Option<&str>) -> Range {
    Range { from: from.map(str::to_owned), to: to.map(str::to_owned) }
}

fn period(after: &str, before: &str) -> TimeRange {
    TimeRange { after: Timestamp::parse(after), before: Timestamp::parse(before) }
}

#[test]
fn each_order_has_its_index() {
    let index = |sort| plan(&everything(sort), None).index;
    assert_eq!((index("created").name, index("created").sort_key), ("by_created", "id"));
    assert_eq!((index("-updated").name, index("-updated").sort_key), ("by_updated", "updated_key"));
    assert_eq!((index("name").name, index("name").sort_key), ("by_name", "name_key"));
}

#[test]
fn there_is_a_partition_for_each_status_and_shard() {
    let mut request = everything("created");
    request.filter.statuses =
        vec![Status::Archived, Status::Draft].into_iter().map(ShownStatus::Living).collect();
    let partitions = plan_of(&request, None, 3).unwrap().partitions;
    let expected = ["archived#0", "archived#1", "archived#2", "draft#0", "draft#1", "draft#2"];
    assert_eq!(partitions, expected.map(|partition| format!("default#{partition}")));
}

#[rstest]
#[case::created("created", range(Some("019abc52-7938"), Some("019abc52-793b")), &["updated_at"])]
#[case::updated(
    "updated",
    range(Some("2026-01-01T00:00:00.001Z"), Some("2026-01-01T00:00:00.004Z")),
    &["id"]
)]
#[case::name("name", range(None, None), &["id", "updated_at"])]
fn a_time_is_a_part_of_its_own_key_and_a_filter_elsewhere(
    #[case] sort: &str,
    #[case] key: Range,
    #[case] filter: &[&str],
) {
    let mut request = everything(sort);
    request.filter.created = period("2025-11-25T18:41:52.951Z", "2025-11-25T18:41:52.955Z");
    request.filter.updated = period("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.004Z");
    let plan = plan(&request, None);
    assert_eq!(plan.range, key);
    assert_eq!(plan.filter.iter().map(|(attribute, _)| *attribute).collect::<Vec<_>>(), filter);
    for (attribute, range) in plan.filter {
        let expected = match attribute {
            "id" => Range { from: Some("019abc52-7938".into()), to: Some("019abc52-793b".into()) },
            _ => Range {
                from: Some("2026-01-01T00:00:00.001Z".into()),
                to: Some("2026-01-01T00:00:00.003Z".into()),
            },
        };
        assert_eq!(range, expected);
    }
}

#[rstest]
#[case::down("-created", ID, range(None, Some(BEFORE_ID)))]
#[case::up("created", ID, range(Some(AFTER_ID), None))]
#[case::in_either_case("created", "019A1B2C-3D4E-7F60-8A1B-2C3D4E5F6071", range(Some(AFTER_ID), None))]
#[case::updated(
    "updated",
    "2026-01-01T00:00:00.000Z#019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071",
    range(Some("2026-01-01T00:00:00.000Z#019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6072"), None)
)]
#[case::name(
    "-name",
    "ab\u{1}019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071",
    range(None, Some("ab\u{1}019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6070"))
)]
fn a_page_begins_right_behind_a_position(
    #[case] sort: &str,
    #[case] position: &str,
    #[case] expected: Range,
) {
    assert_eq!(plan(&everything(sort), Some(position)).range, expected);
}

#[rstest]
#[case("created", "")]
#[case("created", "x")]
#[case("created", "x019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071")]
#[case("updated", "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071")]
#[case("updated", "yesterday#019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071")]
#[case("name", "ab#019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071")]
#[case("name", "ab\u{1}019a1b2c-3d4e-7f60-8a1b-2c3d4e5f607")]
#[case("name", &format!("{}\u{1}019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071", "x".repeat(988)))]
fn what_is_no_position_of_the_order_is_refused(#[case] sort: &str, #[case] position: &str) {
    let planned = plan_of(&everything(sort), Some(position), 1);
    assert!(matches!(planned, Err(Error::InvalidCursor)), "{planned:?}");
}

#[test]
fn nothing_is_asked_where_nothing_can_be() {
    let mut request = everything("created");
    let moment = Timestamp::parse("2026-01-01T00:00:00Z");
    request.filter.created = TimeRange { after: moment, before: moment };
    assert!(plan(&request, None).partitions.is_empty());
    let mut request = everything("name");
    request.filter.updated = TimeRange { after: moment, before: moment };
    assert!(plan(&request, None).partitions.is_empty());
    let mut request = everything("-created");
    request.filter.created = TimeRange { after: moment, before: None };
    assert!(plan(&request, Some("00000000-0000-7000-8000-000000000000")).partitions.is_empty());
}

#[test]
fn a_query_asks_for_no_more_than_the_page_can_need() {
    let of = |shards| plan_of(&everything("created"), None, shards).unwrap();
    assert_eq!(of(1).wanted(), 21);
    assert_eq!(of(1).rows_to_read(21, 0, 3), 21);
    assert_eq!(of(1).rows_to_read(2, 1, 3), 2);
    assert_eq!(of(16).rows_to_read(101, 0, 48), 22);
    assert_eq!(of(16).rows_to_read(3, 1, 2), 3);
}

#[test]
fn a_filter_reads_more_with_each_round_up_to_a_bound() {
    let mut request = everything("created");
    request.filter.created_by = Some("ada".to_owned());
    let plan = plan(&request, None);
    assert_eq!(plan.filter, [("created_by", Range::only("ada"))]);
    let rows = |round, partitions| plan.rows_to_read(21, round, partitions);
    assert_eq!(
        [rows(0, 1), rows(1, 1), rows(2, 1), rows(3, 1), rows(u32::MAX, 1)],
        [256, 1024, 4096, 4096, 4096]
    );
    assert_eq!([rows(0, 4), rows(0, 192), rows(3, 192)], [64, 21, 21]);
}

proptest! {
    /// The bounds of keys decide as the times themselves do.
    #[test]
    fn a_key_is_within_a_period_when_its_time_is(at in 0..6_u32, after in prop::option::of(0..6_u32), before in prop::option::of(0..6_u32)) {
        let moment = |at: u32| Timestamp::from_epoch(1_790_000_000, at * 1_000_000);
        let period = TimeRange { after: after.map(moment), before: before.map(moment) };
        let within = after.is_none_or(|after| at > after) && before.is_none_or(|before| at < before);
        let id = ResourceId::parse(&format!("{}-7000-8000-000000000000", keys::beginning_of_ids(moment(at)))).unwrap();
        let in_range = |range: Range, key: &str| {
            range.from.is_none_or(|from| &*from <= key) && range.to.is_none_or(|to| key <= &*to)
        };
        prop_assert_eq!(id.created_at(), moment(at));
        prop_assert_eq!(in_range(Range::of_ids(period), &id.to_string()), within);
        prop_assert_eq!(in_range(Range::of_updated_keys(period), &keys::updated(moment(at), id)), within);
        prop_assert_eq!(in_range(Range::of_times(period), &moment(at).to_string()), within);
    }
}
