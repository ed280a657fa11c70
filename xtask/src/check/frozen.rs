//! Compares the template's tables with a committed snapshot, since deployed tables limit changes:
//! CloudFormation replaces a table whose key changes, creates or deletes one index in an update, and cannot
//! change a projection.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use testing::{KeySchemaElement, Template};

use crate::generate::read;

/// The snapshot, within the workspace.
const SNAPSHOT: &str = "xtask/tables.lock.json";

/// Tables by their logical ids.
type Tables = BTreeMap<String, Table>;
/// The attributes of a key: key type, name and attribute type, like `HASH pk S`.
type Key = Vec<String>;

/// The properties of a table that are compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Table {
    key: Key,
    stream: Option<String>,
    indexes: BTreeMap<String, Index>,
}

/// The properties of an index that are compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Index {
    key: Key,
    projection: Vec<String>,
}

/// Differences between the template's tables and the snapshot.
pub(super) fn faults(folder: &Path) -> Result<Vec<String>> {
    let frozen: Tables = serde_json::from_str(&read(folder, SNAPSHOT)?).context(SNAPSHOT)?;
    let tables = of_template(folder)?;
    let mut faults = Vec::new();
    for (name, frozen) in &frozen {
        let Some(table) = tables.get(name) else {
            faults.push(format!("template.yaml: the table {name} is missing: updated stacks would lose it"));
            continue;
        };
        let mut fault = |what: &str| faults.push(format!("template.yaml, {name}: {what}"));
        if table.key != frozen.key {
            fault("the key has changed: CloudFormation would replace the table with an empty one");
        }
        if table.stream != frozen.stream {
            fault("the stream view type has changed: functions on the stream would miss changes");
        }
        for (index, frozen) in &frozen.indexes {
            match table.indexes.get(index) {
                Some(found) if found != frozen => {
                    fault(&format!(
                        "the key or the projection of the index {index} has changed: CloudFormation cannot update it"
                    ));
                }
                Some(_) => {}
                None => fault(&format!("the index {index} is missing")),
            }
        }
        for index in table.indexes.keys().filter(|index| !frozen.indexes.contains_key(*index)) {
            fault(&format!("the index {index} is new: CloudFormation creates only one index in an update"));
        }
    }
    for name in tables.keys().filter(|name| !frozen.contains_key(*name)) {
        faults.push(format!("template.yaml: the table {name} is new"));
    }
    let advice =
        format!("if this is intended, run `cargo xtask check --accept-tables`, which updates {SNAPSHOT}");
    Ok(faults.into_iter().map(|fault| format!("{fault}; {advice}")).collect())
}

/// Writes the template's tables to the snapshot.
pub(super) fn accept(folder: &Path) -> Result<()> {
    let text = serde_json::to_string_pretty(&of_template(folder)?)?;
    fs::write(folder.join(SNAPSHOT), format!("{text}\n")).with_context(|| format!("cannot write {SNAPSHOT}"))
}

fn of_template(folder: &Path) -> Result<Tables> {
    let template = Template::read(&folder.join("template.yaml"))?;
    let tables = template.tables.iter().map(|(name, table)| {
        let types: BTreeMap<_, _> = table
            .attribute_definitions
            .iter()
            .map(|it| (it.attribute_name.as_str(), it.attribute_type.as_str()))
            .collect();
        let key = |schema: &[KeySchemaElement]| -> Key {
            let part = |it: &KeySchemaElement| {
                let kind = types.get(it.attribute_name.as_str()).copied().unwrap_or_default();
                format!("{} {} {kind}", it.key_type, it.attribute_name)
            };
            schema.iter().map(part).collect()
        };
        let indexes = table.global_secondary_indexes.iter().map(|index| {
            let mut projection = index.projection.non_key_attributes.clone();
            projection.sort();
            projection.insert(0, index.projection.projection_type.clone());
            (index.index_name.clone(), Index { key: key(&index.key_schema), projection })
        });
        let stream = table.stream_specification.as_ref().map(|stream| stream.stream_view_type.clone());
        (name.clone(), Table { key: key(&table.key_schema), stream, indexes: indexes.collect() })
    });
    Ok(tables.collect())
}
