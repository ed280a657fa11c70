//! `cargo xtask token`: what an issuer would give.

use std::env;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use resource_api::config::{DEVELOPMENT_SECRET, MIN_SECRET_LENGTH};
use resource_api::domain::{Caller, Role, Tenant};
use testing::{claims, sign};

/// What `token` can be told.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The caller's role
    #[arg(long, value_parser = ["admin", "moderator", "user"])]
    role: String,
    /// The caller's name [default: the role]
    #[arg(long)]
    sub: Option<String>,
    /// Whose resources the caller works with
    #[arg(long, default_value = "default")]
    tenant: String,
    /// How long the token is good
    #[arg(long, default_value = "1h", value_parser = humantime::parse_duration)]
    ttl: Duration,
}

/// Prints the token and nothing else.
pub(crate) fn run(options: &Options) -> Result<()> {
    let tenant = Tenant::parse(&options.tenant).context("a tenant has 1 to 64 of A-Za-z0-9_-")?;
    let subject = options.sub.as_ref().unwrap_or(&options.role).clone();
    ensure!((1..=256).contains(&subject.chars().count()), "a subject has 1 to 256 characters");
    let caller = Caller { tenant, subject, role: Role::parse(&options.role) };
    println!("{}", signed(&caller, options.ttl)?);
    Ok(())
}

/// A token that the API on this machine takes.
pub(crate) fn signed(caller: &Caller, ttl: Duration) -> Result<String> {
    let secret = secret();
    ensure!(secret.len() >= MIN_SECRET_LENGTH, "JWT_SECRET must have at least {MIN_SECRET_LENGTH} bytes");
    let Caller { tenant, subject, role } = caller;
    sign(&claims(tenant.as_str(), subject, role.as_str(), ttl.as_secs_f64())?, &secret)
}

/// What `JWT_SECRET` says, or the development secret.
pub(crate) fn secret() -> String {
    let set = env::var("JWT_SECRET").ok().filter(|secret| !secret.is_empty());
    set.unwrap_or_else(|| DEVELOPMENT_SECRET.to_owned())
}
