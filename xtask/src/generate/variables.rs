//! The environment variables of the functions: their meaning, and the source of their values in the template.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Context as _, Result, ensure};
use testing::Template;

use self::Source::{Nothing, Parameter, Table};
use super::Function;
use crate::local::table_variable;

/// A variable, as `docs/configuration.md` describes it.
struct Variable {
    name: &'static str,
    source: Source,
    /// The value if the variable is not set; empty if there is none.
    default: &'static str,
    meaning: &'static str,
}

/// The source of a value in the template.
enum Source {
    /// A parameter of the stack.
    Parameter(&'static str),
    /// The table of this logical id.
    Table(&'static str),
    /// The stack does not set it.
    Nothing,
}

const fn variable(
    name: &'static str,
    source: Source,
    default: &'static str,
    meaning: &'static str,
) -> Variable {
    Variable { name, source, default, meaning }
}

const VARIABLES: &[Variable] = &[
    variable(
        "STAGE",
        Parameter("Stage"),
        "",
        "The name of the deployment. `local` is a developer's machine: it accepts the development secret, requires neither tenant nor issuer and audience, and sends no `Strict-Transport-Security`. Unset is not `local`",
    ),
    variable(
        "JWT_SECRET",
        Parameter("JwtSecret"),
        "",
        "The secret of HS256, at least 32 bytes. Set exactly one of `JWT_SECRET`, `JWT_SECRET_ARN` and `JWT_JWKS_URL`",
    ),
    variable(
        "JWT_SECRET_ARN",
        Parameter("JwtSecretArn"),
        "",
        "The ARN of that secret in AWS Secrets Manager",
    ),
    variable(
        "JWT_SECRET_MAX_AGE_SECONDS",
        Parameter("JwtSecretMaxAgeSeconds"),
        "900",
        "How long a copy of that secret is used, 60 to 3,600",
    ),
    variable(
        "JWT_JWKS_URL",
        Parameter("JwtJwksUrl"),
        "",
        "The URL of a key set (RFC 7517): https, or http on this machine",
    ),
    variable(
        "JWT_ISSUER",
        Parameter("JwtIssuer"),
        "",
        "The required value of `iss`. If it is not set, `iss` is not checked. Required with `JWT_JWKS_URL`, unless `STAGE` is `local`",
    ),
    variable(
        "JWT_AUDIENCE",
        Parameter("JwtAudience"),
        "",
        "Audiences, separated by commas. `aud`, or `client_id` if `aud` is missing, must name one of them. When missing, as `JWT_ISSUER`",
    ),
    variable(
        "JWT_ROLE_CLAIM",
        Parameter("JwtRoleClaim"),
        "role",
        "The claim with the role: its name, or a JSON Pointer",
    ),
    variable("JWT_TENANT_CLAIM", Parameter("JwtTenantClaim"), "tenant", "The claim with the tenant"),
    variable(
        "JWT_ROLES",
        Parameter("JwtRoles"),
        "",
        "The role for each value of the role claim: `ops=admin,staff=moderator,*=user`. Without it the values are the names of roles",
    ),
    variable(
        "TENANT_REQUIRED",
        Parameter("TenantRequired"),
        "`true`, on `local` `false`",
        "Whether a token without a tenant is refused",
    ),
    variable(
        "API_KEYS_TABLE",
        Table("ApiKeysTable"),
        "",
        "The table of API keys. Without it every API key is refused",
    ),
    variable(
        "RATE_LIMIT_READ",
        Parameter("RateLimitRead"),
        "100:50",
        "The [rate limit](rate-limits.md) of reads, `CAPACITY:PER_SECOND` or `off`",
    ),
    variable("RATE_LIMIT_READ_ADMIN", Parameter("RateLimitReadAdmin"), "", "The same for admins"),
    variable("RATE_LIMIT_READ_MODERATOR", Parameter("RateLimitReadModerator"), "", "The same for moderators"),
    variable("RATE_LIMIT_READ_USER", Parameter("RateLimitReadUser"), "", "The same for users"),
    variable("RATE_LIMIT_WRITE", Parameter("RateLimitWrite"), "40:20", "The rate limit of writes"),
    variable("RATE_LIMIT_WRITE_ADMIN", Parameter("RateLimitWriteAdmin"), "", "The same for admins"),
    variable(
        "RATE_LIMIT_WRITE_MODERATOR",
        Parameter("RateLimitWriteModerator"),
        "",
        "The same for moderators",
    ),
    variable("RATE_LIMIT_WRITE_USER", Parameter("RateLimitWriteUser"), "", "The same for users"),
    variable(
        "RATE_LIMIT_BLOCK",
        Parameter("RateLimitBlock"),
        "on",
        "Whether an instance takes [blocks of tokens](rate-limits.md#blocks), `on` or `off`",
    ),
    variable(
        "RATE_LIMITS_TABLE",
        Table("RateLimitsTable"),
        "",
        "The table of token buckets. Required, unless all limits are off",
    ),
    variable("RESOURCES_TABLE", Table("ResourcesTable"), "", "The table of resources. Required"),
    variable(
        "UNIQUE_VALUES_TABLE",
        Table("UniqueValuesTable"),
        "",
        "The table of unique values. Required by functions that change resources",
    ),
    variable(
        "IDEMPOTENCY_TABLE",
        Table("IdempotencyTable"),
        "",
        "The table of stored responses. Required by functions that change resources",
    ),
    variable(
        "SEARCH_TABLE",
        Table("SearchTable"),
        "",
        "The table of searched words. Required by functions that use it",
    ),
    variable(
        "HISTORY_TABLE",
        Table("HistoryTable"),
        "",
        "The table of versions. Required by functions that use it",
    ),
    variable(
        "LISTING_SHARDS",
        Parameter("ListingShards"),
        "1",
        "Index partitions for each list, 1 to 64. Each takes 1,000 writes a second. Never reduce it",
    ),
    variable(
        "RETENTION_DAYS",
        Parameter("RetentionDays"),
        "30",
        "How long a deleted resource can be restored, 1 to 3,650 days. A new value applies only to later deletions",
    ),
    variable(
        "EVENT_BUS_NAME",
        Parameter("EventBusName"),
        "",
        "The name or ARN of the EventBridge bus for [events](events.md). Without it none are published. `AWS_ENDPOINT_URL_EVENTBRIDGE`, a variable of the SDK, sets another endpoint",
    ),
    variable(
        "CACHE_URL",
        Parameter("CacheUrl"),
        "",
        "The Redis or Valkey server of the [cache](caching.md): `redis://…`, or `rediss://…` for TLS. Without it nothing is cached",
    ),
    variable(
        "CACHE_TTL_SECONDS",
        Parameter("CacheTtlSeconds"),
        "300",
        "How long a resource stays in the cache, 1 to 86,400, less up to a tenth at random",
    ),
    variable(
        "CACHE_CA_FILE",
        Nothing,
        "",
        "The file with the certificates (PEM) of the server's authority, if the system does not trust it",
    ),
    variable(
        "AWS_ENDPOINT_URL_DYNAMODB",
        Parameter("DynamoDbEndpoint"),
        "",
        "Another endpoint of DynamoDB: a variable of the SDK",
    ),
    variable(
        "RUST_LOG",
        Parameter("LogFilter"),
        "info",
        "What is logged: a level, or `target=level` pairs separated by commas",
    ),
    variable(
        "METRICS",
        Parameter("Metrics"),
        "false",
        "Whether log lines of requests and batches have [metrics](operations.md#metrics), `true` or `false`. These lines are then written whatever `RUST_LOG` is",
    ),
    variable(
        "SERVICE_NAME",
        Parameter("AWS::StackName"),
        "resource-api",
        "The dimension `service` of the metrics",
    ),
];

/// The value of a variable as template.yaml writes it; `None` if the stack does not set it.
///
/// # Errors
/// When the variable is not in the table, or names a table that the template does not have.
pub(super) fn value(variable: &str, template: &Template) -> Result<Option<String>> {
    let known = VARIABLES.iter().find(|known| known.name == variable);
    let known = known
        .with_context(|| format!("{variable} is read, but is not in xtask/src/generate/variables.rs"))?;
    Ok(match known.source {
        Nothing => None,
        Parameter(parameter) => Some(format!("!Ref {parameter}")),
        Table(table) => {
            ensure!(template.tables.contains_key(table), "template.yaml has no table {table}");
            let expected = table_variable(table);
            ensure!(expected == variable, "the variable of {table} must be {expected}, not {variable}");
            Some(format!("!If [Makes{table}, !Ref {table}, !Ref {table}Name]"))
        }
    })
}

/// The variables as a table for the documentation.
///
/// # Errors
/// When no function reads one of them.
pub(super) fn table(functions: &[Function]) -> Result<String> {
    let read: BTreeSet<_> = functions.iter().flat_map(|function| &function.variables).collect();
    let mut table =
        "| variable | parameter of the stack | default | meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for Variable { name, source, default, meaning } in VARIABLES {
        ensure!(
            read.contains(&(*name).to_owned()),
            "no function reads {name}: remove it from xtask/src/generate/variables.rs"
        );
        let parameter = match source {
            Nothing => String::new(),
            Parameter("AWS::StackName") => "the name of the stack".to_owned(),
            Parameter(parameter) => format!("`{parameter}`"),
            Table(table) => format!("`{table}Name`, or a table of the stack"),
        };
        let default = match *default {
            "" => String::new(),
            text if text.contains('`') => text.to_owned(),
            value => format!("`{value}`"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| `{name}` | {parameter} | {default} | {meaning} |");
    }
    Ok(table)
}
