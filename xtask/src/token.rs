//! `cargo xtask token`: prints a token, as an issuer would sign it.

use std::env;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use resource_api::config::{DEVELOPMENT_SECRET, MIN_SECRET_LENGTH};
use resource_api::domain::{Caller, Role, Tenant};
use serde_json::{Map, Value};
use testing::{claims, sign};

/// The options of `token`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The caller's role
    #[arg(long, value_parser = ["admin", "moderator", "user"], required_unless_present = "claims")]
    role: Option<String>,
    /// The caller's subject [default: the role, or else user]
    #[arg(long)]
    sub: Option<String>,
    /// The caller's tenant
    #[arg(long, default_value = "default")]
    tenant: String,
    /// The lifetime of the token
    #[arg(long, default_value = "1h", value_parser = humantime::parse_duration)]
    ttl: Duration,
    /// Further claims as a JSON object, such as those of your issuer: `{"iss": "https://issuer.example.com", "groups": ["ops"]}`
    #[arg(long)]
    claims: Option<String>,
}

/// Prints the token and nothing else.
pub(crate) fn run(options: &Options) -> Result<()> {
    let tenant =
        Tenant::parse(&options.tenant).context("--tenant must be 1 to 64 of the characters A-Za-z0-9_-")?;
    let role = options.role.as_deref().unwrap_or(Role::User.as_str());
    let subject = options.sub.clone().unwrap_or_else(|| role.to_owned());
    ensure!((1..=256).contains(&subject.chars().count()), "--sub must have 1 to 256 characters");
    let further = options.claims.as_deref().unwrap_or("{}");
    let further: Map<String, Value> =
        serde_json::from_str(further).context("--claims must be a JSON object")?;
    let caller = Caller { tenant, subject, role: Role::parse(role) };
    println!("{}", signed_with(&caller, options.ttl, further)?);
    Ok(())
}

/// A token that the API on this machine accepts.
pub(crate) fn signed(caller: &Caller, ttl: Duration) -> Result<String> {
    signed_with(caller, ttl, Map::new())
}

/// The same with further claims, which override its own.
fn signed_with(caller: &Caller, ttl: Duration, further: Map<String, Value>) -> Result<String> {
    let secret = secret();
    ensure!(secret.len() >= MIN_SECRET_LENGTH, "JWT_SECRET must have at least {MIN_SECRET_LENGTH} bytes");
    let Caller { tenant, subject, role } = caller;
    let mut claims = claims(tenant.as_str(), subject, role.as_str(), ttl.as_secs_f64())?;
    claims.as_object_mut().context("the claims are not an object")?.extend(further);
    sign(&claims, &secret)
}

/// The value of `JWT_SECRET`, or the development secret.
pub(crate) fn secret() -> String {
    let set = env::var("JWT_SECRET").ok().filter(|secret| !secret.is_empty());
    set.unwrap_or_else(|| DEVELOPMENT_SECRET.to_owned())
}
