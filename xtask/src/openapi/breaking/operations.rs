//! Compares one operation, or one webhook, that both documents have.

use serde_json::Value;

use super::contents;
use super::findings::Report;
use super::parameters;
use super::schemas::Comparison;
use super::security;

/// One document's side of an operation: the document, the path as it writes it, its item, the operation.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) document: &'a Value,
    pub(super) path: &'a str,
    pub(super) item: &'a Value,
    pub(super) operation: &'a Value,
}

/// The lines for an operation. `name` is its name in them: `GET /orders`.
pub(super) fn compare(name: &str, old: Side, new: Side) -> Vec<String> {
    let mut report = Report::new(name);
    let mut schemas = Comparison::new(old.document, new.document);
    operation_id(old.operation, new.operation, &mut report);
    parameters::compare(old, new, &mut schemas, &mut report);
    contents::compare_bodies(old, new, &mut schemas, &mut report);
    contents::compare_responses(old, new, &mut schemas, &mut report);
    security::compare(old, new, &mut report);
    report.lines()
}

/// Like `compare`, for a webhook: the service sends its body and the client receives it, so the body is
/// compared as a response is.
pub(super) fn compare_webhook(name: &str, old: Side, new: Side) -> Vec<String> {
    let mut report = Report::new(name);
    let mut schemas = Comparison::new(old.document, new.document);
    contents::compare_webhook_bodies(old, new, &mut schemas, &mut report);
    report.lines()
}

/// Generated clients name their methods by the operation's id.
fn operation_id(old: &Value, new: &Value, report: &mut Report) {
    let Some(before) = old["operationId"].as_str() else { return };
    match new["operationId"].as_str() {
        Some(after) if after == before => {}
        Some(after) => report.say("", format!("operationId is now {after}, was {before}")),
        None => report.say("", format!("operationId {before} is removed")),
    }
}
