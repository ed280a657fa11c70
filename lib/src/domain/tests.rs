use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

pub(crate) use super::kind::tests::{ARTICLES, KINDS, THINGS};
use super::*;
use crate::idempotency::IdempotentRequest;

proptest! {
    #[test]
    fn a_double_keeps_its_value(number in any::<f64>().prop_filter("in range", |n| {
        n.is_finite() && (*n == 0.0 || (1e-130..1e126).contains(&n.abs()))
    })) {
        let spelled = exact_decimal(&format!("{number:e}")).unwrap();
        prop_assert_eq!(spelled.parse::<f64>().unwrap().to_bits(), (number + 0.0).to_bits());
        prop_assert!(serde_json::from_str::<Value>(&spelled).is_ok());
    }

    #[test]
    fn folding_twice_is_folding_once(name in "\\PC{0,40}") {
        prop_assert_eq!(fold(&fold(&name)), fold(&name));
    }

    #[test]
    fn any_json_is_a_body_with_named_faults(body in json_strategy()) {
        match article(body) {
            Ok(values) => prop_assert_eq!(article(values.to_json()), Ok(values)),
            Err(faults) => prop_assert!(!faults.is_empty()),
        }
    }

    #[test]
    fn a_patch_with_the_values_themselves_changes_nothing(name in "[a-z]{1,9}", attributes in json_strategy()) {
        let body = json!({ "name": name, "attributes": { "a": attributes } });
        if let Ok(values) = article(body) {
            prop_assert_eq!(Patch::from(json!({ "name": name })).apply(&values), Ok(values));
        }
    }

    /// A text is parsed as `serde_json` parses it, except that duplicate member names are errors.
    #[test]
    fn a_json_text_is_read_as_what_it_says(value in json_strategy(), text in "[\\[\\]{}:,\"a0.eE-]{0,24}") {
        prop_assert_eq!(parse_json(&value.to_string()).unwrap(), value);
        let read = parse_json(&text).ok();
        prop_assert!(read.is_none() || read == serde_json::from_str(&text).ok());
        let refused = text.contains("\"a");
        prop_assert!(refused || read == serde_json::from_str(&text).ok());
    }

    /// Two bodies that differ only in the order of members are the same request.
    #[test]
    fn the_order_of_members_has_no_meaning_and_everything_else_has(one in json_strategy(), other in json_strategy()) {
        let caller = Caller { tenant: Tenant::default(), subject: "s".to_owned(), role: Role::User };
        let request = |body: &Value| {
            let body = serde_json::value::to_raw_value(body).unwrap();
            IdempotentRequest::new(&caller, "k", "POST", "/", Some(&body)).request
        };
        prop_assert_eq!(request(&one), request(&backwards(&one)));
        let text = |value: &Value| serde_json::to_string(&sorted(value)).unwrap();
        if text(&one) != text(&other) && !one.is_number() {
            prop_assert_ne!(request(&one), request(&other));
        }
    }

    #[test]
    fn any_text_is_a_cursor_or_none(text in "\\PC{0,80}", position in "\\PC{0,80}", skip in 0..=MAX_OFFSET) {
        let binding = CursorBinding::new(&["a"]);
        let _ = Cursor::from_client(text).continuation(binding);
        let next = Continuation { position, skip };
        prop_assert_eq!(Cursor::new(binding, &next).continuation(binding), Some(next));
    }
}

/// The values of an article.
pub(crate) fn article(body: Value) -> Result<Values, Faults> {
    Values::from_json(&ARTICLES, body)
}

pub(crate) fn json_strategy() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("JSON", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
        "-?[1-9][0-9]{0,37}",
        "-?[1-9]\\.[0-9]{1,37}[eE][-+]?1?[0-9]{1,2}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number.prop_map(|text| serde_json::from_str(&text).unwrap()),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(40, 60, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("(.{0,6}|~)", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The examples of RFC 7396, appendix A, with their documents as one attribute.
#[rstest]
#[case(json!({ "a": "b" }), json!({ "a": "c" }), json!({ "a": "c" }))]
#[case(json!({ "a": "b" }), json!({ "b": "c" }), json!({ "a": "b", "b": "c" }))]
#[case(json!({ "a": "b" }), json!({ "a": null }), json!({}))]
#[case(json!({ "a": "b", "b": "c" }), json!({ "a": null }), json!({ "b": "c" }))]
#[case(json!({ "a": ["b"] }), json!({ "a": "c" }), json!({ "a": "c" }))]
#[case(json!({ "a": "c" }), json!({ "a": ["b"] }), json!({ "a": ["b"] }))]
#[case(json!({ "a": { "b": "c" } }), json!({ "a": { "b": "d", "c": null } }), json!({ "a": { "b": "d" } }))]
#[case(json!({ "a": [{ "b": "c" }] }), json!({ "a": [1] }), json!({ "a": [1] }))]
#[case(json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"]))]
#[case(json!({ "a": "b" }), json!(["c"]), json!(["c"]))]
#[case(json!({ "e": null }), json!({ "a": 1 }), json!({ "e": null, "a": 1 }))]
#[case(json!([1, 2]), json!({ "a": "b", "c": null }), json!({ "a": "b" }))]
#[case(json!({}), json!({ "a": { "bb": { "ccc": null } } }), json!({ "a": { "bb": {} } }))]
fn patches_merge_as_the_rfc_says(#[case] original: Value, #[case] patch: Value, #[case] result: Value) {
    let body = |document: Value| json!({ "name": "n", "attributes": { "document": document } });
    let values = article(body(original)).unwrap();
    let patched = Patch::from(body(patch)).apply(&values).unwrap();
    assert_eq!(patched, article(body(result)).unwrap());
}

#[rstest]
#[case("STRASSE", "Straße")]
#[case("ﬁne", "FINE")]
#[case("Ⅷ", "viii")]
#[case("Ångström", "A\u{30a}NGSTRO\u{308}M")]
#[case("ΣΊΣΥΦΟΣ", "σίσυφος")]
fn names_that_differ_only_in_form_fold_alike(#[case] one: &str, #[case] other: &str) {
    assert_eq!(fold(one), fold(other));
}

#[test]
fn ids_of_one_millisecond_keep_their_order() {
    let now = Timestamp::now();
    let ids: Vec<_> = (0..1000).map(|_| ResourceId::generate(now)).collect();
    assert!(ids.is_sorted());
    assert!(ids[0].created_at() >= now);
}

#[rstest]
#[case("2026-11-22T06:57:40.123Z", Some("2026-11-22T06:57:40.123Z"))]
#[case("2026-11-22T07:57:40.1239+01:00", Some("2026-11-22T06:57:40.123Z"))]
#[case("2026-11-22T06:57:40Z", Some("2026-11-22T06:57:40.000Z"))]
#[case("2026-11-22", None)]
#[case("1969-12-31T23:59:59Z", Some("1970-01-01T00:00:00.000Z"))]
#[case("0000-01-01T00:00:00+23:59", Some("1970-01-01T00:00:00.000Z"))]
#[case("9999-12-31T23:59:59.999Z", Some("9999-12-31T23:59:59.999Z"))]
#[case("9999-12-31T23:59:59-00:01", None)]
#[case("now", None)]
fn a_time_is_rfc_3339(#[case] text: &str, #[case] written: Option<&str>) {
    assert_eq!(Timestamp::parse(text).map(|time| time.to_string()).as_deref(), written);
}

#[rstest]
#[case("2026-11-22T06:57:40.123Z", "2026-11-22T06:57:40.123Z")]
#[case("2026-11-22T06:57:40.1230001Z", "2026-11-22T06:57:40.124Z")]
#[case("2026-12-31T23:59:59.9999Z", "2027-01-01T00:00:00.000Z")]
#[case("1969-12-31T23:59:59.9999Z", "1970-01-01T00:00:00.000Z")]
#[case("9999-12-31T23:59:59.9999Z", "9999-12-31T23:59:59.999Z")]
fn a_time_is_rounded_up(#[case] text: &str, #[case] written: &str) {
    assert_eq!(Timestamp::parse_rounding_up(text).unwrap().to_string(), written);
}

#[test]
fn a_cursor_is_bound() {
    let next = Continuation::behind("position".to_owned());
    let cursor = Cursor::new(CursorBinding::new(&["ab", "c"]), &next);
    assert_eq!(cursor.continuation(CursorBinding::new(&["ab", "c"])), Some(next));
    assert_eq!(cursor.continuation(CursorBinding::new(&["a", "bc"])), None);
}

/// The same value, with the members of its objects in the opposite order.
fn backwards(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(backwards).collect(),
        Value::Object(members) => {
            members.iter().rev().map(|(name, value)| (name.clone(), backwards(value))).collect()
        }
        value => value.clone(),
    }
}

/// The same value, with the members of its objects in the order of their names.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            members.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect()
        }
        value => value.clone(),
    }
}

#[rstest]
#[case("Field notes", &["field", "notes"])]
#[case("  notes,notes – NOTES ", &["notes"])]
#[case("Café ÅNGSTRÖM e\u{301}", &["angstrom", "cafe", "e"])]
#[case("Łódź Ørsted Đà Nẵng DIŞ dış", &["da", "dis", "lodz", "nang", "orsted"])]
#[case("Straße ﬁn ２０２６ Ⅳ", &["2026", "fin", "iv", "strasse"])]
#[case("ΕΛΛΆΔΑΣ", &["ελλαδασ"])]
#[case("Ёлка Йод", &["елка", "иод"])]
#[case("report_2026.final-v2.pdf don't", &["2026", "don", "final", "pdf", "report", "t", "v2"])]
#[case("会议记录 テスト", &["テスト", "会", "录", "议", "记"])]
#[case("が か", &["か", "が"])]
#[case("한국어", &["한국어"])]
#[case("हिन्दी भाषा", &["भाषा", "हिन्दी"])]
#[case("مَرْحَبًا שָׁלוֹם", &["שלום", "مرحبا"])]
#[case("🚀 … !", &[])]
fn a_text_has_these_words(#[case] text: &str, #[case] words: &[&str]) {
    assert_eq!(Words::of(text).iter().collect::<Vec<_>>(), words);
}

#[rstest]
#[case("field notes", Some(Match::WholeWords))]
#[case("NOTES", Some(Match::WholeWords))]
#[case("fi notes", Some(Match::Beginnings))]
#[case("field notess", None)]
#[case("otes", None)]
#[case("field notes more", None)]
fn a_query_matches_a_name(#[case] query: &str, #[case] expected: Option<Match>) {
    assert_eq!(Words::of(query).matches(&Words::of("Field notes, n")), expected);
}

#[test]
fn what_a_change_was_is_told_by_before_and_after() {
    let values = article(json!({ "name": "n" })).unwrap();
    let living = Resource::new(values, &Caller::example(Role::User), Timestamp::now());
    let deleted = Resource { purge_at: Some(Timestamp::now()), ..living.clone() };
    assert_eq!(HistoryAction::between(None, &living), HistoryAction::Created);
    assert_eq!(HistoryAction::between(Some(&living), &living), HistoryAction::Updated);
    assert_eq!(HistoryAction::between(Some(&living), &deleted), HistoryAction::Deleted);
    assert_eq!(HistoryAction::between(Some(&deleted), &living), HistoryAction::Restored);
}

/// A row that is read again belongs to the list only if all conditions still hold.
#[test]
fn a_filter_knows_which_resources_are_its_own() {
    let values =
        Values::from_json(&THINGS, json!({ "code": "A", "price": 10, "notes": "Straße", "open": true }))
            .unwrap();
    let thing = Resource::new(values, &Caller::example(Role::User), Timestamp::now());
    let holds = |condition: Condition| {
        Filter { statuses: ShownStatus::living(&THINGS), conditions: vec![condition] }.has(&thing)
    };
    let on = |field: &str, operator, json| {
        let field = THINGS.field_ref(field).unwrap();
        let value = FieldValue::for_comparison(THINGS.declaration(field).unwrap(), json).unwrap();
        holds(Condition::Field(field, operator, value))
    };
    assert!(on("price", Operator::Equal, json!(10.0)) && on("price", Operator::Greater, json!(9.99)));
    assert!(!on("price", Operator::Less, json!(10)) && on("price", Operator::LessOrEqual, json!(10)));
    assert!(
        on("notes", Operator::Equal, json!("STRASSE")) && !on("notes", Operator::Greater, json!("strasse"))
    );
    assert!(on("open", Operator::Equal, json!(true)) && !on("open", Operator::Equal, json!(false)));
    assert!(!on("day", Operator::GreaterOrEqual, json!("2026-01-01")), "what is null is in no range");
    assert!(holds(Condition::CreatedBy("user".to_owned())) && !holds(Condition::CreatedBy("ada".to_owned())));
    assert!(holds(Condition::Created(Operator::Equal, thing.id.created_at())));
    assert!(!holds(Condition::Updated(Operator::Less, thing.updated_at)));
    assert!(!Filter::default().has(&thing), "in no status");
}
