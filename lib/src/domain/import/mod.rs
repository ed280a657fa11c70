//! Records that come from elsewhere: what a line of a file says, every fault of it, and the resource that it makes.

mod identity;
mod record;
mod repeats;
mod server_owned;

pub use record::{DELETION, ImportRules, ImportedRecord};
pub use repeats::Repeats;

#[cfg(test)]
mod tests;
