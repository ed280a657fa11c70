//! Schemas of the bodies of successful responses.

use resource_api::domain::{
    Field, HistoryAction, Kind, Kinds, MAX_CANDIDATES, MAX_IDS, MAX_LIMIT, MAX_OPERATIONS, MAX_RESULTS,
    MAX_SUBJECT_LENGTH,
};
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::resource::MAX_VERSION;
use super::{array, either, id, integer, moment, object, of_type, one_of, reference};
use crate::examples;
use crate::names::Names;

/// The bodies with resources of a kind.
pub(super) fn schemas(kind: &'static Kind, kinds: Kinds) -> Vec<(String, RefOr<Schema>)> {
    let name = Names::of(kind).schema();
    let form = |form: &str| reference(format!("{name}{form}"));
    let whole = || selected(&name, "");
    let listed = || selected(&name, "Summary");
    let null = of_type(Type::Null);
    let mut schemas = vec![
        (format!("{name}Response"), success(form(""))),
        (format!("{name}SelectionResponse"), success(whole())),
        (format!("{name}Page"), page(array(listed(), MAX_LIMIT), "Pagination")),
        (format!("{name}SearchResults"), page(array(listed(), MAX_RESULTS), "SearchPagination")),
        (format!("{name}List"), with_missing(array(whole(), MAX_IDS))),
        (format!("{name}BatchResponse"), success(array(either(form(""), null), MAX_OPERATIONS))),
        (format!("{name}Version"), version(&name)),
        (format!("{name}HistoryPage"), page(array(form("Version"), MAX_LIMIT), "Pagination")),
    ];
    let targets =
        kind.reference_lists().filter_map(|list| kind.declaration(list)).filter_map(Field::refers_to);
    let mut names: Vec<_> =
        targets.filter_map(|target| kinds.find(target)).map(|target| Names::of(target).schema()).collect();
    names.dedup();
    if !names.is_empty() {
        let any = names.iter().fold(AnyOfBuilder::new(), |any, name| any.item(selected(name, "")));
        let most = kind.fields.iter().filter(|field| field.is_reference_list()).map(most_items).sum();
        schemas.push((format!("{name}Related"), with_missing(array(any, most))));
    }
    schemas
}

/// The bodies and parts that are the same for all kinds.
pub(super) fn common() -> Vec<(String, RefOr<Schema>)> {
    let limit = || {
        integer(1, isize::try_from(MAX_LIMIT).unwrap_or(isize::MAX))
            .description(Some("The limit of this page."))
            .examples([20])
    };
    let cursor = of_type(Type::String)
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .max_length(Some(4096))
        .description(Some("The cursor of the next page; null on the last page, and only there."))
        .examples([examples::CURSOR]);
    let exhaustive = of_type(Type::Boolean).description(Some(format!(
        "Whether all candidates were looked at. If false, there were more than {MAX_CANDIDATES}: use a longer query."
    )));
    let no_cursor = of_type(Type::Null).description(Some("A search has one page."));
    let healthy = object([("status", one_of(["ok"]).into())]);
    vec![
        ("Pagination".to_owned(), object([("limit", limit().into()), ("next_cursor", cursor.into())]).into()),
        (
            "SearchPagination".to_owned(),
            object([
                ("limit", limit().into()),
                ("next_cursor", no_cursor.into()),
                ("exhaustive", exhaustive.into()),
            ])
            .into(),
        ),
        ("BatchGetInput".to_owned(), super::batch::ids()),
        ("Health".to_owned(), healthy.into()),
    ]
}

/// A form of a resource, or the requested fields of it.
fn selected(name: &str, form: &str) -> RefOr<Schema> {
    let selection = reference(format!("{name}Selection"));
    either(reference(format!("{name}{form}")), selection).into()
}

fn succeeded() -> RefOr<Schema> {
    of_type(Type::Boolean).enum_values(Some([true])).into()
}

fn enveloped(data: impl Into<RefOr<Schema>>) -> ObjectBuilder {
    object([("success", succeeded()), ("data", data.into())])
}

fn success(data: impl Into<RefOr<Schema>>) -> RefOr<Schema> {
    enveloped(data).into()
}

fn page(rows: ArrayBuilder, pagination: &str) -> RefOr<Schema> {
    enveloped(rows).property("pagination", reference(pagination)).required("pagination").into()
}

fn with_missing(found: ArrayBuilder) -> RefOr<Schema> {
    let missing = array(id(), MAX_MISSING)
        .description(Some("The ids of resources that do not exist or that the caller may not see."));
    enveloped(found).property("missing", missing).required("missing").into()
}

/// The maximum number of missing ids: more than a resource has in all its lists of references.
const MAX_MISSING: usize = 10_000;

fn version(name: &str) -> RefOr<Schema> {
    let actions = HistoryAction::ALL.iter().map(|action| action.as_str());
    object([
        ("version", integer(1, MAX_VERSION).into()),
        ("at", moment().into()),
        ("by", of_type(Type::String).min_length(Some(1)).max_length(Some(MAX_SUBJECT_LENGTH)).into()),
        ("action", one_of(actions).into()),
        ("resource", reference(name)),
    ])
    .into()
}

fn most_items(field: &Field) -> usize {
    match field.field_type {
        resource_api::domain::Type::List(list) => list.most.min(MAX_MISSING),
        _ => 0,
    }
}
