//! Compares bodies, responses and their headers.

use serde_json::Value;

use super::directions::Direction;
use super::findings::{Finding, Report};
use super::operations::Side;
use super::references::{behind, shared_reference};
use super::schemas::Comparison;
use super::values::members;

/// Reports a request body that is removed, is now required, or accepts less.
pub(super) fn compare_bodies(old: Side, new: Side, schemas: &mut Comparison, report: &mut Report) {
    let (before, after) = (body(old), body(new));
    let is_required = |body: &Value| body["required"].as_bool().unwrap_or_default();
    if is_required(after) && !is_required(before) {
        report.say("body", "is now required");
    }
    if after.is_null() && !before.is_null() {
        report.say("body", "is removed");
        return;
    }
    let place = Place { name: "body", component: "body" };
    compare_contents(place, before, after, |_| Direction::Request, schemas, report);
}

/// Reports changes of a webhook's body that a receiver would notice.
pub(super) fn compare_webhook_bodies(old: Side, new: Side, schemas: &mut Comparison, report: &mut Report) {
    let place = Place { name: "body", component: "body" };
    compare_contents(place, body(old), body(new), Direction::of_received, schemas, report);
}

/// Reports responses that are removed, or contain less or other values, and new successes.
pub(super) fn compare_responses(old: Side, new: Side, schemas: &mut Comparison, report: &mut Report) {
    let (before, after) = (&old.operation["responses"], &new.operation["responses"]);
    for (status, listed) in members(before) {
        let Some(now_listed) = after.get(status) else {
            report.say(status, "is removed");
            continue;
        };
        let place = Place { name: status, component: shared_reference(listed, now_listed).unwrap_or(status) };
        let (response, now) = (behind(old.document, listed), behind(new.document, now_listed));
        compare_contents(place, response, now, Direction::of_received, schemas, report);
        let headers = (Headers(old.document, response), Headers(new.document, now));
        compare_headers(place, headers.0, headers.1, schemas, report);
    }
    for (status, _) in members(after) {
        // The policy is that an operation may fail in new ways at any time: a client must treat an unknown
        // 4xx or 5xx as a general failure. But it could not handle a new success.
        if status.starts_with(['2', '3']) && before.get(status).is_none() {
            report.say(status, "is new");
        }
    }
}

/// The place of a content: its name in the operation, and the component it is part of, or that name again.
#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    component: &'a str,
}

/// The request body, or null.
fn body(side: Side<'_>) -> &Value {
    behind(side.document, &side.operation["requestBody"])
}

/// Compares two bodies or responses by media type. Findings name the media type only if there are several.
fn compare_contents(
    place: Place,
    old: &Value,
    new: &Value,
    direction: impl Fn(&str) -> Direction,
    schemas: &mut Comparison,
    report: &mut Report,
) {
    let (before, after) = (&old["content"], &new["content"]);
    let several = members(before).count() > 1;
    for (media_type, media) in members(before) {
        let Some((_, now)) = members(after).find(|(other, _)| normal(other) == normal(media_type)) else {
            let gone = Finding::new(format!("media type {media_type} is removed"));
            report.add(place.name, place.component, gone);
            continue;
        };
        let name = if several { format!("{} {media_type}", place.name) } else { place.name.to_owned() };
        let component = format!("{} {media_type}", place.component);
        for finding in schemas.compare(direction(media_type), &media["schema"], &now["schema"]) {
            report.add(&name, &component, finding);
        }
    }
}

/// Normalizes a media type: its parameters may have spaces, and it is case-insensitive.
fn normal(media_type: &str) -> String {
    media_type.to_lowercase().split_whitespace().collect()
}

/// The headers of a response, with the document that their references point into.
#[derive(Clone, Copy)]
struct Headers<'a>(&'a Value, &'a Value);

impl<'a> Headers<'a> {
    /// The name of each header, the header as it is listed (possibly a reference), and the header itself.
    fn list(self) -> impl Iterator<Item = (&'a str, &'a Value, &'a Value)> {
        members(&self.1["headers"]).map(move |(name, listed)| (name, listed, behind(self.0, listed)))
    }
}

/// Reports headers of a response that are removed, may be left out, or have other values.
fn compare_headers(place: Place, old: Headers, new: Headers, schemas: &mut Comparison, report: &mut Report) {
    for (name, listed, header) in old.list() {
        let at = format!("{} header {name}", place.name);
        let in_response = format!("{} header {name}", place.component);
        let Some((_, now_listed, now)) = new.list().find(|(other, ..)| other.eq_ignore_ascii_case(name))
        else {
            report.add(&at, &in_response, Finding::new("is removed"));
            continue;
        };
        let component = shared_reference(listed, now_listed).unwrap_or(&in_response);
        if header["required"] == true && now["required"] != true {
            report.add(&at, component, Finding::new("is no longer always sent"));
        }
        for finding in schemas.compare(Direction::Response, &header["schema"], &now["schema"]) {
            report.add(&at, component, finding);
        }
    }
}
