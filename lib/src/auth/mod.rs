//! Who is calling: bearer tokens, and the keys that they are verified with.

mod claims;
mod fetch;
mod key_set;
mod secret;
mod verifier;

pub use claims::Claims;
pub use verifier::Verifier;

#[cfg(test)]
mod tests;
