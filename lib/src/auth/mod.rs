//! Authentication: JWTs, the keys that verify them, and API keys.

mod api_keys;
mod claims;
mod fetch;
mod key_set;
mod secret;
mod verified_tokens;
mod verifier;

pub use verifier::Verifier;

#[cfg(test)]
mod tests;
