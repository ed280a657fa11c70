//! The number and size of faults are bounded.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Fault, Faults, MAX_FAULTS, Pointer, quoted};
use crate::domain::tests::article;

/// The longest pointer, in bytes.
const LONGEST: usize = 1024;

/// Calls `then` with the place of these members below `at`.
fn below<T>(at: &Pointer<'_>, tokens: &[String], then: &dyn Fn(&Pointer<'_>) -> T) -> T {
    match tokens {
        [] => then(at),
        [first, rest @ ..] => below(&at.member(first), rest, then),
    }
}

proptest! {
    /// A pointer has as many of its tokens as fit in 1,024 bytes. So has the pointer of a part, once it is
    /// prefixed.
    #[test]
    fn a_pointer_is_cut_between_tokens(tokens in prop::collection::vec("[a~/é]{0,400}", 0..8), outer in 0..8_usize) {
        let (outer, inner) = tokens.split_at(outer.min(tokens.len()));
        let mut expected = String::new();
        for token in &tokens {
            let token = format!("/{}", token.replace('~', "~0").replace('/', "~1"));
            if expected.len() + token.len() > LONGEST {
                break;
            }
            expected.push_str(&token);
        }
        prop_assert_eq!(&below(&Pointer::Root, &tokens, &|at| at.to_string()), &expected);
        let faults = below(&Pointer::Root, inner, &|at| Faults::of(Fault::body(at, "code", "")));
        let faults = below(&Pointer::Root, outer, &|at| faults.clone().below(at));
        let said = serde_json::to_value(&faults).unwrap();
        prop_assert_eq!(said[0]["pointer"].as_str(), Some(expected.as_str()));
    }

    /// Whatever is wrong with a body, the faults in the response are bounded.
    #[test]
    fn what_is_said_of_a_body_is_bounded(
        names in prop::collection::vec("[a-c~/]{1,700}", 1..6),
        items in 1..200_usize,
    ) {
        let bad: Value = serde_json::from_str("1e999").unwrap();
        let mut value = json!(vec![bad; items]);
        for name in &names {
            value = json!({ name.as_str(): value, "B": 1 });
        }
        let faults = article(json!({ "name": 1, "attributes": value, "x": 2 })).unwrap_err();
        prop_assert_eq!(faults.count(), items + 2);
        let said = serde_json::to_value(&faults).unwrap();
        let said = said.as_array().unwrap();
        let last = usize::from(items + 2 > MAX_FAULTS);
        prop_assert_eq!(said.len(), (items + 2).min(MAX_FAULTS) + last);
        prop_assert!(said.iter().all(|fault| fault["pointer"].as_str().unwrap().len() <= LONGEST));
    }

    #[test]
    fn what_is_quoted_is_short(text in "\\PC{0,200}") {
        let quoted = quoted(&text);
        let longest_escape = "\\u{10ffff}".len();
        prop_assert!(quoted.chars().count() <= 60 * longest_escape + 3, "{}", quoted);
        prop_assert_eq!(quoted.ends_with('…'), text.chars().count() > 60);
    }
}

/// Places without a fault make no text: copying the long name for each of the items would take 80 GB.
#[test]
fn a_long_name_over_many_items_costs_nothing() {
    let (name, items) = ("k".repeat(500_000), "[],".repeat(160_000));
    let body = format!("{{\"name\":\"n\",\"attributes\":{{\"{name}\":[{items}[]]}}}}");
    assert!(article(serde_json::from_str(&body).unwrap()).is_ok());
}
