//! Splits a schema into alternatives: objects of keywords, each for values of one type.

use std::collections::BTreeSet;

use serde_json::Value;

use super::merging::{Keywords, merged};
use super::references::target;
use super::values::{elements, kind, kind_fits};

/// A deeper nesting of `allOf`, `anyOf` and references is that of a schema that contains itself.
const MAX_DEPTH: usize = 20;

/// Keywords that do not affect which values are valid.
const ANNOTATIONS: [&str; 16] = [
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "example",
    "examples",
    "externalDocs",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// One way for a value to be valid.
pub(super) struct Alternative {
    /// The type of the values; `None` for any.
    pub(super) kind: Option<String>,
    /// The reference to the component that the alternative is part of; `None` if it is written in place, or
    /// merged from several.
    pub(super) component: Option<String>,
    keywords: Keywords,
}

impl Alternative {
    /// The value of a keyword, if it is present.
    pub(super) fn get(&self, keyword: &str) -> Option<&Value> {
        self.keywords.get(keyword)
    }

    /// The value of a keyword. If it is absent, null, which has no members and, as a schema, permits
    /// everything.
    pub(super) fn list(&self, keyword: &str) -> &Value {
        self.get(keyword).unwrap_or(&Value::Null)
    }

    /// The name of its values in messages.
    pub(super) fn name(&self) -> &str {
        match self.kind.as_deref() {
            None => "anything",
            Some("array") => "an array",
            Some("boolean") => "a boolean",
            Some("integer") => "an integer",
            Some("number") => "a number",
            Some("object") => "an object",
            Some("string") => "a string",
            Some(other) => other,
        }
    }

    /// Whether its objects have no other properties than the listed ones.
    pub(super) fn is_closed(&self) -> bool {
        ["additionalProperties", "unevaluatedProperties"].iter().any(|keyword| self.list(keyword) == false)
    }

    /// Whether it has values of a type.
    pub(super) fn may_be(&self, kind: &str) -> bool {
        self.kind.as_deref().is_none_or(|own| own == kind)
    }
}

/// The alternatives of a schema in a document: references are resolved, `allOf` is merged, `anyOf` and lists
/// of types are expanded. `None` if a reference has no target.
pub(super) fn alternatives(document: &Value, schema: &Value) -> Option<Vec<Alternative>> {
    Some(branches(document, schema, 0)?.into_iter().flat_map(by_kind).collect())
}

/// An alternative that may still have several types.
#[derive(Clone, Default)]
struct Branch {
    component: Option<String>,
    keywords: Keywords,
}

impl Branch {
    /// The conjunction of both branches. It is a component only if all its keywords come from that.
    fn with(&self, other: &Self) -> Self {
        if self.keywords.is_empty() {
            return other.clone();
        }
        let component = self.component.clone().filter(|_| other.keywords.is_empty());
        Self { component, keywords: merged(self.keywords.clone(), other.keywords.clone()) }
    }
}

/// The alternatives of a schema at a depth below the first, still with lists of types.
fn branches(document: &Value, schema: &Value, depth: usize) -> Option<Vec<Branch>> {
    let map = match schema {
        Value::Bool(false) => return Some(Vec::new()),
        Value::Object(map) => map,
        // An absent schema permits everything, as `true` does.
        _ => return Some(vec![Branch::default()]),
    };
    let mut own = without_annotations(map);
    let [reference, all, any, one] = ["$ref", "allOf", "anyOf", "oneOf"].map(|keyword| own.remove(keyword));
    if let Some(value) = own.remove("const") {
        own = merged(own, Keywords::from_iter([("enum".to_owned(), Value::Array(vec![value]))]));
    }
    let mut list = vec![Branch { component: None, keywords: own }];
    if depth > MAX_DEPTH {
        return Some(list);
    }
    if let Some(text) = reference.as_ref().and_then(Value::as_str) {
        let mut options = branches(document, target(document, text)?, depth + 1)?;
        for option in &mut options {
            option.component.get_or_insert_with(|| text.to_owned());
        }
        list = product(&list, &options);
    }
    for schema in all.iter().flat_map(elements) {
        list = product(&list, &branches(document, schema, depth + 1)?);
    }
    // `oneOf` is treated as `anyOf`: the schemas alone do not show whether exactly one matches.
    for group in [any, one].into_iter().flatten() {
        let options: Option<Vec<_>> =
            elements(&group).map(|schema| branches(document, schema, depth + 1)).collect();
        list = product(&list, &options?.concat());
    }
    Some(list)
}

/// The keywords that affect which values are valid.
pub(super) fn without_annotations(schema: &Keywords) -> Keywords {
    let is_annotation = |keyword: &str| ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-");
    schema
        .iter()
        .filter(|(keyword, _)| !is_annotation(keyword))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

/// Combines each branch with each option.
fn product(list: &[Branch], options: &[Branch]) -> Vec<Branch> {
    list.iter().flat_map(|branch| options.iter().map(|option| branch.with(option))).collect()
}

/// The alternatives of a branch: one for each of its types, or one without a type.
fn by_kind(branch: Branch) -> Vec<Alternative> {
    let kinds: BTreeSet<&str> = match (branch.keywords.get("type"), branch.keywords.get("enum")) {
        (Some(Value::String(kind)), _) => BTreeSet::from([kind.as_str()]),
        (Some(kinds), _) => elements(kinds).filter_map(Value::as_str).collect(),
        (None, Some(values)) => elements(values).map(kind).collect(),
        (None, None) => {
            return vec![Alternative { kind: None, component: branch.component, keywords: branch.keywords }];
        }
    };
    kinds.into_iter().filter_map(|kind| of_kind(&branch, kind)).collect()
}

/// The alternative for one type of a branch; `None` if its enum has no value of that type.
fn of_kind(branch: &Branch, own: &str) -> Option<Alternative> {
    let mut keywords = branch.keywords.clone();
    if let Some(Value::Array(values)) = keywords.get_mut("enum") {
        values.retain(|value| kind_fits(kind(value), own));
        if values.is_empty() {
            return None;
        }
    }
    if own == "null" {
        // There is only one null, which no keyword restricts.
        keywords.clear();
    }
    Some(Alternative { kind: Some(own.to_owned()), component: branch.component.clone(), keywords })
}
