//! Where a resource is in its life.

use serde::{Serialize, Serializer};

use crate::domain::{IndexKey, Kind};

/// The status that a client gives a resource: a word of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(&'static str);

impl Status {
    /// That of a new resource of a kind whose client gives none.
    pub fn initial(kind: &Kind) -> Self {
        Self(kind.statuses.initial)
    }

    /// Every status of a kind.
    pub fn all(kind: &Kind) -> impl Iterator<Item = Self> {
        kind.statuses.words.iter().copied().map(Self)
    }

    /// The status of a word; `None` for any other word.
    pub fn parse(kind: &Kind, word: &str) -> Option<Self> {
        Self::all(kind).find(|status| status.as_str() == word)
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    pub(in crate::domain) fn key(self) -> IndexKey {
        IndexKey::of_plain(self.0)
    }
}

/// What a resource shows as its status: its status, or that it is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShownStatus {
    /// It is not deleted.
    Living(Status),
    /// It is deleted, and can be restored with the status that it still has.
    Deleted,
}

impl ShownStatus {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Living(status) => status.as_str(),
            Self::Deleted => "deleted",
        }
    }

    /// What a word stands for in a kind; `None` for any other word.
    pub fn parse(kind: &Kind, word: &str) -> Option<Self> {
        let living = Status::parse(kind, word).map(Self::Living);
        living.or_else(|| (word == Self::Deleted.as_str()).then_some(Self::Deleted))
    }

    /// Everything but deleted.
    pub fn living(kind: &Kind) -> Vec<Self> {
        Status::all(kind).map(Self::Living).collect()
    }
}

impl Serialize for ShownStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
