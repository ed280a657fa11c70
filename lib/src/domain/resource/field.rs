//! The fields of a resource by name, and sets of them.

use std::fmt;

/// A field of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the field of its name")]
pub enum Field {
    Id,
    Name,
    Status,
    Description,
    Attributes,
    RelatedIds,
    Version,
    CreatedAt,
    UpdatedAt,
    CreatedBy,
    UpdatedBy,
}

impl Field {
    /// Every field, in the order in which a resource shows them.
    pub const ALL: [Self; 11] = [
        Self::Id,
        Self::Name,
        Self::Status,
        Self::Description,
        Self::Attributes,
        Self::RelatedIds,
        Self::Version,
        Self::CreatedAt,
        Self::UpdatedAt,
        Self::CreatedBy,
        Self::UpdatedBy,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Status => "status",
            Self::Description => "description",
            Self::Attributes => "attributes",
            Self::RelatedIds => "related_ids",
            Self::Version => "version",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::CreatedBy => "created_by",
            Self::UpdatedBy => "updated_by",
        }
    }

    /// The field of a name; `None` for any other word.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// The names, for a message.
    pub fn words() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }
}

/// A set of fields.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fields(u16);

impl Fields {
    /// Every field.
    pub const ALL: Self = Self::of(&Field::ALL);
    /// The fields that a list gives when nothing else is asked.
    pub const SUMMARY: Self = Self::of(&[
        Field::Id,
        Field::Name,
        Field::Status,
        Field::Version,
        Field::CreatedAt,
        Field::UpdatedAt,
        Field::CreatedBy,
    ]);

    /// These fields.
    pub const fn of(fields: &[Field]) -> Self {
        let mut set = 0;
        let mut rest = fields;
        while let [field, after @ ..] = rest {
            set |= 1 << *field as u16;
            rest = after;
        }
        Self(set)
    }

    /// These fields and one more.
    #[must_use]
    pub const fn with(self, field: Field) -> Self {
        Self(self.0 | 1 << field as u16)
    }

    /// Whether a field is one of these.
    pub const fn contains(self, field: Field) -> bool {
        self.0 & 1 << field as u16 != 0
    }

    /// Whether all of these are among the others.
    pub const fn are_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// Each of them, in the order in which a resource shows them.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| self.contains(*field))
    }
}

/// The names by comma.
impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Field::as_str).collect();
        f.write_str(&names.join(","))
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
