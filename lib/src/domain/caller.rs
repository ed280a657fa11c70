//! Who is calling, and whose data they may see.

use std::fmt;

use crate::domain::{FieldRef, Fields, Kind, Resource};

/// The longest subject, in characters.
pub const MAX_SUBJECT_LENGTH: usize = 256;

/// The owner of a set of resources: 1 to 64 of `A-Za-z0-9_-`. A tenant's data does not exist for any other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tenant(String);

impl Tenant {
    /// The longest name, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// Reads a tenant's name; `None` for one that is none.
    pub fn parse(name: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let valid = (1..=Self::MAX_LENGTH).contains(&name.len()) && name.bytes().all(allowed);
        valid.then(|| Self(name.to_owned()))
    }

    /// The name as it stands in keys.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The resources of one kind that one tenant has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Collection {
    /// Whose they are.
    pub tenant: Tenant,
    /// What they are.
    pub kind: &'static Kind,
}

/// As it stands in keys: `TENANT#KIND`.
impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.tenant, self.kind.name)
    }
}

impl Default for Tenant {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The resources of a kind that a caller may see and change: all that the caller's tenant has, or those that the caller created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The tenant, and the kind.
    pub collection: Collection,
    /// The subject that created them; `None` for all.
    pub owner: Option<String>,
}

impl Scope {
    /// All resources of a collection: for work that is done for no caller, such as filling the cache and reindexing.
    pub fn all(collection: Collection) -> Self {
        Self { collection, owner: None }
    }

    /// The kind of the resources.
    pub fn kind(&self) -> &'static Kind {
        self.collection.kind
    }

    /// Whether a resource of the collection is in the scope, by the subject that created it.
    pub fn covers(&self, created_by: &str) -> bool {
        self.owner.as_ref().is_none_or(|owner| owner == created_by)
    }

    /// The fields to read for these fields: with `created_by` where that decides whether a resource is in the scope.
    pub fn fields_to_read(&self, fields: Fields) -> Fields {
        if self.owner.is_some() { fields.with(FieldRef::CREATED_BY) } else { fields }
    }
}

/// What a caller may do with the resources of a kind, as its [`Access`](crate::domain::Access) says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// See resources.
    Read,
    /// Create and change them.
    Write,
    /// Delete and restore them.
    Delete,
    /// Remove them for good, and see what was deleted and who changed what.
    Admin,
}

impl Permission {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::Admin => "admin",
        }
    }
}

/// What a caller is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// May do everything.
    Admin,
    /// May do everything but what is for admins.
    Moderator,
    /// May read and write.
    User,
    /// A role that this API does not know: it may do nothing.
    Unknown,
}

impl Role {
    /// Every role that this API knows.
    pub const KNOWN: [Self; 3] = [Self::Admin, Self::Moderator, Self::User];

    /// The role that a word stands for.
    pub fn parse(word: &str) -> Self {
        Self::KNOWN.into_iter().find(|role| role.as_str() == word).unwrap_or(Self::Unknown)
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Moderator => "moderator",
            Self::User => "user",
            Self::Unknown => "unknown",
        }
    }
}

/// The party that makes a request, as its token says. Only a verified token makes one, and development tools.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Whose resources the caller works with.
    pub tenant: Tenant,
    /// The caller's name in `created_by` and `updated_by`: 1 to 256 characters.
    pub subject: String,
    /// What the caller may do.
    pub role: Role,
}

impl Caller {
    /// The resources of a kind that the caller's tenant has.
    pub fn collection(&self, kind: &'static Kind) -> Collection {
        Collection { tenant: self.tenant.clone(), kind }
    }

    /// Whether the caller's role permits something with the resources of a kind.
    pub fn may(&self, permission: Permission, kind: &Kind) -> bool {
        kind.access.permits(self.role, permission)
    }

    /// The caller's subject, where the caller's role sees only what it created of a kind.
    pub fn owner(&self, kind: &Kind) -> Option<&str> {
        kind.access.owners_only.contains(&self.role).then_some(&*self.subject)
    }

    /// The resources of a kind that the caller may see; `None` where the caller's role may see none.
    pub fn scope(&self, kind: &'static Kind) -> Option<Scope> {
        let owner = self.owner(kind).map(str::to_owned);
        self.may(Permission::Read, kind).then(|| Scope { collection: self.collection(kind), owner })
    }

    /// Whether the caller may see a resource of the caller's tenant. Its `created_by` must have been read.
    pub fn sees(&self, resource: &Resource) -> bool {
        let kind = resource.values.kind();
        self.may(Permission::Read, kind) && self.owner(kind).is_none_or(|owner| owner == resource.created_by)
    }

    /// A caller of the default tenant whose subject is the name of its role: for development and tests.
    pub fn example(role: Role) -> Self {
        Self { tenant: Tenant::default(), subject: role.as_str().to_owned(), role }
    }
}
