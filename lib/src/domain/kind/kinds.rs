//! The table of kinds that an API serves.

use super::{Kind, checks};

/// The kinds that an API serves.
#[derive(Debug, Clone, Copy)]
pub struct Kinds(&'static [&'static Kind]);

impl Kinds {
    /// A table of kinds. In a constant, a contradiction in a declaration fails the compilation.
    ///
    /// # Panics
    /// If a declaration contradicts itself or another.
    pub const fn of(kinds: &'static [&'static Kind]) -> Self {
        checks::all(kinds);
        Self(kinds)
    }

    /// The kind of a name; `None` for any other word.
    pub fn find(self, name: &str) -> Option<&'static Kind> {
        self.iter().find(|kind| kind.name == name)
    }

    /// Each kind.
    pub fn iter(self) -> impl Iterator<Item = &'static Kind> {
        self.0.iter().copied()
    }
}
