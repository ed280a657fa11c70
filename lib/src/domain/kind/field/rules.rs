//! Rules for the values of a field: length, pattern and format of texts, bounds of numbers, items of lists.

#![expect(clippy::panic, clippy::missing_panics_doc, reason = "what panics here ends a compilation")]

use super::Field;
use crate::domain::kind::field_type::{Controls, Format, List, MAX_SAFE_INTEGER, Text, Type};

impl Field {
    /// White space at either end is removed.
    #[must_use]
    pub const fn trimmed(self) -> Self {
        let mut text = self.as_text();
        text.trimmed = true;
        self.with_text(text)
    }

    /// It may contain line breaks and tabs.
    #[must_use]
    pub const fn multiline(self) -> Self {
        let mut text = self.as_text();
        text.controls = Controls::LineBreaks;
        self.with_text(text)
    }

    /// It may contain any characters.
    #[must_use]
    pub const fn anything(self) -> Self {
        let mut text = self.as_text();
        text.controls = Controls::Any;
        self.with_text(text)
    }

    /// It must match this regular expression completely.
    #[must_use]
    pub const fn pattern(self, pattern: &'static str) -> Self {
        let mut text = self.as_text();
        text.pattern = Some(pattern);
        self.with_text(text)
    }

    /// It must be an email address.
    #[must_use]
    pub const fn email(self) -> Self {
        let mut text = self.as_text();
        text.format = Some(Format::Email);
        self.with_text(text)
    }

    /// It must be an absolute URI.
    #[must_use]
    pub const fn uri(self) -> Self {
        let mut text = self.as_text();
        text.format = Some(Format::Uri);
        self.with_text(text)
    }

    /// The least and the greatest number of characters of a text, or of items of a list.
    #[must_use]
    pub const fn length(mut self, least: usize, most: usize) -> Self {
        assert!(least <= most, "length(least, most): the least is above the most");
        match self.field_type {
            Type::Text(text) => self.with_text(Text { least, most, ..text }),
            Type::List(list) => {
                self.field_type = Type::List(List { least, most, ..list });
                self
            }
            _ => panic!("length() is for texts and lists; numbers have between(), at_least() and at_most()"),
        }
    }

    /// No two items of a list are equal.
    #[must_use]
    pub const fn unique_items(mut self) -> Self {
        match self.field_type {
            Type::List(list) => self.field_type = Type::List(List { unique: true, ..list }),
            _ => panic!("unique_items() is for lists"),
        }
        self
    }

    /// The least and the greatest value of an integer.
    #[must_use]
    pub const fn between(mut self, least: i64, most: i64) -> Self {
        assert!(least <= most, "between(least, most): the least is above the most");
        assert!(
            -MAX_SAFE_INTEGER <= least && most <= MAX_SAFE_INTEGER,
            "between(): not every reader holds such integers"
        );
        match self.field_type {
            Type::Integer { .. } => self.field_type = Type::Integer { least, most },
            _ => panic!("between() is for integers; numbers have at_least() and at_most()"),
        }
        self
    }

    /// The least value of a number, as JSON.
    #[must_use]
    pub const fn at_least(mut self, bound: &'static str) -> Self {
        match self.field_type {
            Type::Number { most, .. } => self.field_type = Type::Number { least: Some(bound), most },
            _ => panic!("at_least() is for numbers; integers have between()"),
        }
        self
    }

    /// The greatest value of a number, as JSON.
    #[must_use]
    pub const fn at_most(mut self, bound: &'static str) -> Self {
        match self.field_type {
            Type::Number { least, .. } => self.field_type = Type::Number { least, most: Some(bound) },
            _ => panic!("at_most() is for numbers; integers have between()"),
        }
        self
    }

    const fn as_text(&self) -> Text {
        match self.field_type {
            Type::Text(text) => text,
            _ => panic!("trimmed(), multiline(), anything(), pattern(), email() and uri() are for texts"),
        }
    }

    const fn with_text(mut self, text: Text) -> Self {
        self.field_type = Type::Text(text);
        self
    }
}
