//! Who is calling: bearer tokens with the keys that they are verified with, and API keys.

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
