//! Compares the keywords of two alternatives of one type that restrict the value itself: enum, bounds,
//! pattern, format.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::alternatives::Alternative;
use super::directions::Direction;
use super::findings::Finding;
use super::values::{elements, order, same};

/// A bound, the direction in which it narrows, and the other bound that may imply it.
struct Bound(&'static str, Ordering, Option<&'static str>);

const BOUNDS: [Bound; 10] = [
    Bound("minLength", Ordering::Greater, None),
    Bound("maxLength", Ordering::Less, None),
    Bound("minItems", Ordering::Greater, None),
    Bound("maxItems", Ordering::Less, None),
    Bound("minProperties", Ordering::Greater, None),
    Bound("maxProperties", Ordering::Less, None),
    Bound("minimum", Ordering::Greater, Some("exclusiveMinimum")),
    Bound("maximum", Ordering::Less, Some("exclusiveMaximum")),
    Bound("exclusiveMinimum", Ordering::Greater, Some("minimum")),
    Bound("exclusiveMaximum", Ordering::Less, Some("maximum")),
];

/// Keywords that restrict values, and can only be compared for equality.
const IN_REQUESTS: [&str; 18] = [
    "pattern",
    "format",
    "multipleOf",
    "uniqueItems",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "propertyNames",
    "patternProperties",
    "dependentRequired",
    "dependentSchemas",
    "not",
    "if",
    "then",
    "else",
    "contentEncoding",
    "contentMediaType",
];

/// Keywords by which clients choose the type that they read a value into, so that any change breaks them.
/// Bounds and patterns of a response are not among them: no client depends on strict ones.
const IN_RESPONSES: [&str; 4] = ["format", "prefixItems", "contentEncoding", "contentMediaType"];

/// The changes of the enum that a client would notice.
pub(super) fn compare_enums(
    direction: Direction,
    sent: &Alternative,
    understood: &Alternative,
) -> Vec<Finding> {
    let Some(known) = understood.get("enum").filter(|_| direction.has_closed_enums()) else {
        return Vec::new();
    };
    let Some(values) = sent.get("enum") else {
        return vec![Finding::new(direction.misunderstands(&format!("values other than {}", list(known))))];
    };
    let is_unknown = |value: &&Value| !elements(known).any(|other| same(value, other));
    let unknown: Vec<Value> = elements(values).filter(is_unknown).cloned().collect();
    if unknown.is_empty() {
        return Vec::new();
    }
    vec![Finding::new(direction.misunderstands(&list(&Value::Array(unknown))))]
}

/// The changes of bounds, pattern, format and similar keywords that a client would notice.
pub(super) fn compare_limits(
    direction: Direction,
    sent: &Alternative,
    understood: &Alternative,
) -> Vec<Finding> {
    // The values of an enum are compared by `compare_enums`.
    if sent.get("enum").is_some() {
        return Vec::new();
    }
    let says = |keyword: &str, (old, new): (Option<&Value>, Option<&Value>)| {
        let text = |value: Option<&Value>| value.map_or_else(|| "none".to_owned(), Value::to_string);
        Finding::new(format!("{keyword} is now {}, was {}", text(new), text(old)))
    };
    let bounds = BOUNDS.iter().filter(|_| direction.is_request());
    let narrowed = bounds
        .filter(|bound| concerns(bound.0, sent) && is_narrowed(bound, sent, understood))
        .map(|Bound(keyword, ..)| says(keyword, (sent.get(keyword), understood.get(keyword))));
    let compared: &[&str] = if direction.is_request() { &IN_REQUESTS } else { &IN_RESPONSES };
    let changed = compared.iter().filter(|keyword| concerns(keyword, sent)).filter_map(|keyword| {
        let (one, other) = (sent.get(keyword), understood.get(keyword));
        let is_same = match (one, other) {
            // `false` restricts nothing, as in `"uniqueItems": false`.
            (_, Some(Value::Bool(false))) | (None, None) => true,
            (Some(one), Some(other)) => same(one, other),
            (None, Some(_)) => false,
            // It is harmless to send a format that is no longer required, but not to receive a new one.
            (Some(_), None) => direction.is_request(),
        };
        (!is_same).then(|| says(keyword, direction.turned(one, other)))
    });
    narrowed.chain(changed).collect()
}

/// Whether a bound refuses values that are sent.
fn is_narrowed(bound: &Bound, sent: &Alternative, understood: &Alternative) -> bool {
    let Bound(keyword, narrower, twin) = bound;
    let Some(limit) = understood.get(keyword).and_then(Value::as_number) else { return false };
    let zero = Number::from(0);
    let is_size = twin.is_none() && *narrower == Ordering::Greater;
    let own = sent.get(keyword).and_then(Value::as_number).or(is_size.then_some(&zero));
    let keeps = |sent: &Number| order(limit, sent).is_some_and(|order| order != *narrower);
    let twin_keeps = |twin: &Number| {
        // An inclusive bound implies an exclusive one only if it is inside.
        let is_inside = order(limit, twin) == Some(narrower.reverse());
        is_inside || (!keyword.starts_with("exclusive") && keeps(twin))
    };
    let twin = twin.and_then(|twin| sent.get(twin)).and_then(Value::as_number);
    !own.is_some_and(keeps) && !twin.is_some_and(twin_keeps)
}

/// Whether a keyword applies to values of the alternative's type.
fn concerns(keyword: &str, alternative: &Alternative) -> bool {
    let Some(kind) = alternative.kind.as_deref() else { return true };
    match keyword {
        "minLength" | "maxLength" | "pattern" | "contentEncoding" | "contentMediaType" => kind == "string",
        "minItems" | "maxItems" | "uniqueItems" | "prefixItems" | "contains" | "minContains"
        | "maxContains" => kind == "array",
        "minProperties" | "maxProperties" | "propertyNames" | "patternProperties" | "dependentRequired"
        | "dependentSchemas" => kind == "object",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            matches!(kind, "integer" | "number")
        }
        "format" => matches!(kind, "string" | "integer" | "number"),
        _ => true,
    }
}

/// The values of a list as a text.
fn list(values: &Value) -> String {
    elements(values).map(Value::to_string).collect::<Vec<_>>().join(", ")
}
