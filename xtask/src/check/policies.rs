//! Checks that the template grants only generated permissions. Whatever could grant others, and is not listed
//! here, is a fault.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_yaml_ng::{Mapping, Value};

use crate::generate::{Function, ROUTE_POLICY, read};

/// The advice for a part that is harmless.
const ADD: &str = "if it grants none, add it to xtask/src/check/policies.rs";
/// Resource types that grant functions no permissions.
const WITHOUT_PERMISSIONS: &[&str] = &[
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::DynamoDB::Table",
    "AWS::Logs::LogGroup",
    "AWS::Route53::RecordSet",
    "AWS::S3::Bucket",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::Serverless::HttpApi",
];
/// The type of bucket policies, which may only deny.
const BUCKET_POLICY: &str = "AWS::S3::BucketPolicy";
/// Settings for all functions that grant no permissions, except `Tracing`: with it, SAM permits each function
/// to write traces to X-Ray.
const GLOBALS: &[&str] = &[
    "Architectures",
    "CodeUri",
    "Environment",
    "Handler",
    "KmsKeyArn",
    "LoggingConfig",
    "MemorySize",
    "PermissionsBoundary",
    "Runtime",
    "Timeout",
    "Tracing",
    "VpcConfig",
];
/// The known sections of a template.
const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Parameters",
    "Rules",
    "Conditions",
    "Globals",
    "Resources",
    "Outputs",
];

/// Parts of the template that are not generated and may grant permissions.
pub(super) fn faults(folder: &Path, functions: &[Function]) -> Result<Vec<String>> {
    let template: Mapping = serde_yaml_ng::from_str(&read(folder, "template.yaml")?)?;
    let mut faults = Vec::new();
    for section in names(&template).filter(|section| !SECTIONS.contains(section)) {
        faults.push(format!("template.yaml: unknown section {section}; {ADD}"));
    }
    if template.get("Transform") != Some(&Value::from("AWS::Serverless-2016-10-31")) {
        faults.push("template.yaml: AWS::Serverless-2016-10-31 must be the only transform".to_owned());
    }
    let globals =
        template.get("Globals").and_then(Value::as_mapping).context("template.yaml has no Globals")?;
    for name in names(globals).filter(|name| *name != "Function") {
        faults.push(format!("template.yaml, Globals: unknown section {name}"));
    }
    let function = globals
        .get("Function")
        .and_then(Value::as_mapping)
        .context("template.yaml has no Globals.Function")?;
    for name in names(function).filter(|name| !GLOBALS.contains(name)) {
        faults.push(format!("template.yaml, Globals.Function: {name} may grant permissions; {ADD}"));
    }
    let resources =
        template.get("Resources").and_then(Value::as_mapping).context("template.yaml has no Resources")?;
    let generated: Vec<_> =
        functions.iter().map(Function::logical_id).chain([ROUTE_POLICY.to_owned()]).collect();
    for (name, resource) in resources {
        let name = name.as_str().unwrap_or_default();
        let kind = resource["Type"].as_str().unwrap_or_default();
        if kind == BUCKET_POLICY {
            if !only_denies(resource) {
                faults.push(format!("template.yaml, {name}: a bucket policy may only deny"));
            }
            continue;
        }
        if !WITHOUT_PERMISSIONS.contains(&kind) && !generated.iter().any(|it| it == name) {
            faults.push(format!(
                "template.yaml, {name}: a resource of type {kind} may grant permissions, which must be declared in \
                 functions/src/lib.rs; {ADD}"
            ));
        }
    }
    Ok(faults)
}

/// Whether each statement of a policy denies.
fn only_denies(resource: &Value) -> bool {
    let statements = resource["Properties"]["PolicyDocument"]["Statement"].as_sequence();
    statements.is_some_and(|statements| statements.iter().all(|statement| statement["Effect"] == "Deny"))
}

fn names(mapping: &Mapping) -> impl Iterator<Item = &str> {
    mapping.keys().map(|name| name.as_str().unwrap_or_default())
}
