//! Generates values of any kind from its declaration.

use std::collections::HashMap;

use anyhow::{Context as _, Result, anyhow, ensure};
use rand_010::SeedableRng as _;
use rand_010::distr::Distribution as _;
use rand_010::rngs::SmallRng;
use rand_regex::Regex;
use resource_api::domain::{
    Caller, Field, Fields, Filter, Format, Kind, ListRequest, MAX_LIMIT, PageStart, ResourceId, Selection,
    ShownStatus, SortOrder, Timestamp, Type, Values, check_new,
};
use resource_api::repository::ResourceRepository;
use serde_json::{Map, Value, json};

use super::words;
use crate::local::ALL_KINDS;

/// The attempts to generate values with optional fields that the rules of a kind accept. The last one has
/// only required fields.
const ATTEMPTS: usize = 5;
/// The most items of a list beyond its minimum. A pattern repeats characters at most twice as often.
const MANY: usize = 5;

/// The ids for references, by kind.
pub(super) struct References(HashMap<&'static str, Vec<ResourceId>>);

impl References {
    /// Reads the newest resources of the kinds that a kind refers to.
    pub(super) async fn read(
        repository: &ResourceRepository,
        caller: &Caller,
        kind: &'static Kind,
        unreachable: impl Fn() -> String,
    ) -> Result<Self> {
        let mut ids = HashMap::new();
        for field in kind.fields {
            let Some(name) = field.refers_to() else { continue };
            let referred = ALL_KINDS.find(name).with_context(|| format!("there is no kind {name}"))?;
            let request = ListRequest {
                kind: referred,
                filter: Filter { statuses: ShownStatus::living(referred), conditions: Vec::new() },
                order: SortOrder::DEFAULT,
                limit: MAX_LIMIT,
                start: PageStart::Offset(0),
                selection: Selection { fields: Fields::NONE, expand: Fields::NONE },
            };
            let scope = caller
                .scope(referred)
                .with_context(|| format!("a role that may write {} may not read {name}", kind.name))?;
            let listed = repository.list(&scope, &request, None, 0, Timestamp::now()).await;
            let listed = listed.with_context(&unreachable)?;
            let found: Vec<_> = listed.rows.iter().map(|(_, view)| view.id()).collect();
            ensure!(
                !found.is_empty() || !field.required,
                "{} refer to {name}, but there are none; seed them first, with --kind {name}",
                kind.name
            );
            ids.insert(name, found);
        }
        Ok(Self(ids))
    }

    fn one_of(&self, kind: &str) -> Option<ResourceId> {
        fastrand::choice(self.0.get(kind)?).copied()
    }
}

/// Values of a kind as a client could send them.
pub(super) fn of(kind: &'static Kind, author: &Caller, references: &References) -> Result<Values> {
    for attempt in 0..=ATTEMPTS {
        let body = object(kind.fields, references, attempt == ATTEMPTS)?;
        let values = Values::from_json(kind, body)
            .map_err(|faults| anyhow!("generated values of {} are not valid: {faults:?}", kind.name))?;
        if check_new(&values, author).is_ok() {
            return Ok(values);
        }
    }
    Err(anyhow!("the rules of {} refuse all generated values", kind.name))
}

/// An object of these fields. Optional fields are left out, or chosen at random.
fn object(fields: &'static [Field], references: &References, required_only: bool) -> Result<Value> {
    let mut object = Map::new();
    for field in fields {
        if field.required || (!required_only && fastrand::u8(..3) > 0) {
            object.insert(field.name.to_owned(), value(field, references)?);
        }
    }
    Ok(Value::Object(object))
}

fn value(field: &'static Field, references: &References) -> Result<Value> {
    Ok(match &field.field_type {
        Type::Text(text) => {
            let made = match (text.pattern, text.format) {
                (Some(pattern), _) => matching(pattern, text.most)?,
                (None, Some(Format::Email)) => {
                    format!("customer-{:x}@example.com", fastrand::u64(..))
                }
                (None, Some(Format::Uri)) => {
                    format!("https://example.com/{:x}", fastrand::u64(..))
                }
                (None, None) => words::name(),
            };
            let mut made: String = made.chars().take(text.most).collect();
            while made.chars().count() < text.least {
                made.push('x');
            }
            made.into()
        }
        Type::Integer { least, most } => fastrand::i64(*least..=*most).into(),
        Type::Number { least, .. } => {
            let least: i64 = least.and_then(|least| least.parse().ok()).unwrap_or_default();
            let cents = fastrand::u16(..10_000);
            serde_json::from_str(&format!("{}.{:02}", least + i64::from(cents / 100), cents % 100))?
        }
        Type::Boolean => fastrand::bool().into(),
        Type::Timestamp => Timestamp::now().to_string().into(),
        Type::Date => format!("2026-{:02}-{:02}", fastrand::u8(1..=12), fastrand::u8(1..=28)).into(),
        Type::Choice(words) => fastrand::choice(*words).copied().into(),
        Type::Reference(kind) => json!(references.one_of(kind)),
        Type::Json => words::attributes(),
        Type::Object(fields) => object(fields, references, false)?,
        Type::List(list) => {
            let count = fastrand::usize(list.least..=list.most.min(list.least + MANY));
            let items = (0..count).map(|_| value(list.item, references)).collect::<Result<Vec<_>>>()?;
            let mut different: Vec<Value> = Vec::new();
            for item in items.into_iter().filter(|item| !item.is_null()) {
                if !list.unique || !different.contains(&item) {
                    different.push(item);
                }
            }
            different.into()
        }
        other => return Err(anyhow!("no values are generated for {other:?}")),
    })
}

/// A text that matches a whole pattern.
fn matching(pattern: &str, most: usize) -> Result<String> {
    let repeat = u32::try_from(most.min(2 * MANY))?;
    let texts = Regex::compile(pattern, repeat)
        .with_context(|| format!("cannot generate a text for the pattern {pattern}"))?;
    Ok(texts.sample(&mut SmallRng::seed_from_u64(fastrand::u64(..))))
}
