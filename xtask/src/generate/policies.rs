//! The IAM policies of the functions in `template.yaml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use resource_api::aws::IamPermission;

use super::functions::Trigger;
use super::{Function, ROUTE_POLICY};

/// What a function may call, besides `common`, which the managed policy of its routes permits.
pub(super) fn write(yaml: &mut String, function: &Function, common: &[IamPermission]) {
    let protected = function.is_protected();
    let follows = matches!(function.trigger, Trigger::Stream { .. });
    if !protected && !follows && function.permissions.is_empty() {
        return;
    }
    yaml.push_str("      Policies:\n");
    if protected {
        let _ = writeln!(yaml, "        - !Ref {ROUTE_POLICY}");
    }
    let own: Vec<_> =
        function.permissions.iter().filter(|it| !protected || !common.contains(it)).copied().collect();
    if !own.is_empty() {
        yaml.push_str("        - Version: \"2012-10-17\"\n          Statement:\n");
        write_statements(yaml, "            ", &own);
        if !protected {
            write_connection(yaml, "            ");
            write_key(yaml, "            ");
        }
    }
    if follows {
        // Not by the mapping's `Type: S3`, whose policy would also let the function write to a bucket of this name in another
        // account, if this one is deleted.
        yaml.push_str(
            "        # What the function gives up is written with its role, to a bucket of this account only.
        - Version: \"2012-10-17\"
          Statement:
            - Effect: Allow
              Action: [s3:PutObject, s3:ListBucket]
              Resource: [!GetAtt DeadLettersBucket.Arn, !Sub \"${DeadLettersBucket.Arn}/*\"]
              Condition: { StringEquals: { s3:ResourceAccount: !Ref AWS::AccountId } }
",
        );
        write_key_use(yaml, "            ", "s3", "kms:GenerateDataKey");
    }
    if publishes_events(function) {
        yaml.push_str(
            "        - Version: \"2012-10-17\"
          Statement:
            - Effect: Allow
              Action: [events:PutEvents]
              Resource: !Sub \"arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${EventBusName}\"
",
        );
        // The stream that it follows is encrypted as its table is.
        write_key(yaml, "            ");
    }
}

/// Whether a function puts events to the bus: then it reads the bus's name.
fn publishes_events(function: &Function) -> bool {
    function.variables.contains("EVENT_BUS_NAME")
}

/// The statement that every connection to DynamoDB needs.
pub(super) fn write_connection(yaml: &mut String, indent: &str) {
    let _ = writeln!(
        yaml,
        "{indent}# Opens the first connection at start. This action takes no resource.
{indent}- Effect: Allow
{indent}  Action: [dynamodb:DescribeEndpoints]
{indent}  Resource: \"*\""
    );
}

/// The statement that DynamoDB needs of the caller of an encrypted table or stream, where the key is a customer's.
pub(super) fn write_key(yaml: &mut String, indent: &str) {
    write_key_use(yaml, indent, "dynamodb", "kms:Decrypt, kms:DescribeKey");
}

/// The statement that lets a function use the customer's key through a service, if there is one.
fn write_key_use(yaml: &mut String, indent: &str, service: &str, actions: &str) {
    let _ = writeln!(
        yaml,
        "{indent}- !If
{indent}  - HasKmsKey
{indent}  - Effect: Allow
{indent}    Action: [{actions}]
{indent}    Resource: !Ref KmsKeyArn
{indent}    Condition:
{indent}      StringEquals: {{ kms:ViaService: !Sub \"{service}.${{AWS::Region}}.${{AWS::URLSuffix}}\" }}
{indent}  - !Ref AWS::NoValue"
    );
}

/// Statements for calls to DynamoDB, one for each table or index.
pub(super) fn write_statements(yaml: &mut String, indent: &str, permissions: &[IamPermission]) {
    let mut actions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for permission in permissions {
        actions.entry(permission.on).or_default().insert(permission.action);
    }
    for (on, actions) in actions {
        let actions: Vec<_> = actions.into_iter().map(|action| format!("dynamodb:{action}")).collect();
        let _ = writeln!(
            yaml,
            "{indent}- Effect: Allow
{indent}  Action: [{}]
{indent}  Resource: {}",
            actions.join(", "),
            arn(on)
        );
    }
}

/// The ARN of a table, by its logical id, or of indexes, as `Table/index/name`.
fn arn(on: &str) -> String {
    let (table, below) =
        on.split_once('/').map_or((on, String::new()), |(table, below)| (table, format!("/{below}")));
    format!(
        "!If [Makes{table}, !Sub \"${{{table}.Arn}}{below}\", \
         !Sub \"arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/${{{table}Name}}{below}\"]"
    )
}
