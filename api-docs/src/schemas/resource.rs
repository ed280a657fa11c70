//! Schemas of the resources of a kind, in requests and in responses.

use std::collections::BTreeMap;

use resource_api::domain::{FieldRef, Fields as FieldSet, Kind, Kinds, MAX_SUBJECT_LENGTH};
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::fields::{Fields, Form, closed};
use super::values::choice;
use super::{array, id, integer, moment, of_type, one_of, reference};
use crate::examples;
use crate::names::{Names, capitalized};

/// The largest integer that every JSON parser keeps exact.
pub(super) const MAX_VERSION: isize = 9_007_199_254_740_991;

/// Every form of a resource, by name.
pub(super) fn schemas(kind: &'static Kind, kinds: Kinds) -> Vec<(String, RefOr<Schema>)> {
    let names = Names::of(kind);
    let name = names.schema();
    let (mut given, mut sent, mut patch) =
        (Fields::of(&name, Form::Given), Fields::of(&name, Form::Sent), Fields::of(&name, Form::Patch));
    let whole = names.fill("The {one} as the API returns it.");
    let summary = names.fill("What lists return of {a_one} if no `fields` are named.");
    let mut schemas = vec![
        (name.clone(), shown(&mut given, kind, kind.all_fields(), &whole)),
        (format!("{name}Summary"), shown(&mut given, kind, kind.summary(), &summary)),
        (format!("{name}Selection"), selection(&mut given, kind, kinds, &names)),
        (format!("{name}Input"), input(&mut sent, kind, &names)),
        (format!("{name}Patch"), patched(&mut patch, kind, &names)),
    ];
    // A merge patch replaces a list as a whole, so its items are those of any request.
    let objects: BTreeMap<_, _> = [given, sent, patch].into_iter().flat_map(|form| form.objects).collect();
    schemas.extend(objects);
    schemas
}

/// An object with some fields, all of them required.
fn shown(given: &mut Fields<'_>, kind: &'static Kind, fields: FieldSet, description: &str) -> RefOr<Schema> {
    let mut schema = of_type(Type::Object).description(Some(description));
    for shown in kind.shown().filter(|field| fields.contains(*field)) {
        let name = kind.name_of(shown);
        schema = schema.property(name, given_field(given, kind, shown)).required(name);
    }
    let example = examples::resource(kind, fields == kind.summary());
    schema.examples(example).into()
}

/// A field as the API returns it.
fn given_field(given: &mut Fields<'_>, kind: &'static Kind, shown: FieldRef) -> RefOr<Schema> {
    if let Some(declared) = kind.declaration(shown) {
        return given.field(declared);
    }
    let subject = || {
        let subject = of_type(Type::String).min_length(Some(1)).max_length(Some(MAX_SUBJECT_LENGTH));
        subject.examples([examples::SUBJECT])
    };
    match shown {
        FieldRef::ID => id().description(Some("A UUID version 7, assigned by the API.")),
        FieldRef::STATUS => one_of(kind.statuses.words.iter().copied().chain(["deleted"]))
            .description(Some("`deleted` only in lists of deleted resources, and in histories.")),
        FieldRef::VERSION => integer(1, MAX_VERSION)
            .description(Some(
                "1 on creation, and one more with each change. The entity tag is the version in quotes.",
            ))
            .examples([2]),
        FieldRef::CREATED_AT => moment().description(Some("When it was created: the time in its id.")),
        FieldRef::UPDATED_AT => moment().description(Some("When it was last changed.")),
        FieldRef::CREATED_BY => subject().description(Some("The claim `sub` of who created it.")),
        _ => subject().description(Some("The claim `sub` of who last changed it.")),
    }
    .into()
}

/// The fields that `fields` names, and what `expand` adds.
fn selection(given: &mut Fields<'_>, kind: &'static Kind, kinds: Kinds, names: &Names) -> RefOr<Schema> {
    let text = names.fill("What is returned of {a_one} if `fields` or `expand` is given: the fields that are named, and the resources that references lead to.");
    let mut schema = of_type(Type::Object).description(Some(text));
    for shown in kind.shown() {
        schema = schema.property(kind.name_of(shown), given_field(given, kind, shown));
    }
    for (_, declared) in kind.declared() {
        let target = declared.refers_to().and_then(|target| kinds.find(target));
        let Some((name, target)) = declared.expansion().zip(target) else { continue };
        let target = reference(format!("{}Summary", Names::of(target).schema()));
        if declared.is_reference_list() {
            let ids = array(id(), MAX_EXPANDED);
            schema = schema
                .property(name, array(target, MAX_EXPANDED))
                .property(format!("unresolved_{}", declared.name), ids);
        } else {
            let null = of_type(Type::Null);
            schema = schema.property(name, AnyOfBuilder::new().item(target).item(null));
        }
    }
    schema.into()
}

/// The maximum number of items in a list of references.
const MAX_EXPANDED: usize = 10_000;

/// A body that creates or replaces: all fields that clients set.
fn input(sent: &mut Fields<'_>, kind: &'static Kind, names: &Names) -> RefOr<Schema> {
    let text = names.fill("What a client sends to create or replace {a_one}.");
    received(sent, kind, &text).examples(examples::input(kind)).into()
}

/// A merge patch.
fn patched(patch: &mut Fields<'_>, kind: &'static Kind, names: &Names) -> RefOr<Schema> {
    let text = names.fill("A JSON merge patch (RFC 7396) of {a_one}.");
    received(patch, kind, &text).examples([examples::patch(kind)]).into()
}

fn received(fields: &mut Fields<'_>, kind: &'static Kind, description: &str) -> ObjectBuilder {
    let mut schema = of_type(Type::Object).description(Some(description));
    for (_, declared) in kind.declared() {
        schema = schema.property(declared.name, fields.field(declared));
        if fields.form == Form::Sent && declared.required {
            schema = schema.required(declared.name);
        }
    }
    schema = schema.property("status", sent_status(kind));
    // A client can send back what it has read.
    for shown in kind.shown().filter(|shown| kind.declaration(*shown).is_none() && *shown != FieldRef::STATUS)
    {
        let ignored = ObjectBuilder::new().schema_type(SchemaType::AnyValue).read_only(true);
        schema = schema
            .property(kind.name_of(shown), ignored.description(Some("Read-only: ignored in requests.")));
    }
    closed(schema, fields.form)
}

fn sent_status(kind: &Kind) -> RefOr<Schema> {
    let initial = kind.statuses.initial;
    let text = if kind.statuses.transitions.is_some() {
        let transitions =
            kind.statuses.words.iter().map(|word| match kind.statuses.after(word).unwrap_or_default() {
                [] => format!("`{word}` is final"),
                next => format!("`{word}` can become {}", next.join(" or ")),
            });
        let transitions = transitions.collect::<Vec<_>>().join("; ");
        format!(
            "A new resource has `{initial}`. If it is left out of a replacement, it stays as it is. {}.",
            capitalized(&transitions)
        )
    } else {
        format!("Default, also for null: `{initial}`.")
    };
    match choice(kind.statuses.words, true) {
        RefOr::T(Schema::AnyOf(mut schema)) => {
            schema.description = Some(text);
            RefOr::T(Schema::AnyOf(schema))
        }
        schema => schema,
    }
}
