//! The roles that may read, write and delete the resources of a kind.

use crate::domain::{Permission, Role};

/// The roles that may read, write and delete the resources of a kind, and those that see only what they
/// created.
/// The role `admin` has [`Permission::Admin`] if it may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Roles that may see resources.
    pub read: &'static [Role],
    /// Roles that may create and change them.
    pub write: &'static [Role],
    /// Roles that may delete and restore them.
    pub delete: &'static [Role],
    /// Roles that see and change only resources that they created. To them, other resources do not exist.
    pub owners_only: &'static [Role],
}

impl Access {
    /// Every role reads and writes, admins and moderators delete, and every role sees all resources.
    pub const DEFAULT: Self = Self {
        read: &Role::KNOWN,
        write: &Role::KNOWN,
        delete: &[Role::Admin, Role::Moderator],
        owners_only: &[],
    };

    /// These roles may see resources.
    #[must_use]
    pub const fn read(mut self, roles: &'static [Role]) -> Self {
        self.read = roles;
        self
    }

    /// These roles may create and change resources.
    #[must_use]
    pub const fn write(mut self, roles: &'static [Role]) -> Self {
        self.write = roles;
        self
    }

    /// These roles may delete and restore resources.
    #[must_use]
    pub const fn delete(mut self, roles: &'static [Role]) -> Self {
        self.delete = roles;
        self
    }

    /// These roles see and change only what they created.
    #[must_use]
    pub const fn owners_only(mut self, roles: &'static [Role]) -> Self {
        self.owners_only = roles;
        self
    }

    /// Whether a role has a permission.
    pub fn permits(&self, role: Role, permission: Permission) -> bool {
        match permission {
            Permission::Read => self.read.contains(&role),
            Permission::Write => self.write.contains(&role),
            Permission::Delete => self.delete.contains(&role),
            Permission::Admin => role == Role::Admin && self.read.contains(&role),
        }
    }
}
