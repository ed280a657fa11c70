//! Imported records: lines of a file, their faults, and the resources that they become.

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
