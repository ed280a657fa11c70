//! Tokens for the API under test, valid and invalid ones.

use resource_api::domain::{Caller, Role};
use testing::{claims, sign};

/// The secret that tests sign with.
pub(crate) const SECRET: &str = "a secret of tests, long enough for HS256";

/// A valid token of a role.
pub(crate) fn token(role: Role) -> String {
    token_of(&Caller::example(role))
}

/// A valid token of a caller.
pub(crate) fn token_of(caller: &Caller) -> String {
    token_for(caller, 60.0, SECRET)
}

/// A caller's token that expires some seconds from now, signed with a secret.
pub(crate) fn token_for(caller: &Caller, seconds: f64, secret: &str) -> String {
    let Caller { tenant, subject, role } = caller;
    sign(&claims(tenant.as_str(), subject, role.as_str(), seconds).unwrap(), secret).unwrap()
}
