//! The changes that writers make, and the expected state of customers.

use resource_api::domain::{FieldValue, Resource, Role};
use serde_json::{Value, json};

use crate::app::{App, Response};

/// The state of a customer, as its only writer expects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) email: usize,
    pub(super) deleted: bool,
}

/// A change of a customer.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Create { name: String, email: usize },
    Patch { id: String, email: usize },
    Put { id: String, email: usize },
    Delete { id: String },
    Restore { id: String },
    Purge { id: String },
}

impl Step {
    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Self::Create { .. } => None,
            Self::Patch { id, .. }
            | Self::Put { id, .. }
            | Self::Delete { id }
            | Self::Restore { id }
            | Self::Purge { id } => Some(id),
        }
    }

    pub(super) fn body(&self) -> Value {
        match self {
            Self::Create { name, email } => json!({ "name": name, "email": super::email(*email) }),
            Self::Patch { email, .. } => json!({ "email": super::email(*email) }),
            Self::Put { email, .. } => json!({ "name": "put", "email": super::email(*email) }),
            _ => Value::Null,
        }
    }

    pub(super) fn operation(&self) -> Value {
        let (op, body) = match self {
            Self::Create { .. } => ("create", self.body()),
            Self::Patch { .. } => ("update", self.body()),
            Self::Put { .. } => ("replace", self.body()),
            _ => return json!({ "op": "delete", "id": self.id() }),
        };
        self.id().map_or_else(
            || json!({ "op": op, "body": body }),
            |id| json!({ "op": op, "id": id, "body": body }),
        )
    }

    pub(super) async fn send(&self, app: &App, key: Option<&str>) -> Response {
        let path = self.id().map_or("/api/customers".to_owned(), |id| format!("/api/customers/{id}"));
        let call = match self {
            Self::Create { .. } => app.post(&path, &self.body()),
            Self::Patch { .. } => app.patch(&path, &self.body()),
            Self::Put { .. } => app.put(&path, &self.body()),
            Self::Delete { .. } => app.delete(&path),
            Self::Restore { .. } => app.post(&format!("{path}/restore"), &Value::Null),
            Self::Purge { .. } => app.delete(&format!("{path}?purge=true")),
        };
        let call = call.role(Role::Admin);
        if let Some(key) = key { call.key(key).await } else { call.await }
    }
}

pub(super) fn known(resource: &Resource) -> Known {
    let email = resource.values.named("email").and_then(FieldValue::as_text).unwrap();
    let number = email.strip_suffix("@example.com").unwrap().parse().unwrap();
    Known { email: number, deleted: resource.is_deleted() }
}
