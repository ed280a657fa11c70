//! The constant functions that declare a kind.

use super::{Access, Field, Kind, Lists, Rule, Statuses};

impl Kind {
    /// A kind with a name in the plural and one in the singular, without fields.
    pub const fn new(name: &'static str, singular: &'static str) -> Self {
        Self {
            name,
            singular,
            fields: &[],
            statuses: Statuses::of(&["active"]),
            lists: Lists::Together,
            indexes: &[],
            filling: &[],
            unique: &[],
            access: Access::DEFAULT,
            rules: &[],
            rule_codes: &[],
        }
    }

    /// With these fields.
    #[must_use]
    pub const fn fields(mut self, fields: &'static [Field]) -> Self {
        self.fields = fields;
        self
    }

    /// With these statuses.
    #[must_use]
    pub const fn statuses(mut self, statuses: Statuses) -> Self {
        self.statuses = statuses;
        self
    }

    /// How its lists are stored; the default is `Together`.
    #[must_use]
    pub const fn lists(mut self, lists: Lists) -> Self {
        self.lists = lists;
        self
    }

    /// With these indexes, 8 at most. Append new ones, and name them in `filling` until they are filled.
    #[must_use]
    pub const fn indexes(mut self, indexes: &'static [&'static str]) -> Self {
        self.indexes = indexes;
        self
    }

    /// With these of its indexes not yet filled, so that they are written but not read.
    #[must_use]
    pub const fn filling(mut self, indexes: &'static [&'static str]) -> Self {
        self.filling = indexes;
        self
    }

    /// With these unique constraints, each over one field or over several together.
    #[must_use]
    pub const fn unique(mut self, unique: &'static [&'static [&'static str]]) -> Self {
        self.unique = unique;
        self
    }

    /// With these roles; the default is [`Access::DEFAULT`].
    #[must_use]
    pub const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// With these rules.
    #[must_use]
    pub const fn rules(mut self, rules: &'static [Rule]) -> Self {
        self.rules = rules;
        self
    }

    /// With the codes of the faults that its rules find, each with its cause:
    /// `("total_mismatch", "the total is not the sum")`.
    #[must_use]
    pub const fn rule_codes(mut self, codes: &'static [(&'static str, &'static str)]) -> Self {
        self.rule_codes = codes;
        self
    }
}
