//! The functions of `template.yaml`, with their IAM policies and environment variables.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use resource_api::aws::IamPermission;
use testing::Template;

use super::functions::Trigger;
use super::{Function, Generated, dashboard, exceptions, policies, read, region, variables};

/// The file.
const PATH: &str = "template.yaml";
/// The managed policy of all protected routes.
pub(crate) const ROUTE_POLICY: &str = "RouteFunctionPolicy";

/// `template.yaml` with its functions.
///
/// # Errors
/// When a marker is missing, or a function reads a variable that the template has no value for.
pub(super) fn file(folder: &Path, functions: &[Function]) -> Result<Generated> {
    let text = read(folder, PATH)?;
    let template = Template::read(&folder.join(PATH))?;
    let common = Common::of(functions);
    let mut environment = String::new();
    write_variables(&mut environment, "        ", &common.variables, &template)?;
    let text = region::replace(&text, "variables", &environment).context(PATH)?;
    let text =
        region::replace(&text, "functions", &resources(functions, &common, &template)?).context(PATH)?;
    let text =
        region::replace(&text, "dashboard", &dashboard::resource(functions, &template)).context(PATH)?;
    Ok(Generated { path: PATH.to_owned(), text, idempotent: false })
}

/// The variables and permissions that all protected routes have in common.
struct Common {
    variables: BTreeSet<String>,
    permissions: Vec<IamPermission>,
}

impl Common {
    fn of(functions: &[Function]) -> Self {
        let routes: Vec<_> = functions.iter().filter(|function| function.is_protected()).collect();
        let Some((first, others)) = routes.split_first() else {
            return Self { variables: BTreeSet::new(), permissions: Vec::new() };
        };
        let of_all = |variable: &&String| others.iter().all(|other| other.variables.contains(*variable));
        let permitted_all = |it: &&IamPermission| others.iter().all(|other| other.permissions.contains(it));
        Self {
            variables: first.variables.iter().filter(of_all).cloned().collect(),
            permissions: first.permissions.iter().filter(permitted_all).copied().collect(),
        }
    }
}

/// The policy and every function.
fn resources(functions: &[Function], common: &Common, template: &Template) -> Result<String> {
    let mut yaml = route_policy(common);
    for function in functions {
        yaml.push('\n');
        yaml.push_str(&resource(function, common, template)?);
    }
    Ok(yaml)
}

/// The managed policy of all protected routes.
fn route_policy(common: &Common) -> String {
    let mut yaml = format!(
        "  # The permissions that the functions of all protected routes have in common.
  {ROUTE_POLICY}:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Description: The API keys, the rate limits, the connection to DynamoDB, and the keys of tokens and tables
      PolicyDocument:
        Version: \"2012-10-17\"
        Statement:
"
    );
    policies::write_statements(&mut yaml, "          ", &common.permissions);
    policies::write_connection(&mut yaml, "          ");
    policies::write_key(&mut yaml, "          ");
    yaml.push_str(
        "          - !If
            - HasJwtSecretArn
            - Effect: Allow
              Action: [secretsmanager:GetSecretValue]
              Resource: !Ref JwtSecretArn
            - !Ref AWS::NoValue
          - !If
            - HasJwtSecretKey
            - Effect: Allow
              Action: [kms:Decrypt]
              Resource: !Ref JwtSecretKmsKeyArn
            - !Ref AWS::NoValue
",
    );
    yaml
}

fn resource(function: &Function, common: &Common, template: &Template) -> Result<String> {
    let condition = match function.trigger {
        Trigger::Stream { condition: Some(condition), .. } => format!("    Condition: {condition}\n"),
        _ => String::new(),
    };
    // `process-changes` must know a new kind before a resource of it can be created.
    let depends_on = match function.trigger {
        Trigger::Route { protected: true, .. } => "    DependsOn: ProcessChangesFunction\n",
        _ => "",
    };
    let mut yaml = format!(
        "  {}:
    Type: AWS::Serverless::Function
{condition}{depends_on}    Metadata:
      BuildMethod: rust-cargolambda
      BuildProperties: {{ Binary: {} }}
{}    Properties:
",
        function.logical_id(),
        function.name,
        exceptions::metadata(&function.trigger)
    );
    if let Trigger::Stream { .. } = function.trigger {
        yaml.push_str("      Timeout: 60\n");
        yaml.push_str("      ReservedConcurrentExecutions: !If [HasStreamConcurrency, !Ref StreamConcurrency, !Ref AWS::NoValue]\n");
    }
    let own: BTreeSet<_> = function.variables.difference(&common.variables).cloned().collect();
    let mut environment = String::new();
    write_variables(&mut environment, "          ", &own, template)?;
    if !environment.is_empty() {
        yaml.push_str("      Environment:\n        Variables:\n");
        yaml.push_str(&environment);
    }
    policies::write(&mut yaml, function, &common.permissions);
    write_events(&mut yaml, function);
    Ok(yaml)
}

fn write_variables(
    yaml: &mut String,
    indent: &str,
    names: &BTreeSet<String>,
    template: &Template,
) -> Result<()> {
    for name in names {
        if let Some(value) = variables::value(name, template)? {
            // Writing to a string cannot fail.
            let _ = writeln!(yaml, "{indent}{name}: {value}");
        }
    }
    Ok(())
}

fn write_events(yaml: &mut String, function: &Function) {
    yaml.push_str("      Events:\n");
    match &function.trigger {
        Trigger::Route { method, path, others, .. } => {
            let others = others.iter().map(|(method, path)| (method, path));
            for (number, (method, path)) in [(method, path)].into_iter().chain(others).enumerate() {
                let number = if number == 0 { String::new() } else { (number + 1).to_string() };
                let _ = writeln!(
                    yaml,
                    "        Http{number}:
          Type: HttpApi
          Properties: {{ ApiId: !Ref Api, Method: {method}, Path: \"{path}\" }}"
                );
            }
        }
        // Without a method and a path, it is API Gateway's route `$default`.
        Trigger::Unmatched => yaml.push_str(
            "        Http:
          Type: HttpApi
          Properties: { ApiId: !Ref Api }
",
        ),
        Trigger::Stream { table, .. } => {
            let _ = writeln!(
                yaml,
                "        Changes:
          Type: DynamoDB
          Properties:
            Stream: !If [Makes{table}, !GetAtt {table}.StreamArn, !Ref {table}StreamArn]
            StartingPosition: TRIM_HORIZON
            BatchSize: 100
            ParallelizationFactor: 10
            BisectBatchOnFunctionError: true
            MaximumRetryAttempts: 5
            FunctionResponseTypes: [ReportBatchItemFailures]
            # For the alarm on dead letters. CloudWatch charges for these metrics.
            MetricsConfig: !If [CountsStreamRecords, {{ Metrics: [EventCount] }}, !Ref AWS::NoValue]
            DestinationConfig:
              OnFailure: {{ Destination: !GetAtt DeadLettersBucket.Arn }}"
            );
        }
    }
}
