//! The parameters of a route: path, query and header fields.

mod forms;
mod shared;

use resource_api::domain::{Field, Kind, Kinds, SortOrder};
use resource_api::http::{QueryParameters, RequestHeader, Route};
use serde_json::{Value, json};
use utoipa::openapi::path::Parameter;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{Ref, RefOr};

use self::forms::{by_comma, deep, path, query};
pub(crate) use self::shared::{ENTITY_TAGS, add};
use crate::examples;
use crate::schemas::{self, of_type, one_of};
use crate::site::FILES;

/// The parameters of a route for a kind: those of the components, and the kind's own.
pub(crate) fn of(route: &Route, kind: Option<&'static Kind>, kinds: Kinds) -> Vec<RefOr<Parameter>> {
    let mut parameters = Vec::new();
    if route.path.contains("{id}") {
        parameters.push(component("Id"));
    }
    if route.path.contains("{file}") {
        let file = one_of(FILES.iter().map(|path| path.rsplit('/').next().unwrap_or_default()));
        let parameter = path("file", file, "The name of a file of the page.");
        parameters.push(parameter.into());
    }
    if let Some(kind) = kind {
        for asked in route.description.query {
            match asked {
                QueryParameters::List => list(kind, &mut parameters),
                QueryParameters::Search => {
                    parameters.extend([
                        component("Q"),
                        statuses(kind, false).into(),
                        component("SearchLimit"),
                    ]);
                }
                QueryParameters::History => parameters.extend([component("Limit"), component("Cursor")]),
                QueryParameters::Fields => parameters.push(fields(&[kind]).into()),
                QueryParameters::RelatedFields => {
                    let lists = kind.reference_lists().filter_map(|list| kind.declaration(list));
                    let related: Vec<_> =
                        lists.filter_map(Field::refers_to).filter_map(|name| kinds.find(name)).collect();
                    parameters.push(fields(&related).into());
                }
                QueryParameters::Expand => parameters.extend(expand(kind).map(Into::into)),
                QueryParameters::Purge => parameters.push(component("Purge")),
            }
        }
    }
    parameters.extend(route.description.headers.iter().map(|header| {
        component(match header {
            RequestHeader::IfMatch => "IfMatch",
            RequestHeader::IfNoneMatch => "IfNoneMatch",
            RequestHeader::IdempotencyKey => "IdempotencyKey",
            RequestHeader::CacheControl => "CacheControl",
        })
    }));
    parameters.extend([component("XRequestId"), component("Traceparent")]);
    parameters
}

/// The description of a parameter that accepts ranges.
fn range_text(name: &str, example: &Value) -> String {
    let plain = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
    format!("An exact value, or a range: `{{\"gte\": {example}}}` is sent as `{name}[gte]={plain}`.")
}

/// Adds the parameters of a kind's lists.
fn list(kind: &'static Kind, parameters: &mut Vec<RefOr<Parameter>>) {
    parameters.push(statuses(kind, true).into());
    for (_, field) in kind.filters() {
        let (schema, example) =
            (schemas::filter(field), examples::value(field).unwrap_or_else(|| json!("a")));
        let parameter = if field.field_type.has_ranges() {
            deep(field.name, schema, &range_text(field.name, &example), json!({ "gte": example }))
        } else {
            query(field.name, schema, "Exactly this value of the field.", example)
        };
        parameters.push(parameter.into());
    }
    parameters.extend(["CreatedBy", "CreatedAt", "UpdatedAt"].map(component));
    parameters.push(sort(kind).into());
    parameters.extend(["Limit", "Cursor", "Offset"].map(component));
}

fn statuses(kind: &'static Kind, deleted: bool) -> Parameter {
    let words = kind.statuses.words.iter().copied().chain(deleted.then_some("deleted"));
    let text = if deleted {
        "Statuses, by comma or repeated. Default: all except `deleted`, which needs the permission delete."
    } else {
        "Statuses, by comma or repeated. Default: all."
    };
    by_comma("status", one_of(words), text, json!([kind.statuses.initial]))
}

fn sort(kind: &Kind) -> Parameter {
    let words = SortOrder::words(kind).into_iter().chain(["created_at", "updated_at"]);
    let words = words.flat_map(|word| [word.to_owned(), format!("-{word}")]);
    let schema = of_type(Type::String).enum_values(Some(words)).default(Some(json!("-created")));
    let text = "The sort key, with `-` in front for descending. Equal ones are sorted by id. A list sorted by a field leaves out \
                resources in which it is null.";
    query("sort", schema, text, json!("-created"))
}

fn fields(kinds: &[&'static Kind]) -> Parameter {
    let mut names = vec!["*"];
    for kind in kinds {
        for name in kind.shown().map(|field| kind.name_of(field)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let text = "The fields to return, by comma; `*` for all. Default: the summary in lists and searches, otherwise all.";
    by_comma("fields", one_of(names.iter().copied()), text, json!(["id", "version"]))
}

/// The parameter `expand`; `None` if the kind has no references.
fn expand(kind: &Kind) -> Option<Parameter> {
    let names: Vec<_> = kind.declared().filter_map(|(_, field)| field.expansion()).collect();
    let first = *names.first()?;
    let names = one_of(names);
    let text =
        "The references to expand, by comma: the summary of each referenced resource is returned, too.";
    Some(by_comma("expand", names, text, json!([first])))
}

fn component(name: &str) -> RefOr<Parameter> {
    RefOr::Ref(Ref::new(format!("#/components/parameters/{name}")))
}
