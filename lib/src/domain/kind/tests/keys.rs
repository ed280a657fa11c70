//! The order of index keys is the order of values.

use proptest::prelude::*;
use serde_json::Value;

use super::THINGS;
use crate::domain::kind::index_key::{IndexKey, MAX_SORT_KEY_LENGTH};
use crate::domain::{Decimal, FieldValue, Operator, ResourceId, exact_decimal, fold, index_key};

const OPERATORS: [Operator; 5] =
    [Operator::Equal, Operator::GreaterOrEqual, Operator::Greater, Operator::LessOrEqual, Operator::Less];

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("0".to_owned()),
        "-?[1-9][0-9]{0,5}",
        "-?0\\.0{0,4}[1-9][0-9]{0,3}",
        "-?[1-9](\\.[0-9]{0,36}[1-9])?e(-?[1-9][0-9]?|1[01][0-9]|-1[012][0-9])",
    ]
    .prop_map(|text| exact_decimal(&text).unwrap())
}

/// Short texts, and long ones that are cut at characters of every length.
fn text() -> impl Strategy<Value = String> {
    let long = ("[a-z]", 975..=990_usize, "[ab\u{7f}é\u{7ff}߿会\u{ffff}🚀\u{10ffff}]{0,6}");
    prop_oneof![
        "[a-cA-C éß会🚀]{0,5}",
        long.prop_map(|(letter, count, end)| format!("{}{end}", letter.repeat(count))),
    ]
}

fn key_of(field: &str, value: &FieldValue) -> IndexKey {
    index_key(THINGS.declaration(THINGS.field_ref(field).unwrap()).unwrap(), value).unwrap()
}

/// Whether a range contains a row.
fn takes_in(bound: &IndexKey, operator: Operator, row: &str) -> bool {
    let (from, to) = bound.bounds(operator);
    from.is_none_or(|from| *from <= *row) && to.is_none_or(|to| *row <= *to)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn numbers_sort_as_they_are(one in number(), other in number()) {
        let key = |text: &String| key_of("price", &FieldValue::Number(text.clone()));
        let values = [&one, &other].map(|text| Decimal::parse(text).unwrap());
        prop_assert_eq!(key(&one).text.cmp(&key(&other).text), values[0].cmp(&values[1]), "{} {}", one, other);
        let id = ResourceId::from_bytes([7; 16]);
        let row = format!("{}\u{1}{id}", key(&one).text);
        for operator in OPERATORS {
            prop_assert_eq!(takes_in(&key(&other), operator, &row), operator.holds(&values[0], &values[1]));
        }
    }

    /// A greater text never has a smaller key, and a range contains every row that it should. It contains
    /// others only if the key is cut; these are then filtered out by comparing values.
    #[test]
    fn texts_sort_as_their_folded_form(one in text(), other in text(), bytes in any::<[u8; 16]>()) {
        let folded = [fold(&one), fold(&other)];
        let key = |text: &String| key_of("notes", &FieldValue::Text(text.clone()));
        if folded[0] <= folded[1] {
            prop_assert!(key(&one).text <= key(&other).text);
        }
        let row = format!("{}\u{1}{}", key(&one).text, ResourceId::from_bytes(bytes));
        prop_assert!(row.len() <= MAX_SORT_KEY_LENGTH);
        for operator in OPERATORS {
            let holds = operator.holds(&folded[0], &folded[1]);
            let taken = takes_in(&key(&other), operator, &row);
            prop_assert!(taken || !holds, "{:?} leaves out a row", operator);
            prop_assert!(taken == holds || key(&other).cut, "{:?} takes in a row", operator);
        }
    }
}

#[test]
fn other_values_sort_as_they_are() {
    let value = |field: &str, json: Value| {
        let declared = THINGS.declaration(THINGS.field_ref(field).unwrap()).unwrap();
        key_of(field, &FieldValue::for_comparison(declared, json).unwrap()).text
    };
    assert!(value("open", false.into()) < value("open", true.into()));
    assert!(value("day", "2026-11-25".into()) < value("day", "2026-12-01".into()));
    assert!(
        value("at", "2026-11-25T10:00:00+02:00".into()) < value("at", "2026-11-25T08:00:00.0001Z".into())
    );
    assert!(value("size", "large".into()) < value("size", "small".into()));
}
