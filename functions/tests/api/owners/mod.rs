//! Access to the resources of a kind, and callers that see only their own: for them, others' resources do not
//! exist on any route.

mod access;
mod bodies;
mod cached;
mod lists;
mod model;
mod replays;

use resource_api::domain::{Access, Caller, Field, Kind, Kinds, Lists, Role, Statuses, Tenant};
use serde_json::Value;

use crate::app::App;

/// Notes: users see only their own, and may delete them. Notes refer to each other, and to topics, which
/// users may not read.
const NOTES: Kind = Kind::new("notes", "note")
    .fields(&[
        Field::text("title").required().length(1, 100).searched(),
        Field::reference("topic_id", "topics"),
        Field::reference("about_id", "notes").must_exist(),
        Field::references("near_ids", &Field::each_reference("notes"))
            .length(0, 100)
            .default("[]")
            .unlisted(),
    ])
    .indexes(&["title", "created_by"])
    .access(Access::DEFAULT.delete(&Role::KNOWN).owners_only(&[Role::User]));

/// Topics: users may not read them.
const TOPICS: Kind =
    Kind::new("topics", "topic").fields(&[Field::text("title").required().length(1, 100).searched()]).access(
        Access::DEFAULT.read(&[Role::Admin, Role::Moderator]).write(&[Role::Admin]).delete(&[Role::Admin]),
    );

/// Diaries: even admins see only their own. One field is unique in the tenant, the other for each author.
const DIARIES: Kind = Kind::new("diaries", "diary")
    .fields(&[Field::text("title").required().length(1, 100).searched(), Field::text("code").length(1, 20)])
    .statuses(Statuses::of(&["open", "shut"]))
    .lists(Lists::ByStatus)
    .indexes(&["title"])
    .unique(&[&["created_by", "title"], &["code"]])
    .access(Access::DEFAULT.delete(&Role::KNOWN).owners_only(&Role::KNOWN));

/// Papers, which are large in lists.
const PAPERS: Kind = Kind::new("papers", "paper")
    .fields(&[Field::text("text").required().length(1, 2000).searched()])
    .indexes(&["created_by"])
    .access(Access::DEFAULT.owners_only(&[Role::User]));

const PAPERS_WITHOUT_INDEX: Kind = PAPERS.indexes(&[]);

const OWNED: Kinds = Kinds::of(&[&NOTES, &TOPICS, &DIARIES, &PAPERS]);

/// A caller of the default tenant.
fn caller(subject: &str, role: Role) -> Caller {
    Caller { subject: subject.to_owned(), ..Caller::example(role) }
}

/// A caller with the same name in another tenant.
fn elsewhere(subject: &str, role: Role) -> Caller {
    Caller { tenant: Tenant::parse("elsewhere").unwrap(), ..caller(subject, role) }
}

/// Creates a resource.
async fn create(app: &App, by: &Caller, kind: &str, body: &Value) -> Value {
    app.post(&format!("/api/{kind}"), body).caller(by).await.data(201).clone()
}

fn path(kind: &str, resource: &Value) -> String {
    format!("/api/{kind}/{}", resource["id"].as_str().unwrap())
}

/// The ids of some rows.
fn ids(rows: &Value) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}
