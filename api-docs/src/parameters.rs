//! The parameters of a route: path, query and header fields.

use resource_api::domain::{
    DEFAULT_LIMIT, DEFAULT_RESULTS, Field, Kind, Kinds, MAX_LIMIT, MAX_OFFSET, MAX_QUERY_LENGTH, MAX_RESULTS,
    MAX_SUBJECT_LENGTH, SortOrder,
};
use resource_api::http::{QueryParameters, RequestHeader, Route};
use serde_json::{Value, json};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Type};
use utoipa::openapi::{ComponentsBuilder, Ref, RefOr, Required, Schema};

use crate::examples;
use crate::schemas::{self, formatted, id, integer, of_type, one_of};

/// Entity tags by comma, or `*`.
const ENTITY_TAGS: &str =
    r#"^[ \t]*(?:\*|[ \t,]*(?:W/)?"[!#-~]*"(?:[ \t]*,[ \t,]*(?:(?:W/)?"[!#-~]*")?)*)[ \t]*$"#;
/// Visible ASCII characters, or a string of structured fields.
const KEY: &str = r#"^(?:[!#-~][!-~]{0,254}|"(?:[!#-\[\]-~]|\\["\\]){1,255}")$"#;

/// Adds the parameters that are the same for all kinds to the components of a document.
pub(crate) fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    shared()
        .into_iter()
        .fold(components, |components, (name, parameter)| components.parameter(name, parameter))
}

fn shared() -> Vec<(&'static str, Parameter)> {
    let number = |least, most: usize, default: usize| {
        integer(least, isize::try_from(most).unwrap_or(isize::MAX)).default(Some(json!(default)))
    };
    let times = || schemas::ranges(formatted("date-time").into());
    let since = json!({ "gte": examples::CREATED_AT });
    vec![
        ("Id", path("id", id(), "The id of the resource. What is not a UUID leads nowhere: 404.")),
        (
            "Limit",
            query(
                "limit",
                number(1, MAX_LIMIT, DEFAULT_LIMIT),
                "How many entries a page may have.",
                json!(20),
            ),
        ),
        (
            "SearchLimit",
            query(
                "limit",
                number(1, MAX_RESULTS, DEFAULT_RESULTS),
                "How many results there may be.",
                json!(10),
            ),
        ),
        (
            "Cursor",
            query(
                "cursor",
                of_type(Type::String).min_length(Some(1)).max_length(Some(4096)),
                "`next_cursor` of the page before. It is good for the same list only: keep all other parameters but `limit`.",
                json!(examples::CURSOR),
            ),
        ),
        (
            "Offset",
            query(
                "offset",
                number(0, MAX_OFFSET, 0),
                "How many entries to skip. Not together with `cursor`, which leads beyond the maximum and costs less.",
                json!(0),
            ),
        ),
        (
            "CreatedAt",
            deep("created_at", times(), "When it was created: a moment or a range.", since.clone()),
        ),
        ("UpdatedAt", deep("updated_at", times(), "When it was last changed: a moment or a range.", since)),
        (
            "CreatedBy",
            query(
                "created_by",
                of_type(Type::String).min_length(Some(1)).max_length(Some(MAX_SUBJECT_LENGTH)),
                "The `sub` of who created it.",
                json!(examples::SUBJECT),
            ),
        ),
        (
            "Purge",
            query(
                "purge",
                of_type(Type::Boolean).default(Some(json!(false))),
                "Whether to remove it for good, also if it is deleted already. For admins.",
                json!(false),
            ),
        ),
        (
            "Q",
            required(query(
                "q",
                of_type(Type::String).min_length(Some(1)).max_length(Some(MAX_QUERY_LENGTH)),
                "Words, or beginnings of words, all of which must be found: at least one letter or digit.",
                json!("field notes"),
            )),
        ),
        (
            "IfMatch",
            header(
                "If-Match",
                of_type(Type::String).pattern(Some(ENTITY_TAGS)).max_length(Some(8_192)),
                "The entity tags of the versions at which the change may be made, by comma; `*` for any. If the resource is at \
                 another version, the response is a 412.",
                json!("\"2\""),
            ),
        ),
        (
            "IfNoneMatch",
            header(
                "If-None-Match",
                of_type(Type::String).pattern(Some(ENTITY_TAGS)).max_length(Some(8_192)),
                "The entity tags that the client has. If the current one is among them, the response is a 304.",
                json!("\"1\""),
            ),
        ),
        (
            "IdempotencyKey",
            header(
                "Idempotency-Key",
                of_type(Type::String).pattern(Some(KEY)).min_length(Some(1)).max_length(Some(512)),
                "A key of 1 to 255 visible ASCII characters that is new for each change, for example a UUID. The same request \
                 with the same key gets the first response again for 24 hours, and changes nothing.",
                json!("8e03978e-40d5-43dd-bc93-6894a57f9324"),
            ),
        ),
        (
            "CacheControl",
            header(
                "Cache-Control",
                any_header(),
                "`no-cache` reads past the cache. Lists are never cached.",
                json!("no-cache"),
            ),
        ),
        (
            "XRequestId",
            header(
                "X-Request-Id",
                any_header(),
                "An id for this request, of 1 to 128 visible ASCII characters; the response and the log have it. Anything else \
                 is replaced.",
                json!(examples::REQUEST_ID),
            ),
        ),
        (
            "Traceparent",
            header(
                "Traceparent",
                any_header(),
                "The trace that the request continues (W3C Trace Context).",
                json!("00-79b0242fdc78491abf88e158ce4ed187-00f067aa0ba902b7-01"),
            ),
        ),
    ]
}

/// The parameters of a route for a kind: those of the components, and the kind's own.
pub(crate) fn of(route: &Route, kind: Option<&'static Kind>, kinds: Kinds) -> Vec<RefOr<Parameter>> {
    let mut parameters = Vec::new();
    if route.path.contains("{id}") {
        parameters.push(component("Id"));
    }
    if route.path.contains("{file}") {
        let file = of_type(Type::String).max_length(Some(100)).pattern(Some(r"^[a-z0-9.-]+$"));
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

/// What lists of a kind can be asked for.
fn list(kind: &'static Kind, parameters: &mut Vec<RefOr<Parameter>>) {
    parameters.push(statuses(kind, true).into());
    for (_, field) in kind.filters() {
        let (schema, example) =
            (schemas::filter(field), examples::value(field).unwrap_or_else(|| json!("a")));
        let parameter = if field.field_type.has_ranges() {
            let example = json!({ "gte": example });
            deep(field.name, schema, "A value of this field, or a range.", example)
        } else {
            query(field.name, schema, "A value of this field.", example)
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
        "The statuses to list, by comma; all but `deleted` if there are none. `deleted` needs the permission delete."
    } else {
        "The statuses to search in, by comma; all if there are none."
    };
    by_comma("status", one_of(words), 100, text, json!([kind.statuses.initial]))
}

fn sort(kind: &Kind) -> Parameter {
    let words = SortOrder::words(kind).into_iter().chain(["created_at", "updated_at"]);
    let words = words.flat_map(|word| [word.to_owned(), format!("-{word}")]);
    let schema = of_type(Type::String).enum_values(Some(words)).default(Some(json!("-created")));
    let text = "The order: ascending, or descending with `-` in front; equal ones by id. What is null in a field is not in a \
                list sorted by it.";
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
    let text = "The fields to return, by comma; `*` for all.";
    by_comma("fields", one_of(names.iter().copied()), 100, text, json!(["id", "version"]))
}

/// The references of a kind; `None` where it has none.
fn expand(kind: &Kind) -> Option<Parameter> {
    let names: Vec<_> = kind.declared().filter_map(|(_, field)| field.expansion()).collect();
    let first = *names.first()?;
    let names = one_of(names);
    let text =
        "References whose resources are returned, too, by comma: their summaries, with one batch read.";
    Some(by_comma("expand", names, 100, text, json!([first])))
}

/// A header field that is taken whatever it says: the gateway bounds all of them together.
fn any_header() -> ObjectBuilder {
    of_type(Type::String).max_length(Some(10_240))
}

fn component(name: &str) -> RefOr<Parameter> {
    RefOr::Ref(Ref::new(format!("#/components/parameters/{name}")))
}

fn parameter(
    name: &str,
    parameter_in: ParameterIn,
    schema: impl Into<RefOr<Schema>>,
    text: &str,
) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(parameter_in)
        .required(Required::False)
        .schema(Some(schema))
        .description(Some(text))
}

fn path(name: &str, schema: ObjectBuilder, text: &str) -> Parameter {
    parameter(name, ParameterIn::Path, schema, text).required(Required::True).build()
}

fn query(name: &str, schema: impl Into<RefOr<Schema>>, text: &str, example: Value) -> Parameter {
    parameter(name, ParameterIn::Query, schema, text).example(Some(example)).build()
}

fn required(mut parameter: Parameter) -> Parameter {
    parameter.required = Required::True;
    parameter
}

/// A value, or a range as `name[gte]=value`.
fn deep(name: &str, schema: RefOr<Schema>, text: &str, example: Value) -> Parameter {
    parameter(name, ParameterIn::Query, schema, text)
        .style(Some(ParameterStyle::DeepObject))
        .explode(Some(true))
        .example(Some(example))
        .build()
}

/// Several values by comma.
fn by_comma(name: &str, item: ObjectBuilder, most: usize, text: &str, example: Value) -> Parameter {
    let schema = ArrayBuilder::new().items(item).min_items(Some(1)).max_items(Some(most));
    parameter(name, ParameterIn::Query, schema, text)
        .style(Some(ParameterStyle::Form))
        .explode(Some(false))
        .example(Some(example))
        .build()
}

fn header(name: &str, schema: ObjectBuilder, text: &str, example: Value) -> Parameter {
    parameter(name, ParameterIn::Header, schema, text).example(Some(example)).build()
}
