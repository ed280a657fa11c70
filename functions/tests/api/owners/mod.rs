//! Who may do what with the resources of a kind, and who sees only its own: for others they do not exist, whatever is asked.

mod access;
mod bodies;
mod cached;
mod lists;
mod model;
mod replays;

use resource_api::domain::{Access, Caller, Field, Kind, Kinds, Lists, Role, Statuses, Tenant};
use serde_json::Value;

use crate::app::App;

/// Notes: users see only their own, and may delete them. They refer to each other, and to topics that users may not read.
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

/// Topics: not for users.
const TOPICS: Kind =
    Kind::new("topics", "topic").fields(&[Field::text("title").required().length(1, 100).searched()]).access(
        Access::DEFAULT.read(&[Role::Admin, Role::Moderator]).write(&[Role::Admin]).delete(&[Role::Admin]),
    );

/// Diaries: not even admins see those of others. Unique in all, and by its author.
const DIARIES: Kind = Kind::new("diaries", "diary")
    .fields(&[Field::text("title").required().length(1, 100).searched(), Field::text("code").length(1, 20)])
    .statuses(Statuses::of(&["open", "shut"]))
    .lists(Lists::ByStatus)
    .indexes(&["title"])
    .unique(&[&["created_by", "title"], &["code"]])
    .access(Access::DEFAULT.delete(&Role::KNOWN).owners_only(&Role::KNOWN));

/// Papers, which are long in lists.
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

/// A caller of the same name of another tenant.
fn elsewhere(subject: &str, role: Role) -> Caller {
    Caller { tenant: Tenant::parse("elsewhere").unwrap(), ..caller(subject, role) }
}

/// A resource as it was created.
async fn create(app: &App, by: &Caller, kind: &str, body: &Value) -> Value {
    app.post(&format!("/api/{kind}"), body).caller(by).await.data(201).clone()
}

fn path(kind: &str, resource: &Value) -> String {
    format!("/api/{kind}/{}", resource["id"].as_str().unwrap())
}

/// The ids of the rows of an answer.
fn ids(rows: &Value) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}
