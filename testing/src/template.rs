//! The parts of `template.yaml` that tests and checks need.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_yaml_ng::Value;

/// The deployment.
#[derive(Debug)]
pub struct Template {
    /// The functions by logical id.
    pub functions: BTreeMap<String, Function>,
    /// The DynamoDB tables by logical id.
    pub tables: BTreeMap<String, Table>,
}

/// A Lambda function.
#[derive(Debug)]
pub struct Function {
    /// The binary that it runs.
    pub binary: String,
    /// How much memory it has, in MiB.
    pub memory_size: u64,
    /// The streams whose records it processes.
    pub streams: Vec<StreamSource>,
}

/// An event source mapping of a table's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StreamSource {
    /// The most records of a batch.
    pub batch_size: usize,
    /// The most retries of a batch.
    pub maximum_retry_attempts: usize,
}

/// A DynamoDB table, with the names of CloudFormation.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Table {
    /// The attributes that keys are made of.
    pub attribute_definitions: Vec<AttributeDefinition>,
    /// The table's key.
    pub key_schema: Vec<KeySchemaElement>,
    /// Its indexes.
    #[serde(default)]
    pub global_secondary_indexes: Vec<Index>,
    /// Its stream.
    pub stream_specification: Option<StreamSpecification>,
    /// The attribute with the time at which an item expires.
    pub time_to_live_specification: Option<TimeToLiveSpecification>,
    /// Whether it has point-in-time recovery. Such a table is also protected against deletion.
    pub point_in_time_recovery_specification: Option<PointInTimeRecoverySpecification>,
}

/// The time to live of items.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimeToLiveSpecification {
    /// The attribute.
    pub attribute_name: String,
}

/// The continuous backups of a table.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PointInTimeRecoverySpecification {
    /// Whether they are enabled.
    pub point_in_time_recovery_enabled: bool,
}

/// A table's stream.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StreamSpecification {
    /// The content of its records: `NEW_AND_OLD_IMAGES`.
    pub stream_view_type: String,
}

/// An attribute and its type.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttributeDefinition {
    /// Its name.
    pub attribute_name: String,
    /// `S`, `N` or `B`.
    pub attribute_type: String,
}

/// A part of a key.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct KeySchemaElement {
    /// The attribute.
    pub attribute_name: String,
    /// `HASH` or `RANGE`.
    pub key_type: String,
}

/// A global secondary index.
#[expect(clippy::struct_field_names, reason = "the words of CloudFormation")]
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Index {
    /// Its name.
    pub index_name: String,
    /// Its key.
    pub key_schema: Vec<KeySchemaElement>,
    /// Its projection.
    pub projection: Projection,
}

/// The projection of an index.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Projection {
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    pub projection_type: String,
    /// The attributes of `INCLUDE`.
    #[serde(default)]
    pub non_key_attributes: Vec<String>,
}

impl Template {
    /// The template of this workspace.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn of_workspace() -> Result<Self> {
        Self::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml")))
    }

    /// Reads a template.
    ///
    /// # Errors
    /// If it is missing, is not YAML, or has an unexpected function or table.
    pub fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let document: Value = serde_yaml_ng::from_str(&text)?;
        let resources = document["Resources"].as_mapping().context("the template has no Resources")?;
        let mut template = Self { functions: BTreeMap::new(), tables: BTreeMap::new() };
        for (name, resource) in resources {
            let name = name.as_str().context("a resource's name is no string")?.to_owned();
            let fault = || format!("in {name} of {}", path.display());
            match resource["Type"].as_str() {
                Some("AWS::DynamoDB::Table") => {
                    let table = Table::deserialize(&resource["Properties"]).with_context(fault)?;
                    template.tables.insert(name, table);
                }
                Some("AWS::Serverless::Function") => {
                    let function =
                        Function::read(resource, &document["Globals"]["Function"]).with_context(fault)?;
                    template.functions.insert(name, function);
                }
                _ => {}
            }
        }
        Ok(template)
    }

    /// The stream of the function with a binary.
    pub fn stream_of(&self, binary: &str) -> Option<&StreamSource> {
        self.functions.values().find(|function| function.binary == binary)?.streams.first()
    }
}

impl Function {
    /// `globals` has the properties of all functions that do not override them.
    fn read(resource: &Value, globals: &Value) -> Result<Self> {
        let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str().context("no Binary")?;
        let memory_size = &resource["Properties"]["MemorySize"];
        let memory_size = memory_size.as_u64().or_else(|| globals["MemorySize"].as_u64());
        let events = resource["Properties"]["Events"].as_mapping();
        let events = events.into_iter().flat_map(|events| events.values());
        let streams = events.filter(|event| event["Type"] == "DynamoDB");
        let streams = streams.map(|event| StreamSource::deserialize(&event["Properties"]));
        Ok(Self {
            binary: binary.to_owned(),
            memory_size: memory_size.context("no MemorySize")?,
            streams: streams.collect::<Result<_, _>>()?,
        })
    }
}
