//! A request for a list, and the response of the model.

use std::collections::BTreeMap;

use kinds::RESOURCES;
use proptest::prelude::*;
use proptest::sample::select;
use resource_api::domain::{FieldValue, Resource, ResourceId, Timestamp, View, fold};
use serde_json::{Value, json};

use super::{AUTHORS, FIELDS, SORTS, STATUSES, TIMES, moment};

/// A request for a list.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    statuses: Vec<&'static str>,
    sort: Option<&'static str>,
    created: (Option<u32>, Option<u32>),
    updated: (Option<u32>, Option<u32>),
    created_by: Option<&'static str>,
    pub(super) fields: Option<&'static str>,
    related: bool,
    pub(super) limit: Option<usize>,
    pub(super) offset: Option<usize>,
}

/// A time range whose start is before its end.
fn period() -> impl Strategy<Value = (Option<u32>, Option<u32>)> {
    let end = || prop::option::weighted(0.3, select(&TIMES[..]));
    (end(), end()).prop_map(|ends| match ends {
        (Some(one), Some(other)) => (Some(one.min(other)), Some(one.max(other))),
        ends => ends,
    })
}

prop_compose! {
    pub(super) fn asked()(
        statuses in prop::sample::subsequence(&STATUSES[..], 0..=3),
        sort in prop::option::weighted(0.9, select(&SORTS[..])),
        created in period(),
        updated in period(),
        created_by in prop::option::weighted(0.2, select(&AUTHORS[..])),
        fields in prop::option::weighted(0.4, select(&FIELDS[..])),
        related in prop::bool::weighted(0.3),
        limit in prop::option::weighted(0.9, prop_oneof![1..8_usize, 1..=100_usize]),
        offset in prop::option::weighted(0.3, 0..30_usize),
    ) -> Asked {
        Asked { statuses, sort, created, updated, created_by, fields, related, limit, offset }
    }
}

impl Asked {
    /// The query string without a cursor, and without the offset, which only a first page has.
    pub(super) fn query(&self) -> String {
        let mut query = vec![("marker", None)];
        let statuses = (!self.statuses.is_empty()).then(|| self.statuses.join(","));
        let time = |at: Option<u32>| at.map(|at| moment(at).to_string());
        query.extend([
            ("status", statuses),
            ("sort", self.sort.map(str::to_owned)),
            ("created_at[gt]", time(self.created.0)),
            ("created_at[lt]", time(self.created.1)),
            ("updated_at[gt]", time(self.updated.0)),
            ("updated_at[lt]", time(self.updated.1)),
            ("created_by", self.created_by.map(|subject| subject.replace(' ', "+").replace('&', "%26"))),
            ("fields", self.fields.map(str::to_owned)),
            ("expand", self.related.then(|| "related".to_owned())),
            ("limit", self.limit.map(|limit| limit.to_string())),
        ]);
        let given = query.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        given.collect::<Vec<_>>().join("&")
    }

    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(20)
    }

    fn has(&self, resource: &Resource) -> bool {
        let within = |time: Timestamp, (after, before): (Option<u32>, Option<u32>)| {
            after.is_none_or(|after| time > moment(after))
                && before.is_none_or(|before| time < moment(before))
        };
        let status = resource.values.status().as_str();
        (self.statuses.is_empty() || self.statuses.contains(&status))
            && within(resource.id.created_at(), self.created)
            && within(resource.updated_at, self.updated)
            && self.created_by.is_none_or(|author| author == resource.created_by)
    }

    /// The resources of the list, in its order.
    pub(super) fn of<'a>(&self, model: &'a BTreeMap<ResourceId, Resource>) -> Vec<&'a Resource> {
        let mut list: Vec<_> = model.values().filter(|resource| self.has(resource)).collect();
        let sort = self.sort.unwrap_or("-created");
        match sort.trim_start_matches('-') {
            "created" => {}
            "updated" => list.sort_by_key(|resource| resource.updated_at),
            _ => list.sort_by_key(|resource| {
                fold(resource.values.named("name").and_then(FieldValue::as_text).unwrap())
            }),
        }
        if sort.starts_with('-') {
            list.reverse();
        }
        list
    }

    /// A resource as a row of the list.
    pub(super) fn row(&self, resource: &Resource, model: &BTreeMap<ResourceId, Resource>) -> Value {
        let view = |resource: &Resource, fields| json!(View::new(resource.clone(), fields));
        let fields = match self.fields {
            None => RESOURCES.summary(),
            Some("*") => RESOURCES.all_fields(),
            Some(names) => names.split(',').map(|name| RESOURCES.field_ref(name).unwrap()).collect(),
        };
        let mut row = view(resource, fields);
        if self.related {
            let ids = resource.values.named("related_ids").unwrap().references();
            let (found, missing): (Vec<_>, Vec<_>) = ids.iter().partition(|id| model.contains_key(id));
            row["related"] = found.iter().map(|id| view(&model[id], RESOURCES.summary())).collect();
            row["unresolved_related_ids"] = json!(missing);
        }
        row
    }
}
