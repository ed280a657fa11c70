//! References to the fields of resources, and sets of them.

/// A field of a resource: one that every kind has, or one that its kind declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldRef(u8);

/// The number of fields that every kind has.
const SERVER_OWNED: u8 = 7;

/// Their names, by position.
const SERVER_NAMES: [&str; SERVER_OWNED as usize] =
    ["id", "status", "version", "created_at", "updated_at", "created_by", "updated_by"];

impl FieldRef {
    /// `id`
    pub const ID: Self = Self(0);
    /// `status`, which every kind has, and which the client sets.
    pub const STATUS: Self = Self(1);
    /// `version`
    pub const VERSION: Self = Self(2);
    /// `created_at`
    pub const CREATED_AT: Self = Self(3);
    /// `updated_at`
    pub const UPDATED_AT: Self = Self(4);
    /// `created_by`
    pub const CREATED_BY: Self = Self(5);
    /// `updated_by`
    pub const UPDATED_BY: Self = Self(6);

    /// The field at a position of its kind's declaration.
    pub(in crate::domain) fn declared(position: usize) -> Self {
        // A kind has 50 fields at most.
        Self(SERVER_OWNED.saturating_add(u8::try_from(position).unwrap_or(u8::MAX)))
    }

    /// Its position in its kind's declaration; `None` for one that every kind has.
    pub fn position(self) -> Option<usize> {
        self.0.checked_sub(SERVER_OWNED).map(usize::from)
    }

    /// The field of a name that every kind has.
    pub(in crate::domain) fn of_server(name: &str) -> Option<Self> {
        let place = SERVER_NAMES.iter().position(|known| *known == name)?;
        u8::try_from(place).ok().map(Self)
    }

    /// The name of a field that every kind has.
    pub(in crate::domain) fn server_name(self) -> &'static str {
        SERVER_NAMES.get(usize::from(self.0)).copied().unwrap_or_default()
    }
}

/// A set of fields of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fields(u64);

impl Fields {
    /// No field.
    pub const NONE: Self = Self(0);

    /// Adds a field.
    #[must_use]
    pub const fn with(self, field: FieldRef) -> Self {
        Self(self.0 | 1 << field.0)
    }

    /// The union with another set.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether the set contains a field.
    pub const fn contains(self, field: FieldRef) -> bool {
        self.0 & 1 << field.0 != 0
    }

    /// Whether it is a subset of another.
    pub const fn are_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// The set as a number. It stays the same as long as fields are only appended to the kind's declaration.
    pub const fn bits(self) -> u64 {
        self.0
    }
}

impl FromIterator<FieldRef> for Fields {
    fn from_iter<I: IntoIterator<Item = FieldRef>>(fields: I) -> Self {
        fields.into_iter().fold(Self::NONE, Self::with)
    }
}
