use proptest::prelude::*;
use rstest::rstest;

use super::{all_of, everything, everything_of};
use crate::Error;
use crate::domain::tests::{ARTICLES, THINGS};
use crate::domain::{
    Condition, FieldValue, Kind, ListRequest, Operator, ResourceId, Shards, ShownStatus, Status, Timestamp,
};
use crate::repository::keys;
use crate::repository::listing::plan::Plan;
use crate::repository::range::Range;

const ID: &str = "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071";
const BEFORE_ID: &str = "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6070";
const AFTER_ID: &str = "019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6072";

fn plan_of(request: &ListRequest, position: Option<&str>, shards: u8) -> Result<Plan, Error> {
    Plan::new(&all_of(request.kind), request, position, 0, Shards::new(shards).unwrap())
}

fn plan(request: &ListRequest, position: Option<&str>) -> Plan {
    plan_of(request, position, 1).unwrap()
}

fn range(from: Option<&str>, to: Option<&str>) -> Range {
    Range { from: from.map(str::to_owned), to: to.map(str::to_owned) }
}

type Of = fn(Operator, Timestamp) -> Condition;

fn period(of: Of, after: &str, before: &str) -> [Condition; 2] {
    let moment = |text| Timestamp::parse(text).unwrap();
    [of(Operator::Greater, moment(after)), of(Operator::Less, moment(before))]
}

fn filtered(plan: &Plan) -> Vec<(&str, Operator)> {
    plan.filter.iter().map(|comparison| (comparison.path.as_str(), comparison.operator)).collect()
}

#[test]
fn each_order_has_its_index() {
    let index = |sort| plan(&everything(sort), None).index;
    assert_eq!((index("created").name, index("created").sort_key), ("by_created", "id"));
    assert_eq!((index("-updated").name, index("-updated").sort_key), ("by_updated", "updated_key"));
    assert_eq!((index("name").name, index("name").sort_key), ("by_1", "index_1"));
}

#[test]
fn there_is_a_partition_for_each_status_and_shard() {
    let mut request = everything("created");
    request.filter.statuses =
        ["archived", "draft"].map(|word| ShownStatus::parse(&ARTICLES, word).unwrap()).to_vec();
    let partitions = plan_of(&request, None, 3).unwrap().partitions;
    let partitions: Vec<_> = partitions.into_iter().map(|partition| partition.listing).collect();
    let expected = ["archived#0", "archived#1", "archived#2", "draft#0", "draft#1", "draft#2"];
    assert_eq!(partitions, expected.map(|partition| format!("default#articles#{partition}")));
}

#[rstest]
#[case::created(
    "created",
    range(Some("019abc52-7938"), Some("019abc52-793b")),
    &[("updated_at", Operator::Greater), ("updated_at", Operator::Less)]
)]
#[case::updated(
    "updated",
    range(Some("2026-01-01T00:00:00.000Z\u{2}"), Some("2026-01-01T00:00:00.004Z\u{1}")),
    &[("pk", Operator::GreaterOrEqual), ("pk", Operator::LessOrEqual)]
)]
#[case::name(
    "name",
    range(None, None),
    &[
        ("pk", Operator::GreaterOrEqual), ("pk", Operator::LessOrEqual),
        ("updated_at", Operator::Greater), ("updated_at", Operator::Less),
    ]
)]
fn a_time_is_a_part_of_its_own_key_and_a_filter_elsewhere(
    #[case] sort: &str,
    #[case] key: Range,
    #[case] filter: &[(&str, Operator)],
) {
    let mut request = everything(sort);
    let created = period(Condition::Created, "2025-11-25T18:41:52.951Z", "2025-11-25T18:41:52.955Z");
    let updated = period(Condition::Updated, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.004Z");
    request.filter.conditions = [created, updated].concat();
    let plan = plan(&request, None);
    assert_eq!(plan.range, key);
    assert_eq!(filtered(&plan), filter);
}

#[rstest]
#[case::down("-created", ID, range(None, Some(BEFORE_ID)))]
#[case::up("created", ID, range(Some(AFTER_ID), None))]
#[case::in_either_case("created", "019A1B2C-3D4E-7F60-8A1B-2C3D4E5F6071", range(Some(AFTER_ID), None))]
#[case::updated(
    "updated",
    "2026-01-01T00:00:00.000Z\u{1}019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071",
    range(Some("2026-01-01T00:00:00.000Z\u{1}019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6072"), None)
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
#[case("updated", "2026-01-01T00:00:00.000Z#019a1b2c-3d4e-7f60-8a1b-2c3d4e5f6071")]
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
    let moment = "2026-01-01T00:00:00Z";
    request.filter.conditions = period(Condition::Created, moment, moment).to_vec();
    assert!(plan(&request, None).partitions.is_empty());
    let mut request = everything("name");
    request.filter.conditions = period(Condition::Updated, moment, moment).to_vec();
    assert!(plan(&request, None).partitions.is_empty());
    let mut request = everything("-created");
    request.filter.conditions = period(Condition::Created, moment, "2027-01-01T00:00:00Z")[..1].to_vec();
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
    request.filter.conditions.push(Condition::CreatedBy("ada".to_owned()));
    let plan = plan(&request, None);
    assert_eq!(filtered(&plan), [("created_by", Operator::Equal)]);
    let rows = |round, partitions| plan.rows_to_read(21, round, partitions);
    assert_eq!(
        [rows(0, 1), rows(1, 1), rows(2, 1), rows(3, 1), rows(u32::MAX, 1)],
        [256, 1024, 4096, 4096, 4096]
    );
    assert_eq!([rows(0, 4), rows(0, 192), rows(3, 192)], [64, 21, 21]);
}

proptest! {
    /// The bounds of keys contain an id exactly if its time fulfils the condition.
    #[test]
    fn a_key_is_within_a_range_when_its_time_is(at in 0..6_u32, bound in 0..6_u32) {
        let moment = |at: u32| Timestamp::from_epoch(1_790_000_000, at * 1_000_000);
        let id = ResourceId::parse(&format!("{}-7000-8000-000000000000", keys::beginning_of_ids(moment(at)))).unwrap();
        let in_range = |range: Range, key: &str| {
            range.from.is_none_or(|from| &*from <= key) && range.to.is_none_or(|to| key <= &*to)
        };
        prop_assert_eq!(id.created_at(), moment(at));
        let operators = [Operator::Equal, Operator::Greater, Operator::GreaterOrEqual, Operator::Less, Operator::LessOrEqual];
        for operator in operators {
            let holds = operator.holds(&moment(at), &moment(bound));
            prop_assert_eq!(in_range(Range::of_ids(operator, moment(bound)), &id.to_string()), holds);
            let key = keys::sort_key(&keys::updated(moment(at)), id);
            prop_assert_eq!(in_range(Range::of_values(operator, &keys::updated(moment(bound))), &key), holds);
        }
    }
}

fn on(kind: &'static Kind, field: &str, operator: Operator, json: serde_json::Value) -> Condition {
    let field = kind.field_ref(field).unwrap();
    let value = FieldValue::for_comparison(kind.declaration(field).unwrap(), json).unwrap();
    Condition::Field(field, operator, value)
}

/// Rows with equal values in an index are in the order of creation.
#[rstest]
#[case("created", "by_2", &[])]
#[case("-created", "by_2", &[])]
#[case("updated", "by_updated", &["summary.open", "summary.size"])]
#[case("-price", "by_1", &["summary.open", "summary.size"])]
#[case("size", "by_5", &["summary.open"])]
fn the_first_index_with_an_equal_value_serves_the_order_of_creation(
    #[case] sort: &str,
    #[case] index: &str,
    #[case] filter: &[&str],
) {
    let mut request = everything_of(&THINGS, sort);
    let equal = |field, json| on(&THINGS, field, Operator::Equal, json);
    request.filter.conditions = vec![equal("size", "large".into()), equal("open", true.into())];
    let plan = plan(&request, None);
    assert_eq!(plan.index.name, index);
    let mut filtered: Vec<_> = filtered(&plan).into_iter().map(|(path, _)| path.to_owned()).collect();
    filtered.sort();
    let expected = if index == "by_2" { &["summary.size"][..] } else { filter };
    assert_eq!(filtered, expected);
    if index == "by_2" {
        assert_eq!(plan.range, range(Some("1\u{1}"), Some("1\u{2}")));
    }
}

#[test]
fn a_time_of_creation_narrows_what_is_equal() {
    let mut request = everything_of(&THINGS, "-created");
    request.filter.conditions =
        period(Condition::Created, "2025-11-25T18:41:52.951Z", "2025-11-25T18:41:52.955Z").to_vec();
    request.filter.conditions.push(on(&THINGS, "open", Operator::Equal, true.into()));
    let plan = plan(&request, None);
    assert_eq!(plan.range, range(Some("1\u{1}019abc52-7938"), Some("1\u{1}019abc52-793b")));
    assert!(plan.filter.is_empty());
}

#[test]
fn ranges_of_one_field_are_one_range_of_its_index() {
    let mut request = everything_of(&THINGS, "price");
    let price = |operator, json: i64| on(&THINGS, "price", operator, json.into());
    request.filter.conditions = vec![price(Operator::GreaterOrEqual, -1), price(Operator::Less, 20)];
    let plan_of_price = plan(&request, None);
    assert_eq!(plan_of_price.range, range(Some("-1258~\u{1}"), Some("11312\u{1}")));
    assert!(plan_of_price.filter.is_empty());
    request.filter.conditions = vec![price(Operator::Greater, 20), price(Operator::Less, 20)];
    assert!(plan(&request, None).partitions.is_empty());
}

/// Texts are compared in their folded form, which DynamoDB cannot compute.
#[test]
fn a_text_is_compared_here_where_its_own_index_does_not_decide() {
    let mut request = everything_of(&THINGS, "notes");
    request.filter.conditions = vec![on(&THINGS, "notes", Operator::GreaterOrEqual, "B".into())];
    let own = plan(&request, None);
    assert_eq!(own.range, range(Some("b\u{1}"), None));
    assert!(own.texts.is_empty() && own.filter.is_empty());
    request.order = everything_of(&THINGS, "price").order;
    let other = plan(&request, None);
    assert_eq!((other.texts.len(), other.filter.len()), (1, 0));
    assert_eq!(other.rows_to_read(21, 0, 1), 256);
}

#[test]
fn a_list_kept_together_is_one_partition_and_some_statuses_are_a_filter() {
    let mut request = everything_of(&THINGS, "created");
    let partition = |request: &ListRequest| {
        let mut partitions = plan(request, None).partitions.into_iter();
        let partitions: Vec<_> = partitions.by_ref().map(|it| (it.listing, it.statuses)).collect();
        partitions
    };
    assert_eq!(partition(&request), [("default#things##0".to_owned(), None)]);
    let status = |word| ShownStatus::Living(Status::parse(&THINGS, word).unwrap());
    request.filter.statuses = vec![status("open"), ShownStatus::Deleted];
    assert_eq!(
        partition(&request),
        [("default#things##0".to_owned(), Some(vec!["open"])), ("default#things#deleted#0".to_owned(), None),]
    );
}
