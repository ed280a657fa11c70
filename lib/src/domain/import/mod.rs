//! Imported records: what a line of a file says, every fault of it, and the resource that it becomes.

mod identity;
mod line;
mod record;
mod repeats;
mod server_owned;

pub use line::RecordLine;
pub use record::ImportRules;
pub use repeats::Repeats;

#[cfg(test)]
mod tests;
