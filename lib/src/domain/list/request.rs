//! A request for a list, and a page of it.

use crate::domain::{
    Continuation, Cursor, CursorBinding, FieldRef, FieldValue, Fields, Indexed, Kind, Operator, Resource,
    Row, Scope, ShownStatus, Timestamp, Type, fold, index_key,
};

/// The rows of a page by default.
pub const DEFAULT_LIMIT: usize = 20;
/// The most rows of a page.
pub const MAX_LIMIT: usize = 100;
/// The greatest offset.
pub const MAX_OFFSET: usize = 1000;

/// A request for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    /// The kind of the resources.
    pub kind: &'static Kind,
    /// The resources that the list contains.
    pub filter: Filter,
    /// The order of the rows.
    pub order: SortOrder,
    /// The most rows of the page.
    pub limit: usize,
    /// The start of the page.
    pub start: PageStart,
    /// The fields of each row.
    pub selection: Selection,
}

/// The resources that a list contains: those that fulfil all of this.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// They have one of these statuses, each named once.
    pub statuses: Vec<ShownStatus>,
    /// They fulfil all of these conditions.
    pub conditions: Vec<Condition>,
}

/// A condition on each resource of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// On the time of creation. Times of resources are whole milliseconds, and so is this.
    Created(Operator, Timestamp),
    /// On the time of the last change.
    Updated(Operator, Timestamp),
    /// Created by this subject.
    CreatedBy(String),
    /// On the value of an indexed field.
    Field(FieldRef, Operator, FieldValue),
}

/// The order of a list. Resources with equal values are sorted by id, so that the order is total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortOrder {
    /// The sort key.
    pub by: SortBy,
    /// Whether values and ids are in descending order.
    pub descending: bool,
}

/// The sort keys of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// The time of creation, which is the order of ids.
    Created,
    /// The time of the last change.
    Updated,
    /// The index of this number, from 0. Resources without a value in it are not in the list.
    Index(usize),
}

impl SortOrder {
    /// The default: the newest first.
    pub const DEFAULT: Self = Self { by: SortBy::Created, descending: true };

    /// Parses a `sort` parameter: a word, with a leading `-` for descending. `None` for any other text.
    pub fn parse(kind: &Kind, word: &str) -> Option<Self> {
        let (descending, word) = match word.strip_prefix('-') {
            Some(word) => (true, word),
            None => (false, word),
        };
        let by = match word {
            "created" | "created_at" => SortBy::Created,
            "updated" | "updated_at" => SortBy::Updated,
            word => SortBy::Index(sortable(kind).find(|(_, name)| *name == word)?.0),
        };
        Some(Self { by, descending })
    }

    /// The words that lists of a kind can be sorted by.
    pub fn words(kind: &Kind) -> Vec<&'static str> {
        ["created", "updated"].into_iter().chain(sortable(kind).map(|(_, name)| name)).collect()
    }
}

/// The indexes that a list can be sorted by: their numbers and words.
fn sortable(kind: &Kind) -> impl Iterator<Item = (usize, &'static str)> {
    kind.readable_indexes()
        .filter(|(_, _, indexed)| *indexed != Indexed::CreatedBy)
        .map(|(slot, name, _)| (slot, name))
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageStart {
    /// After this many rows.
    Offset(usize),
    /// Where the previous page ended, as the client sent it.
    Cursor(Cursor),
}

/// The fields of each resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// Its fields.
    pub fields: Fields,
    /// The references that are expanded into the summaries of their targets.
    pub expand: Fields,
}

impl ListRequest {
    /// The binding of cursors of this list: the scope, and all parameters but the size of the page.
    pub fn binding(&self, scope: &Scope) -> CursorBinding {
        let Self { kind, filter, order, selection, limit: _, start: _ } = self;
        let mut statuses: Vec<&str> = filter.statuses.iter().map(|status| status.as_str()).collect();
        statuses.sort_unstable();
        let mut conditions: Vec<_> = filter.conditions.iter().map(|it| it.text(kind)).collect();
        conditions.sort_unstable();
        // A position is meaningless in another index, and in one over other values.
        let by = match order.by {
            SortBy::Created => "created".to_owned(),
            SortBy::Updated => "updated".to_owned(),
            SortBy::Index(slot) => {
                let name = kind.indexes.get(slot).copied().unwrap_or_default();
                let declared = kind.field_ref(name).and_then(|field| kind.declaration(field));
                let type_name = declared.map(|field| std::mem::discriminant(&field.field_type));
                format!("{slot}:{name}:{type_name:?}")
            }
        };
        let mut parts = vec![
            scope.collection.tenant.as_str().to_owned(),
            kind.name.to_owned(),
            by,
            if order.descending { "descending" } else { "ascending" }.to_owned(),
            statuses.join(","),
            format!("{},{}", selection.fields.bits(), selection.expand.bits()),
        ];
        parts.append(&mut conditions);
        parts.extend(scope.owner.as_ref().map(|owner| format!("owner {owner}")));
        CursorBinding::new(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

impl Filter {
    /// Whether a resource fulfils the filter. It must have [`Self::fields`].
    pub fn has(&self, resource: &Resource) -> bool {
        self.statuses.contains(&resource.shown_status())
            && self.conditions.iter().all(|it| it.holds(resource))
    }

    /// The fields that [`Self::has`] reads.
    pub fn fields(&self) -> Fields {
        let field = |condition: &Condition| match condition {
            Condition::Created(..) => FieldRef::CREATED_AT,
            Condition::Updated(..) => FieldRef::UPDATED_AT,
            Condition::CreatedBy(_) => FieldRef::CREATED_BY,
            Condition::Field(field, ..) => *field,
        };
        self.conditions.iter().map(field).collect()
    }
}

impl Condition {
    fn holds(&self, resource: &Resource) -> bool {
        match self {
            Self::Created(operator, time) => operator.holds(&resource.id.created_at(), time),
            Self::Updated(operator, time) => operator.holds(&resource.updated_at, time),
            Self::CreatedBy(subject) => *subject == resource.created_by,
            Self::Field(field, operator, bound) => {
                let declared = resource.values.kind().declaration(*field);
                let Some((declared, value)) = declared.zip(resource.values.get(*field)) else { return false };
                if let (Type::Text(_), Some(text), Some(bound)) =
                    (&declared.field_type, value.as_text(), bound.as_text())
                {
                    return operator.holds(fold(text).as_str(), fold(bound).as_str());
                }
                let keys = index_key(declared, value).zip(index_key(declared, bound));
                keys.is_some_and(|(value, bound)| operator.holds(&value, &bound))
            }
        }
    }

    /// A text that only equal conditions have.
    fn text(&self, kind: &Kind) -> String {
        match self {
            Self::Created(operator, time) => format!("created_at {operator:?} {time}"),
            Self::Updated(operator, time) => format!("updated_at {operator:?} {time}"),
            Self::CreatedBy(subject) => format!("created_by {subject}"),
            Self::Field(field, operator, value) => {
                let value = serde_json::to_string(value).unwrap_or_default();
                format!("{} {operator:?} {value}", kind.name_of(*field))
            }
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T = Row> {
    /// The rows, each with its position in the list.
    pub rows: Vec<(Position, T)>,
    /// Where the list continues; `None` at its end.
    pub next: Option<Continuation>,
    /// The binding of the list.
    pub binding: CursorBinding,
}

/// The position of a row in the total order of a list: its sort key.
pub type Position = String;

impl<T> Page<T> {
    /// The cursor after the first `count` rows; `None` at the end of the list.
    pub fn cursor_after(&self, count: usize) -> Option<Cursor> {
        let behind = count.checked_sub(1).and_then(|last| self.rows.get(last));
        match behind {
            Some((position, _)) if count < self.rows.len() => {
                Some(Cursor::new(self.binding, &Continuation::behind(position.clone())))
            }
            _ => self.next.as_ref().map(|next| Cursor::new(self.binding, next)),
        }
    }
}
