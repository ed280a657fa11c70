//! Schemas of errors.

use resource_api::domain::MAX_FAULTS;
use resource_api::http::problem::PROBLEM_TYPES;
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};

use super::{array, integer, object, of_type, reference};
use crate::fault_codes::FAULT_CODES;

/// The maximum number of entries in `details`: the faults, and one with the number of further faults.
const MAX_DETAILS: usize = MAX_FAULTS + 1;

/// The pattern of codes.
const CODE: &str = "^[a-z0-9_]+$";

/// The schemas of all errors.
pub(super) fn schemas() -> Vec<(String, RefOr<Schema>)> {
    vec![("Problem".to_owned(), problem().into()), ("Fault".to_owned(), fault().into())]
}

fn problem() -> ObjectBuilder {
    let text = || of_type(Type::String).max_length(Some(2_000));
    let codes: Vec<_> = PROBLEM_TYPES.iter().map(|it| format!("`{}`", it.code)).collect();
    let codes = format!("The problem type, for programs: {}. New ones may come.", codes.join(", "));
    object([
        ("success", of_type(Type::Boolean).enum_values(Some([false])).into()),
        ("error", text().description(Some("A short summary of the problem type.")).into()),
        ("code", text().pattern(Some(CODE)).description(Some(codes)).into()),
        (
            "type",
            text()
                .format(Some(SchemaFormat::Custom("uri-reference".to_owned())))
                .description(Some("Where the problem type is described: `/docs#` and the code."))
                .into(),
        ),
        ("title", text().description(Some("The reason phrase of the status.")).into()),
        ("status", integer(400, 599).description(Some("The status of the response.")).into()),
        ("detail", text().description(Some("What is the matter with this request, for a person.")).into()),
        ("instance", of_type(Type::String).description(Some("The path of the request.")).into()),
        ("request_id", text().description(Some("The header `X-Request-Id`, under which the log has the request.")).into()),
    ])
    .property(
        "details",
        array(reference("Fault"), MAX_DETAILS)
            .description(Some("Each fault that was found. If there are more than 100, the last entry says how many.")),
    )
    .description(Some("Problem details (RFC 9457), with the members `success`, `error`, `code`, `request_id` and `details`."))
}

fn fault() -> ObjectBuilder {
    let text = || of_type(Type::String).max_length(Some(2_000));
    let codes: Vec<_> = FAULT_CODES.iter().map(|(code, _)| format!("`{code}`")).collect();
    let codes = format!(
        "What is wrong, for programs; [the page](/docs#faults) says more: {}, and those of the kind's rules.",
        codes.join(", ")
    );
    object([
        (
            "code",
            of_type(Type::String).pattern(Some(CODE)).max_length(Some(100)).description(Some(codes)).into(),
        ),
        ("message", text().description(Some("What is wrong, for a person.")).into()),
    ])
    .property("pointer", text().description(Some("Where in the body: a JSON Pointer (RFC 6901).")))
    .property("parameter", text().description(Some("Which query parameter.")))
    .property("header", text().description(Some("Which header.")))
    .description(Some("A fault of a request, with one of `pointer`, `parameter` and `header`."))
}
