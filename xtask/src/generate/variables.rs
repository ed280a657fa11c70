//! Where the template takes the value of each environment variable from.

use anyhow::{Context as _, Result};
use testing::Template;

use crate::local::table_variable;

/// Variables whose value is a parameter of the stack.
const PARAMETERS: &[(&str, &str)] = &[
    ("AWS_ENDPOINT_URL_DYNAMODB", "DynamoDbEndpoint"),
    ("CACHE_TTL_SECONDS", "CacheTtlSeconds"),
    ("CACHE_URL", "CacheUrl"),
    ("EVENT_BUS_NAME", "EventBusName"),
    ("JWT_AUDIENCE", "JwtAudience"),
    ("JWT_ISSUER", "JwtIssuer"),
    ("JWT_JWKS_URL", "JwtJwksUrl"),
    ("JWT_ROLES", "JwtRoles"),
    ("JWT_ROLE_CLAIM", "JwtRoleClaim"),
    ("JWT_SECRET", "JwtSecret"),
    ("JWT_SECRET_ARN", "JwtSecretArn"),
    ("JWT_SECRET_MAX_AGE_SECONDS", "JwtSecretMaxAgeSeconds"),
    ("JWT_TENANT_CLAIM", "JwtTenantClaim"),
    ("LISTING_SHARDS", "ListingShards"),
    ("METRICS", "Metrics"),
    ("RATE_LIMIT_BLOCK", "RateLimitBlock"),
    ("RATE_LIMIT_READ", "RateLimitRead"),
    ("RATE_LIMIT_READ_ADMIN", "RateLimitReadAdmin"),
    ("RATE_LIMIT_READ_MODERATOR", "RateLimitReadModerator"),
    ("RATE_LIMIT_READ_USER", "RateLimitReadUser"),
    ("RATE_LIMIT_WRITE", "RateLimitWrite"),
    ("RATE_LIMIT_WRITE_ADMIN", "RateLimitWriteAdmin"),
    ("RATE_LIMIT_WRITE_MODERATOR", "RateLimitWriteModerator"),
    ("RATE_LIMIT_WRITE_USER", "RateLimitWriteUser"),
    ("RETENTION_DAYS", "RetentionDays"),
    ("RUST_LOG", "LogFilter"),
    ("SERVICE_NAME", "AWS::StackName"),
    ("STAGE", "Stage"),
    ("TENANT_REQUIRED", "TenantRequired"),
];

/// Variables that the stack does not set: they name a file, which a deployment would have to bring.
const NOT_SET: &[&str] = &["CACHE_CA_FILE"];

/// The value of a variable in the template's words; `None` for one that the stack does not set.
///
/// # Errors
/// When the variable is known neither here nor as the name of a table.
pub(super) fn value(variable: &str, template: &Template) -> Result<Option<String>> {
    if NOT_SET.contains(&variable) {
        return Ok(None);
    }
    if let Some((_, parameter)) = PARAMETERS.iter().find(|(name, _)| *name == variable) {
        return Ok(Some(format!("!Ref {parameter}")));
    }
    let table = template.tables.keys().find(|table| table_variable(table) == variable);
    let table = table.with_context(|| {
        format!(
            "{variable} is read, but neither a table nor xtask/src/generate/variables.rs gives it a value"
        )
    })?;
    Ok(Some(format!("!If [Makes{table}, !Ref {table}, !Ref {table}Name]")))
}
