//! Where a resource is in its life.

use serde::{Deserialize, Serialize, Serializer};

/// The status that a client gives a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Not yet in use.
    Draft,
    /// In use. The status of a resource when its client gives none.
    #[default]
    Active,
    /// No longer in use.
    Archived,
}

impl Status {
    /// Every status, in the order of a resource's life.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Active, Self::Archived];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }

    /// The status of a word; `None` for any other word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// The words, for a message.
    pub fn words() -> String {
        Self::ALL.map(Self::as_str).join(", ")
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

    /// What a word stands for; `None` for any other word.
    pub fn parse(word: &str) -> Option<Self> {
        let living = Status::parse(word).map(Self::Living);
        living.or_else(|| (word == Self::Deleted.as_str()).then_some(Self::Deleted))
    }

    /// Everything but deleted.
    pub fn living() -> Vec<Self> {
        Status::ALL.map(Self::Living).to_vec()
    }
}

impl Serialize for ShownStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
