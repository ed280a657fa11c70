//! DynamoDB expressions, with a placeholder for every attribute name, because many names are reserved words.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{self, Item};
use super::range::Range;
use crate::domain::{ExpectedVersion, Operator, Scope, Timestamp};

/// The placeholders of an expression.
#[derive(Debug, Default)]
pub(super) struct Expression {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Expression {
    /// The attribute names of the placeholders; `None` if there are none, because DynamoDB rejects an empty
    /// map.
    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    /// The values of the placeholders; `None` if there are none.
    pub(super) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }

    /// As [`Self::set`], and increments the version.
    pub(super) fn set_and_count_up(&mut self, item: &Item, attributes: &[&str]) -> String {
        let (version, one) = (self.name("version"), self.value("one", number(1)));
        format!("SET {version} = {version} + {one}, {}", self.assignments(item, attributes))
    }

    /// An update expression that sets attributes to their values in `item`, and removes those that `item`
    /// does not have.
    pub(super) fn set(&mut self, item: &Item, attributes: &[&str]) -> String {
        format!("SET {}", self.assignments(item, attributes))
    }

    fn assignments(&mut self, item: &Item, attributes: &[&str]) -> String {
        let assignments = self.each(item, attributes, "=");
        let missing = attributes.iter().filter(|attribute| !item.contains_key(**attribute));
        let removed: Vec<_> = missing.map(|attribute| self.name(attribute)).collect();
        let removal =
            if removed.is_empty() { String::new() } else { format!(" REMOVE {}", removed.join(", ")) };
        format!("{}{removal}", assignments.join(", "))
    }

    /// A condition that one of the attributes differs from `item`.
    pub(super) fn any_differs(&mut self, item: &Item, attributes: &[&str]) -> String {
        format!("({})", self.each(item, attributes, "<>").join(" OR "))
    }

    /// A condition that there is an item at an expected version.
    pub(super) fn version_is(&mut self, expected: &ExpectedVersion) -> String {
        let versions = match expected {
            ExpectedVersion::Any => return "attribute_exists(pk)".to_owned(),
            // `IN` needs an operand. No item has version 0.
            ExpectedVersion::OneOf(versions) if versions.is_empty() => &vec![0],
            ExpectedVersion::OneOf(versions) => versions,
        };
        let operands: Vec<_> = versions
            .iter()
            .enumerate()
            .map(|(index, version)| self.value(&format!("version{index}"), number(*version)))
            .collect();
        format!("{} IN ({})", self.name("version"), operands.join(", "))
    }

    /// A condition that the resource is not deleted.
    pub(super) fn is_not_deleted(&mut self) -> String {
        format!("attribute_not_exists({})", self.name(item::PURGE_AT))
    }

    /// A condition that all of `conditions` hold, and that the resource is in the scope.
    pub(super) fn within_scope<const N: usize>(&mut self, scope: &Scope, conditions: [String; N]) -> String {
        let owner = scope.owner.clone().map(|owner| self.equals(item::CREATED_BY, owner));
        conditions.into_iter().chain(owner).collect::<Vec<_>>().join(" AND ")
    }

    /// A condition that the resource exists at `now`: it is not deleted, or can still be restored.
    pub(super) fn exists_at(&mut self, now: Timestamp) -> String {
        let (name, now) = (self.name(item::PURGE_AT), self.value("now", number(now.since_epoch().0)));
        format!("(attribute_not_exists({name}) OR {name} > {now})")
    }

    /// A projection expression for some paths, whose names are separated by dots.
    pub(super) fn projection(&mut self, paths: &[String]) -> String {
        let names: Vec<_> = paths.iter().map(|path| self.path(path)).collect();
        names.join(", ")
    }

    /// A condition that a string attribute is equal to a text.
    pub(super) fn equals(&mut self, attribute: &str, text: String) -> String {
        let (name, value) = (self.name(attribute), self.value(attribute, AttributeValue::S(text)));
        format!("{name} = {value}")
    }

    /// A condition that compares the attribute at a path with a value. `number` makes the placeholders of an
    /// expression's conditions distinct.
    pub(super) fn compare(
        &mut self,
        path: &str,
        operator: Operator,
        value: AttributeValue,
        number: usize,
    ) -> String {
        let operator = match operator {
            Operator::Equal => "=",
            Operator::GreaterOrEqual => ">=",
            Operator::Greater => ">",
            Operator::LessOrEqual => "<=",
            Operator::Less => "<",
        };
        format!("{} {operator} {}", self.path(path), self.value(&format!("compared{number}"), value))
    }

    /// A condition that the attribute at a path is one of some texts.
    pub(super) fn is_one_of(&mut self, path: &str, texts: &[&str]) -> String {
        let text = |(number, text): (usize, &&str)| {
            self.value(&format!("one_of{number}"), AttributeValue::S((*text).to_owned()))
        };
        let operands: Vec<_> = texts.iter().enumerate().map(text).collect();
        format!("{} IN ({})", self.path(path), operands.join(", "))
    }

    /// A condition that a string attribute is within a range; `None` if the range contains everything.
    pub(super) fn within(&mut self, attribute: &str, range: &Range) -> Option<String> {
        if range.is_everything() {
            return None;
        }
        let name = self.name(attribute);
        let mut bound = |end: &str, text: &str| {
            self.value(&format!("{attribute}_{end}"), AttributeValue::S(text.to_owned()))
        };
        Some(match (&range.from, &range.to) {
            (Some(from), Some(to)) => {
                format!("{name} BETWEEN {} AND {}", bound("from", from), bound("to", to))
            }
            (Some(from), None) => format!("{name} >= {}", bound("from", from)),
            (None, to) => format!("{name} <= {}", bound("to", to.as_deref().unwrap_or_default())),
        })
    }

    fn each(&mut self, item: &Item, attributes: &[&str], operator: &str) -> Vec<String> {
        attributes
            .iter()
            .filter_map(|attribute| item.get_key_value(*attribute))
            .map(|(attribute, value)| {
                let (name, value) = (self.name(attribute), self.value(attribute, value.clone()));
                format!("{name} {operator} {value}")
            })
            .collect()
    }

    /// The placeholders of a path.
    fn path(&mut self, path: &str) -> String {
        let names: Vec<_> = path.split('.').map(|name| self.name(name)).collect();
        names.join(".")
    }

    /// The placeholder of an attribute.
    pub(super) fn name(&mut self, attribute: &str) -> String {
        let placeholder = format!("#{attribute}");
        self.names.insert(placeholder.clone(), attribute.to_owned());
        placeholder
    }

    fn value(&mut self, name: &str, value: AttributeValue) -> String {
        let placeholder = format!(":{name}");
        self.values.insert(placeholder.clone(), value);
        placeholder
    }
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
