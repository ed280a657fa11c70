//! What a list is asked for, and a page of it.

use crate::domain::{
    Continuation, Cursor, CursorBinding, FieldRef, FieldValue, Fields, Indexed, Kind, Operator, Resource,
    Row, Scope, ShownStatus, Timestamp, Type, fold, index_key,
};

/// The rows of a page when nothing else is asked.
pub const DEFAULT_LIMIT: usize = 20;
/// The most rows that a page may be asked for.
pub const MAX_LIMIT: usize = 100;
/// The most rows that a list may be asked to begin behind.
pub const MAX_OFFSET: usize = 1000;

/// A page to be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    /// Of which kind.
    pub kind: &'static Kind,
    /// Which resources.
    pub filter: Filter,
    /// In which order.
    pub order: SortOrder,
    /// How many rows the page may have.
    pub limit: usize,
    /// Where the page begins.
    pub start: PageStart,
    /// What is said of each.
    pub selection: Selection,
}

/// Which resources a list has: those that are all of this.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// In one of these statuses, each named once.
    pub statuses: Vec<ShownStatus>,
    /// What holds of each.
    pub conditions: Vec<Condition>,
}

/// Something that holds of each resource of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// It was created at such a time. Times of resources are whole milliseconds, and so is this.
    Created(Operator, Timestamp),
    /// It was last changed at such a time.
    Updated(Operator, Timestamp),
    /// This subject created it.
    CreatedBy(String),
    /// Such a value stands in a field, which has an index.
    Field(FieldRef, Operator, FieldValue),
}

/// The order of a list. Resources that are equal in it are in the order of their ids, so that it is total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortOrder {
    /// What decides.
    pub by: SortBy,
    /// The greatest first, ids too.
    pub descending: bool,
}

/// What a list can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// The time of creation, which is the order of ids.
    Created,
    /// The time of the last change.
    Updated,
    /// The index of this number, from 0. What is null in it is not in the list.
    Index(usize),
}

impl SortOrder {
    /// What a list is sorted by when nothing else is asked: the newest first.
    pub const DEFAULT: Self = Self { by: SortBy::Created, descending: true };

    /// The order of a word: what decides, with `-` in front for descending. `None` for any other word.
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
    /// Behind this many rows.
    Offset(usize),
    /// Where the page before ended, as the client sent it.
    Cursor(Cursor),
}

/// What is said of each resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// Its fields.
    pub fields: Fields,
    /// The references whose resources are given, too: their summaries.
    pub expand: Fields,
}

impl ListRequest {
    /// What a cursor of this list is good for: whose resources it has and everything that was asked, but not the page's size.
    pub fn binding(&self, scope: &Scope) -> CursorBinding {
        let Self { kind, filter, order, selection, limit: _, start: _ } = self;
        let mut statuses: Vec<&str> = filter.statuses.iter().map(|status| status.as_str()).collect();
        statuses.sort_unstable();
        let mut conditions: Vec<_> = filter.conditions.iter().map(|it| it.text(kind)).collect();
        conditions.sort_unstable();
        // A position says nothing in another index, nor in one of other values.
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
    /// Whether a resource is one of these, whose fields of [`Self::fields`] are there.
    pub fn has(&self, resource: &Resource) -> bool {
        self.statuses.contains(&resource.shown_status())
            && self.conditions.iter().all(|it| it.holds(resource))
    }

    /// The fields that [`Self::has`] looks at.
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

    /// A text that only an equal condition has.
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
    /// Where the list goes on after them; `None` at its end.
    pub next: Option<Continuation>,
    /// The list that the rows are of.
    pub binding: CursorBinding,
}

/// A place in the total order of a list: the sort key of a row.
pub type Position = String;

impl<T> Page<T> {
    /// The cursor to where the list goes on after the first `count` rows; `None` at its end.
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
