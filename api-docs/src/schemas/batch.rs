//! Schemas of bodies with several resources: ids, and the operations of a batch.

use resource_api::domain::{Kind, MAX_ACTIONS, MAX_IDS, MAX_OPERATIONS};
use serde_json::json;
use utoipa::openapi::Discriminator;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use super::{array, id, object, of_type, one_of, reference};
use crate::examples;
use crate::names::Names;
use crate::parameters::ENTITY_TAGS;

/// The batch of a kind.
pub(super) fn schemas(kind: &'static Kind) -> Vec<(String, RefOr<Schema>)> {
    let names = Names::of(kind);
    let name = names.schema();
    let (input, patch) = (reference(format!("{name}Input")), reference(format!("{name}Patch")));
    let operations = [
        ("Create", operation("create", Some(input.clone()))),
        ("Replace", changing("replace", Some(input))),
        ("Update", changing("update", Some(patch))),
        ("Delete", changing("delete", None)),
    ];
    let operations = operations.map(|(what, schema)| (format!("{name}{what}Operation"), RefOr::from(schema)));
    let any = operations.iter().fold(OneOfBuilder::new(), |any, (name, _)| any.item(reference(name)));
    let by_op = ["create", "replace", "update", "delete"].into_iter().zip(&operations);
    let mapping = by_op.map(|(op, (name, _))| (op, format!("#/components/schemas/{name}")));
    let any = any.discriminator(Some(Discriminator::with_mapping("op", mapping)));
    let example = examples::input(kind).map(|body| {
        json!({ "operations": [
            { "op": "create", "body": body },
            { "op": "update", "id": examples::ID, "if_match": "2", "body": examples::patch(kind) },
        ] })
    });
    let batch = object([("operations", array(any, MAX_OPERATIONS).min_items(Some(1)).into())])
        .description(Some(batch_text(kind)))
        .examples(example);
    let mut schemas = vec![(format!("{name}Batch"), closed(batch).into())];
    schemas.extend(operations);
    schemas
}

/// The limits of a batch that its schema cannot express.
fn batch_text(kind: &Kind) -> String {
    let mut text = format!(
        "Operations that are applied together, each on another resource. With an `Idempotency-Key` there can be {}, since the \
         stored response takes a place in the transaction, which has {MAX_ACTIONS}.",
        MAX_OPERATIONS - 1
    );
    if !kind.unique.is_empty() || kind.fields.iter().any(|field| field.must_exist) {
        text.push_str(" So does each unique value that changes, and each reference that must exist.");
    }
    text
}

/// The body of a batch-get.
pub(super) fn ids() -> RefOr<Schema> {
    let ids = array(id(), MAX_IDS).min_items(Some(1));
    let example = json!({ "ids": [examples::ID] });
    closed(object([("ids", ids.into())]).examples([example])).into()
}

fn operation(op: &'static str, body: Option<RefOr<Schema>>) -> ObjectBuilder {
    let op = one_of([op]).into();
    closed(object([Some(("op", op)), body.map(|body| ("body", body))].into_iter().flatten()))
}

/// An operation on an existing resource.
fn changing(op: &'static str, body: Option<RefOr<Schema>>) -> ObjectBuilder {
    let version_or_tags = format!("^[1-9][0-9]{{0,18}}$|{ENTITY_TAGS}");
    let if_match = of_type(Type::String).pattern(Some(version_or_tags)).description(Some(
        "The version that the resource must be at, like `3`, or what the header `If-Match` takes.",
    ));
    operation(op, body).property("id", id()).required("id").property("if_match", if_match)
}

fn closed(schema: ObjectBuilder) -> ObjectBuilder {
    schema.additional_properties(Some(AdditionalProperties::FreeForm(false)))
}
