//! Invalid parameters and cursors.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rstest::rstest;
use serde_json::json;

use super::names;
use crate::app::App;

#[rstest]
#[case::unknown("colour=red&sort2=x", &["colour unknown_parameter", "sort2 unknown_parameter"])]
#[case::another_case("Sort=name", &["Sort unknown_parameter"])]
#[case::no_name("=1", &[" unknown_parameter"])]
#[case::unknown_twice("colour=red&colour=blue", &["colour unknown_parameter"])]
#[case::repeated("limit=1&limit=1", &["limit repeated_parameter"])]
#[case::zero("limit=0", &["limit invalid_value"])]
#[case::over("limit=101", &["limit invalid_value"])]
#[case::signed("limit=%2B5", &["limit invalid_value"])]
#[case::word("limit=ten", &["limit invalid_value"])]
#[case::empty("limit=", &["limit invalid_value"])]
#[case::fraction("limit=1.5", &["limit invalid_value"])]
#[case::status("status=live,draft,", &["status invalid_value", "status invalid_value"])]
#[case::empty_status("status=", &["status invalid_value"])]
#[case::sort("sort=size", &["sort invalid_value"])]
#[case::empty_sort("sort=", &["sort invalid_value"])]
#[case::plus("sort=%2Bname", &["sort invalid_value"])]
#[case::two_sorts("sort=name,created", &["sort invalid_value"])]
#[case::sort_twice("sort=name&sort=name", &["sort repeated_parameter"])]
#[case::offset("offset=-1", &["offset invalid_value"])]
#[case::empty_offset("offset=", &["offset invalid_value"])]
#[case::offset_beyond("offset=1001", &["offset invalid_value"])]
#[case::offset_far_beyond("offset=99999999999999999999", &["offset invalid_value"])]
#[case::offset_and_cursor("offset=0&cursor=x", &["offset contradictory", "cursor contradictory"])]
#[case::no_time("created_at[gt]=yesterday", &["created_at[gt] invalid_value"])]
#[case::empty_time("created_at[lt]=", &["created_at[lt] invalid_value"])]
#[case::date_alone("updated_at[gt]=2026-11-22", &["updated_at[gt] invalid_value"])]
#[case::no_offset("updated_at[lt]=2026-11-22T06:57:40", &["updated_at[lt] invalid_value"])]
#[case::plus_unescaped("created_at[gt]=2026-11-22T06:57:40+01:00", &["created_at[gt] invalid_value"])]
#[case::beyond_9999("created_at[gt]=9999-12-31T23:59:59-01:00", &["created_at[gt] invalid_value"])]
#[case::time_twice(
    "created_at[gt]=2026-11-22T00:00:00Z&created_at[gt]=2026-11-22T00:00:00Z",
    &["created_at[gt] repeated_parameter"]
)]
#[case::backwards(
    "created_at[gt]=2026-11-22T00:00:01Z&created_at[lt]=2026-11-22T00:00:00Z",
    &["created_at[gt] contradictory", "created_at[lt] contradictory"]
)]
#[case::nobody("created_by=", &["created_by invalid_value"])]
#[case::nobody_so_long(&format!("created_by={}", "x".repeat(257)), &["created_by invalid_value"])]
#[case::field("fields=name,size", &["fields invalid_value"])]
#[case::fields_of_all_kinds("fields=*,size,,Name", &["fields invalid_value"; 3])]
#[case::no_fields("fields=", &["fields invalid_value"])]
#[case::fields_twice("fields=id&fields=name", &["fields repeated_parameter"])]
#[case::expand("expand=history", &["expand invalid_value"])]
#[case::no_expand("expand=", &["expand invalid_value"])]
#[case::all_at_once("status=x&limit=y&z=1", &["status invalid_value", "limit invalid_value", "z unknown_parameter"])]
#[tokio::test]
async fn every_fault_of_the_parameters_is_named(#[case] parameters: &str, #[case] faults: &[&str]) {
    let app = App::start().await;
    let response = app.get(&format!("/api/resources?{parameters}")).await;
    assert_eq!(response.faults(400, "invalid_query"), faults);
}

#[tokio::test]
async fn a_cursor_is_good_only_for_its_own_list() {
    let app = App::start().await;
    for number in 0..3 {
        app.created(json!({ "name": format!("{number}") })).await;
    }
    let page = app.get("/api/resources?limit=1&status=active,draft").await;
    let cursor = page.body["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    let with = |parameters: &str| app.get(&format!("/api/resources?{parameters}&cursor={cursor}"));

    assert_eq!(names(with("limit=5&status=draft,active").await.data(200).as_array().unwrap()), ["1", "0"]);
    for parameters in [
        "",
        "limit=1&status=active",
        "status=archived,active,draft",
        "status=active,draft&sort=created",
        "status=active,draft&sort=-updated",
        "status=active,draft&sort=name",
        "status=active,draft&created_at[gt]=2026-11-22T00:00:00Z",
        "status=active,draft&updated_at[lt]=2026-11-22T00:00:00Z",
        "status=active,draft&created_by=moderator",
        "status=active,draft&fields=*",
        "status=active,draft&expand=related",
    ] {
        let response = with(parameters).await;
        assert_eq!(response.faults(400, "invalid_cursor"), ["cursor invalid_cursor"], "{parameters}");
    }
    with("status=draft,active&sort=-created").await.data(200);

    let altered: BTreeSet<String> = (0..cursor.len())
        .map(|at| {
            let other = if &cursor[at..=at] == "A" { "B" } else { "A" };
            format!("{}{other}{}", &cursor[..at], &cursor[at + 1..])
        })
        .collect();
    let mut another_layout = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
    another_layout[0] -= 1;
    let another_layout = URL_SAFE_NO_PAD.encode(another_layout);
    let truncated = (0..cursor.len()).map(|length| cursor[..length].to_owned());
    let others = ["", "x", "%00", "é", &cursor[1..], &another_layout].map(str::to_owned);
    for broken in truncated.chain(others) {
        let response = app.get(&format!("/api/resources?status=active,draft&cursor={broken}")).await;
        assert_eq!(response.faults(400, "invalid_cursor"), ["cursor invalid_cursor"], "{broken}");
    }
    for broken in altered {
        let response = app.get(&format!("/api/resources?status=active,draft&cursor={broken}")).await;
        // An altered position may still be an id. It is then a position in the list, and grants no access.
        if response.status != 200 {
            assert_eq!(response.faults(400, "invalid_cursor"), ["cursor invalid_cursor"], "{broken}");
        }
    }
}

/// Cursors are not secret: a client can construct one with any position.
#[tokio::test]
async fn a_position_longer_than_a_key_can_be_is_no_cursor() {
    let app = App::start().await;
    for name in ["0", "1"] {
        app.created(json!({ "name": name })).await;
    }
    for sort in ["created", "-created", "updated", "-updated", "name", "-name"] {
        let page = app.get(&format!("/api/resources?limit=1&sort={sort}")).await;
        let cursor = page.body["pagination"]["next_cursor"].as_str().unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap();
        // The layout, the binding and the rows to skip precede the position.
        let (head, position) = bytes.split_at(11);
        let position = std::str::from_utf8(position).unwrap();
        let forged = match sort.trim_start_matches('-') {
            "updated" => position.replacen('Z', &format!("{}Z", "0".repeat(1_000)), 1),
            _ => format!("{}{position}", "0".repeat(1_000)),
        };
        let forged = URL_SAFE_NO_PAD.encode([head, forged.as_bytes()].concat());
        let response = app.get(&format!("/api/resources?limit=1&sort={sort}&cursor={forged}")).await;
        assert_eq!(response.faults(400, "invalid_cursor"), ["cursor invalid_cursor"], "{sort}");
    }
}
