//! The IAM policies of the functions in `template.yaml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use resource_api::aws::IamPermission;

use super::functions::Trigger;
use super::{Function, ROUTE_POLICY};

/// Writes the policies of a function. Protected routes get the permissions in `common` from the managed
/// policy.
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
        // SAM's policy for a destination of `Type: S3` is not used. If the bucket is deleted, that policy
        // would permit writes to a bucket of the same name in another account.
        yaml.push_str(
            "        # Lambda writes failed records to the bucket with the function's role, only in this account.
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
        // The stream is encrypted with the key of its table.
        write_key(yaml, "            ");
    }
}

/// Whether a function publishes events: if so, it reads the name of the bus.
fn publishes_events(function: &Function) -> bool {
    function.variables.contains("EVENT_BUS_NAME")
}

/// The statement that every connection to DynamoDB needs.
pub(super) fn write_connection(yaml: &mut String, indent: &str) {
    let _ = writeln!(
        yaml,
        "{indent}# Opens the first connection at start. This action does not support resource-level permissions.
{indent}- Effect: Allow
{indent}  Action: [dynamodb:DescribeEndpoints]
{indent}  Resource: \"*\""
    );
}

/// The statement that calls on a table or stream need if it is encrypted with a customer managed key.
pub(super) fn write_key(yaml: &mut String, indent: &str) {
    write_key_use(yaml, indent, "dynamodb", "kms:Decrypt, kms:DescribeKey");
}

/// The statement that permits a function to use the customer managed key through a service, if there is such
/// a key.
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
