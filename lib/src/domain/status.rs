//! Where a resource is in its life.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A resource's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Not yet in use.
    Draft,
    /// In use. What a resource is when nothing else is said.
    #[default]
    Active,
    /// No longer in use.
    Archived,
    /// Deleted, and not yet gone. No client gives a resource this status; deleting does.
    Deleted,
}

impl Status {
    /// Every status that a client may give, in the order of a resource's life.
    pub const LIVING: [Self; 3] = [Self::Draft, Self::Active, Self::Archived];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Deleted => "deleted",
        }
    }

    /// The status that a client may give by this word; `None` for any other word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::LIVING.into_iter().find(|status| status.as_str() == word)
    }

    /// The status that a word stands for; `None` for any other word.
    pub fn parse_any(word: &str) -> Option<Self> {
        Self::parse(word).or_else(|| (word == Self::Deleted.as_str()).then_some(Self::Deleted))
    }

    /// The words that a client may give, for a message.
    pub fn words() -> String {
        Self::LIVING.map(Self::as_str).join(", ")
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
