//! The status of a resource.

use serde::{Serialize, Serializer};

use crate::domain::{IndexKey, Kind};

/// The status that a client sets: a word of the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(&'static str);

impl Status {
    /// The status of a new resource of a kind if the client sets none.
    pub fn initial(kind: &Kind) -> Self {
        Self(kind.statuses.initial)
    }

    /// Every status of a kind.
    pub fn all(kind: &Kind) -> impl Iterator<Item = Self> {
        kind.statuses.words.iter().copied().map(Self)
    }

    /// Parses a status; `None` for any other word.
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

/// The status that clients see: that of the resource, or `deleted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShownStatus {
    /// It is not deleted.
    Living(Status),
    /// The resource is deleted, and keeps its status for a restore.
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

    /// Parses a status of a kind, or `deleted`; `None` for any other word.
    pub fn parse(kind: &Kind, word: &str) -> Option<Self> {
        let living = Status::parse(kind, word).map(Self::Living);
        living.or_else(|| (word == Self::Deleted.as_str()).then_some(Self::Deleted))
    }

    /// Every status but `deleted`.
    pub fn living(kind: &Kind) -> Vec<Self> {
        Status::all(kind).map(Self::Living).collect()
    }
}

impl Serialize for ShownStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
