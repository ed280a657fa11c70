//! The comparison of bodies, responses and their headers.

use serde_json::Value;

use super::directions::Direction;
use super::findings::{Finding, Report};
use super::operations::Side;
use super::references::{behind, shared_reference};
use super::schemas::Comparison;
use super::values::members;

/// Says whether the request's body is gone, is now required, or takes less.
pub(super) fn compare_bodies(old: Side, new: Side, schemas: &mut Comparison, report: &mut Report) {
    let (before, after) = (body(old), body(new));
    let is_required = |body: &Value| body["required"].as_bool().unwrap_or_default();
    if is_required(after) && !is_required(before) {
        report.say("body", "is now required");
    }
    if after.is_null() && !before.is_null() {
        report.say("body", "is gone");
        return;
    }
    let place = Place { name: "body", component: "body" };
    compare_contents(place, before, after, |_| Direction::Request, schemas, report);
}

/// Says what the receiver of a webhook would notice in its body.
pub(super) fn compare_webhook_bodies(old: Side, new: Side, schemas: &mut Comparison, report: &mut Report) {
    let place = Place { name: "body", component: "body" };
    compare_contents(place, body(old), body(new), Direction::of_received, schemas, report);
}

/// Says which responses are gone, have less in them or something else, and which successes are new.
pub(super) fn compare_responses(old: Side, new: Side, schemas: &mut Comparison, report: &mut Report) {
    let (before, after) = (&old.operation["responses"], &new.operation["responses"]);
    for (status, listed) in members(before) {
        let Some(now_listed) = after.get(status) else {
            report.say(status, "is gone");
            continue;
        };
        let place = Place { name: status, component: shared_reference(listed, now_listed).unwrap_or(status) };
        let (response, now) = (behind(old.document, listed), behind(new.document, now_listed));
        compare_contents(place, response, now, Direction::of_received, schemas, report);
        let headers = (Headers(old.document, response), Headers(new.document, now));
        compare_headers(place, headers.0, headers.1, schemas, report);
    }
    for (status, _) in members(after) {
        // The policy is that an operation may fail in new ways at any time: a client must treat a status of
        // 4xx or 5xx that it does not know as the general failure. A new success it could not handle.
        if status.starts_with(['2', '3']) && before.get(status).is_none() {
            report.say(status, "is new");
        }
    }
}

/// Where a content stands: its name in the operation, and the component it is part of, if any.
#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    component: &'a str,
}

/// Gives the request's body, or null.
fn body(side: Side<'_>) -> &Value {
    behind(side.document, &side.operation["requestBody"])
}

/// Compares what two bodies or responses have per media type. The media type is named only where there are
/// several.
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
            let gone = Finding::new(format!("media type {media_type} is gone"));
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

/// A media type's parameters may be written with or without spaces, and no part of it has a case.
fn normal(media_type: &str) -> String {
    media_type.to_lowercase().split_whitespace().collect()
}

/// The headers of a response, with the document that their references point into.
#[derive(Clone, Copy)]
struct Headers<'a>(&'a Value, &'a Value);

impl<'a> Headers<'a> {
    /// Gives each header's name, as it is listed (maybe a reference), and as it is.
    fn list(self) -> impl Iterator<Item = (&'a str, &'a Value, &'a Value)> {
        members(&self.1["headers"]).map(move |(name, listed)| (name, listed, behind(self.0, listed)))
    }
}

/// Says which headers of a response are gone, may be left out, or have something else in them.
fn compare_headers(place: Place, old: Headers, new: Headers, schemas: &mut Comparison, report: &mut Report) {
    for (name, listed, header) in old.list() {
        let at = format!("{} header {name}", place.name);
        let in_response = format!("{} header {name}", place.component);
        let Some((_, now_listed, now)) = new.list().find(|(other, ..)| other.eq_ignore_ascii_case(name))
        else {
            report.add(&at, &in_response, Finding::new("is gone"));
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
