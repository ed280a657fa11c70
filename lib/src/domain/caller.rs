//! The caller of a request, and the data that it may see.

use std::fmt;

use crate::domain::{FieldRef, Fields, Kind, Resource};

/// The longest subject, in characters.
pub const MAX_SUBJECT_LENGTH: usize = 256;

/// The owner of a set of resources: 1 to 64 of `A-Za-z0-9_-`. Other tenants cannot see its data.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tenant(String);

impl Tenant {
    /// The longest name, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// Parses a tenant's name; `None` if it is not valid.
    pub fn parse(name: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let valid = (1..=Self::MAX_LENGTH).contains(&name.len()) && name.bytes().all(allowed);
        valid.then(|| Self(name.to_owned()))
    }

    /// The name, as in keys.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The resources of one kind of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Collection {
    /// The tenant that owns the resources.
    pub tenant: Tenant,
    /// The kind of the resources.
    pub kind: &'static Kind,
}

/// The form in keys: `TENANT#KIND`.
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

/// The resources of a kind that a caller may see and change: all of its tenant, or those that it created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The tenant, and the kind.
    pub collection: Collection,
    /// The subject that created them; `None` for all.
    pub owner: Option<String>,
}

impl Scope {
    /// All resources of a collection: for work without a caller, such as filling the cache and reindexing.
    pub fn all(collection: Collection) -> Self {
        Self { collection, owner: None }
    }

    /// The kind of the resources.
    pub fn kind(&self) -> &'static Kind {
        self.collection.kind
    }

    /// Whether a resource of the collection, created by this subject, is in the scope.
    pub fn covers(&self, created_by: &str) -> bool {
        self.owner.as_ref().is_none_or(|owner| owner == created_by)
    }

    /// The fields to read so that `fields` can be shown: with `created_by` if the scope depends on it.
    pub fn fields_to_read(&self, fields: Fields) -> Fields {
        if self.owner.is_some() { fields.with(FieldRef::CREATED_BY) } else { fields }
    }
}

/// What a caller may do with the resources of a kind; its [`Access`](crate::domain::Access) decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// See resources.
    Read,
    /// Create and change them.
    Write,
    /// Delete and restore them.
    Delete,
    /// Purge them, and see deleted resources and the history.
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

/// The role of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Has every permission.
    Admin,
    /// Has every permission but [`Permission::Admin`].
    Moderator,
    /// May read and write.
    User,
    /// A role that this API does not know: it has no permission.
    Unknown,
}

impl Role {
    /// Every role that this API knows.
    pub const KNOWN: [Self; 3] = [Self::Admin, Self::Moderator, Self::User];

    /// Parses a role.
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

/// The party that makes a request. Only verified tokens and API keys, and development tools, create one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant whose resources the caller works with.
    pub tenant: Tenant,
    /// The caller's name in `created_by` and `updated_by`: 1 to 256 characters.
    pub subject: String,
    /// The caller's role.
    pub role: Role,
}

impl Caller {
    /// The resources of a kind that the caller's tenant has.
    pub fn collection(&self, kind: &'static Kind) -> Collection {
        Collection { tenant: self.tenant.clone(), kind }
    }

    /// Whether the caller's role has a permission for a kind.
    pub fn may(&self, permission: Permission, kind: &Kind) -> bool {
        kind.access.permits(self.role, permission)
    }

    /// The caller's subject, if its role sees only resources of this kind that it created.
    pub fn owner(&self, kind: &Kind) -> Option<&str> {
        kind.access.owners_only.contains(&self.role).then_some(&*self.subject)
    }

    /// The resources of a kind that the caller may see; `None` if the caller's role may not read the kind.
    pub fn scope(&self, kind: &'static Kind) -> Option<Scope> {
        let owner = self.owner(kind).map(str::to_owned);
        self.may(Permission::Read, kind).then(|| Scope { collection: self.collection(kind), owner })
    }

    /// Whether the caller may see a resource of its tenant. The resource's `created_by` must have been read.
    pub fn sees(&self, resource: &Resource) -> bool {
        let kind = resource.values.kind();
        self.may(Permission::Read, kind) && self.owner(kind).is_none_or(|owner| owner == resource.created_by)
    }

    /// A caller of the default tenant whose subject is the name of its role: for development and tests.
    pub fn example(role: Role) -> Self {
        Self { tenant: Tenant::default(), subject: role.as_str().to_owned(), role }
    }
}
