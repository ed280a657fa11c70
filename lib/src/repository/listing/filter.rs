//! The conditions that no key serves. DynamoDB evaluates them in a filter expression; those on folded texts
//! are evaluated by the function. Pure.

use aws_sdk_dynamodb::types::AttributeValue;

use super::access::slot_of;
use crate::domain::{
    Collection, Condition, FieldRef, FieldValue, Filter, IndexKey, Indexed, Kind, Operator, SortBy, Type,
    fold,
};
use crate::repository::attribute_value::from_field;
use crate::repository::item::{self, Item};
use crate::repository::keys;
use crate::repository::range::Range;

/// A condition in the filter expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Comparison {
    pub(super) path: String,
    pub(super) operator: Operator,
    pub(super) value: AttributeValue,
}

/// A condition on a folded text, which the function evaluates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextComparison {
    pub(super) field: &'static str,
    operator: Operator,
    folded: String,
}

impl TextComparison {
    pub(super) fn holds(&self, row: &Item) -> bool {
        let text = item::summary_text(row, self.field);
        text.is_some_and(|text| self.operator.holds(fold(text).as_str(), self.folded.as_str()))
    }
}

/// The conditions that remain when a page in this order is read from the index of a slot.
pub(super) fn left_over(
    collection: &Collection,
    filter: &Filter,
    order: SortBy,
    slot: Option<usize>,
) -> (Vec<Comparison>, Vec<TextComparison>) {
    let kind = collection.kind;
    let (mut comparisons, mut texts) = (Vec::new(), Vec::new());
    for condition in &filter.conditions {
        match condition {
            Condition::Field(field, operator, value) if is_text(kind, *field) => {
                texts.extend(text_left_over(kind, *field, *operator, value, slot));
            }
            condition => comparisons.extend(compared(collection, condition, order, slot)),
        }
    }
    (comparisons, texts)
}

/// The comparisons that remain of a condition for the filter expression.
fn compared(
    collection: &Collection,
    condition: &Condition,
    order: SortBy,
    slot: Option<usize>,
) -> Vec<Comparison> {
    let kind = collection.kind;
    let comparison = |path: &str, operator, value| Comparison { path: path.to_owned(), operator, value };
    let text = |path: &str, operator, text: String| comparison(path, operator, AttributeValue::S(text));
    let served = |indexed| slot.is_some() && slot == slot_of(kind, indexed);
    match condition {
        Condition::Created(operator, time) if order != SortBy::Created => {
            // Every index projects the table's key, which ends with the id.
            let Range { from, to } = Range::of_ids(*operator, *time).below(&format!("{collection}#"));
            let bound = |bound: Option<String>, operator| {
                bound.map(|bound| text(keys::PARTITION_KEY, operator, bound))
            };
            let bounds = [bound(from, Operator::GreaterOrEqual), bound(to, Operator::LessOrEqual)];
            bounds.into_iter().flatten().collect()
        }
        Condition::Updated(operator, time) if order != SortBy::Updated => {
            vec![text("updated_at", *operator, time.to_string())]
        }
        Condition::CreatedBy(subject) if !served(Indexed::CreatedBy) => {
            vec![text(item::CREATED_BY, Operator::Equal, subject.clone())]
        }
        Condition::Field(field, operator, value) if !served(Indexed::Field(*field)) => {
            let path = format!("{}.{}", item::SUMMARY, kind.name_of(*field));
            from_field(value).map(|value| comparison(&path, *operator, value)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn is_text(kind: &'static Kind, field: FieldRef) -> bool {
    kind.declaration(field).is_some_and(|field| matches!(field.field_type, Type::Text(_)))
}

/// The condition on a text, unless the index is over its field and the key is not cut.
fn text_left_over(
    kind: &'static Kind,
    field: FieldRef,
    operator: Operator,
    value: &FieldValue,
    slot: Option<usize>,
) -> Option<TextComparison> {
    let folded = fold(value.as_text()?);
    let served = slot.is_some() && slot == slot_of(kind, Indexed::Field(field));
    let decided = served && !IndexKey::of_folded(&folded).cut;
    (!decided).then(|| TextComparison { field: kind.name_of(field), operator, folded })
}
