//! The template grants nothing but what is generated. Whatever could grant something, and is none of what stands here, is
//! refused rather than read past.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_yaml_ng::{Mapping, Value};

use crate::generate::{Function, ROUTE_POLICY, read};

/// Types of resources that permit no function anything.
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
/// Policies of resources; they may only deny.
const BUCKET_POLICY: &str = "AWS::S3::BucketPolicy";
/// Settings of all functions that permit them nothing, but for `Tracing`: with it SAM lets each write traces to X-Ray.
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
/// Sections of a template that hold no resources.
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

/// What the template holds that is not generated and may grant something.
pub(super) fn faults(folder: &Path, functions: &[Function]) -> Result<Vec<String>> {
    let template: Mapping = serde_yaml_ng::from_str(&read(folder, "template.yaml")?)?;
    let mut faults = Vec::new();
    for section in names(&template).filter(|section| !SECTIONS.contains(section)) {
        faults.push(format!("template.yaml: `cargo xtask check` does not know the section {section}"));
    }
    if template.get("Transform") != Some(&Value::from("AWS::Serverless-2016-10-31")) {
        faults.push(
            "template.yaml: `cargo xtask check` knows no transform but AWS::Serverless-2016-10-31".to_owned(),
        );
    }
    let globals =
        template.get("Globals").and_then(Value::as_mapping).context("template.yaml has no Globals")?;
    for name in names(globals).filter(|name| *name != "Function") {
        faults.push(format!("template.yaml, Globals: `cargo xtask check` does not know {name}"));
    }
    let function = globals
        .get("Function")
        .and_then(Value::as_mapping)
        .context("template.yaml has no Globals.Function")?;
    for name in names(function).filter(|name| !GLOBALS.contains(name)) {
        faults.push(format!(
            "template.yaml, Globals.Function: `cargo xtask check` does not know what {name} permits"
        ));
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
                faults.push(format!("template.yaml, {name}: a policy of a bucket may only deny"));
            }
            continue;
        }
        if !WITHOUT_PERMISSIONS.contains(&kind) && !generated.iter().any(|it| it == name) {
            faults.push(format!(
                "template.yaml, {name}: `cargo xtask check` does not know what a resource of type {kind} permits; \
                 what functions may call stands in functions/src/lib.rs"
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
