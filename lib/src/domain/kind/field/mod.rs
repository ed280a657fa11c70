//! Declares the fields of a kind. All functions are constant: a contradiction fails the compilation.

#![expect(clippy::missing_panics_doc, reason = "what panics here ends a compilation")]

mod rules;

use super::field_type::{Controls, List, MAX_SAFE_INTEGER, Text, Type};

/// A field that a client owns.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "switches, each of its own")]
pub struct Field {
    /// The name in JSON.
    pub name: &'static str,
    /// The type.
    pub field_type: Type,
    /// Whether it must be present and not `null`.
    pub required: bool,
    /// The default value, as JSON, if it is omitted or `null`; `null` if there is none.
    pub default: Option<&'static str>,
    /// Whether it cannot change after creation.
    pub immutable: bool,
    /// Whether lists omit it by default.
    pub unlisted: bool,
    /// Whether search finds resources by its words.
    pub searched: bool,
    /// Whether the target must exist when the reference is stored.
    pub must_exist: bool,
    /// An example for the `OpenAPI` document, as JSON.
    pub example: Option<&'static str>,
}

impl Field {
    const fn new(name: &'static str, field_type: Type) -> Self {
        Self {
            name,
            field_type,
            required: false,
            default: None,
            immutable: false,
            unlisted: false,
            searched: false,
            must_exist: false,
            example: None,
        }
    }

    /// A text of one line.
    pub const fn text(name: &'static str) -> Self {
        let text = Text {
            least: 0,
            most: usize::MAX,
            controls: Controls::None,
            trimmed: false,
            pattern: None,
            format: None,
        };
        Self::new(name, Type::Text(text))
    }

    /// A whole number.
    pub const fn integer(name: &'static str) -> Self {
        Self::new(name, Type::Integer { least: -MAX_SAFE_INTEGER, most: MAX_SAFE_INTEGER })
    }

    /// A decimal number, kept exactly.
    pub const fn number(name: &'static str) -> Self {
        Self::new(name, Type::Number { least: None, most: None })
    }

    /// `true` or `false`.
    pub const fn boolean(name: &'static str) -> Self {
        Self::new(name, Type::Boolean)
    }

    /// A time (RFC 3339).
    pub const fn timestamp(name: &'static str) -> Self {
        Self::new(name, Type::Timestamp)
    }

    /// A day.
    pub const fn date(name: &'static str) -> Self {
        Self::new(name, Type::Date)
    }

    /// One of some words.
    pub const fn choice(name: &'static str, words: &'static [&'static str]) -> Self {
        Self::new(name, Type::Choice(words))
    }

    /// The id of a resource of a kind. The name ends with `_id`.
    pub const fn reference(name: &'static str, kind: &'static str) -> Self {
        Self::new(name, Type::Reference(kind))
    }

    /// A list of references; `item` names their kind. The name ends with `_ids`.
    pub const fn references(name: &'static str, item: &'static Self) -> Self {
        assert!(matches!(item.field_type, Type::Reference(_)), "references() takes Field::each_reference()");
        Self::list(name, item).unique_items()
    }

    /// Any JSON object.
    pub const fn json(name: &'static str) -> Self {
        Self::new(name, Type::Json)
    }

    /// An object with fields of its own.
    pub const fn object(name: &'static str, fields: &'static [Self]) -> Self {
        Self::new(name, Type::Object(fields))
    }

    /// A list of items.
    pub const fn list(name: &'static str, item: &'static Self) -> Self {
        Self::new(name, Type::List(List { item, least: 0, most: usize::MAX, unique: false }))
    }

    /// The items of a list: objects.
    pub const fn each_object(fields: &'static [Self]) -> Self {
        Self::object("", fields)
    }

    /// The items of a list: references to resources of a kind.
    pub const fn each_reference(kind: &'static str) -> Self {
        Self::reference("", kind)
    }

    /// The items of a list: texts.
    pub const fn each_text() -> Self {
        Self::text("")
    }

    /// It must be present and not `null`.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The default value, as JSON, if it is omitted or `null`.
    #[must_use]
    pub const fn default(mut self, json: &'static str) -> Self {
        self.default = Some(json);
        self
    }

    /// An example for the `OpenAPI` document, as JSON. By default it is generated, except for a text with a
    /// pattern.
    #[must_use]
    pub const fn example(mut self, json: &'static str) -> Self {
        self.example = Some(json);
        self
    }

    /// It cannot change after creation.
    #[must_use]
    pub const fn immutable(mut self) -> Self {
        self.immutable = true;
        self
    }

    /// Lists omit it by default.
    #[must_use]
    pub const fn unlisted(mut self) -> Self {
        self.unlisted = true;
        self
    }

    /// Search finds resources by its words.
    #[must_use]
    pub const fn searched(mut self) -> Self {
        assert!(matches!(self.field_type, Type::Text(_)), "searched() is for texts");
        self.searched = true;
        self
    }

    /// The target must exist, and be visible to the caller, when the reference is stored.
    #[must_use]
    pub const fn must_exist(mut self) -> Self {
        assert!(self.refers_to().is_some(), "must_exist() is for references");
        self.must_exist = true;
        self
    }

    /// The kind that it refers to, if it is a reference or a list of them.
    pub const fn refers_to(&self) -> Option<&'static str> {
        match self.field_type {
            Type::Reference(kind) => Some(kind),
            Type::List(List { item, .. }) => match item.field_type {
                Type::Reference(kind) => Some(kind),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it is a list of references.
    pub fn is_reference_list(&self) -> bool {
        matches!(self.field_type, Type::List(_)) && self.refers_to().is_some()
    }

    /// Whether the indexes hold it: listed fields, and all references.
    pub fn is_in_summary(&self) -> bool {
        self.is_listed() || self.refers_to().is_some()
    }

    /// Whether lists show it by default.
    pub const fn is_listed(&self) -> bool {
        !self.unlisted
    }

    /// Its name in `expand`, if it is a reference: `customer` for `customer_id`, `parts` for `part_ids`.
    pub fn expansion(&self) -> Option<&'static str> {
        self.refers_to()?;
        self.name.strip_suffix(if self.is_reference_list() { "_ids" } else { "_id" })
    }
}
