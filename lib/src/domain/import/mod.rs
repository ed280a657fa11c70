//! Records that come from elsewhere: what a line of a file says, every fault of it, and the resource that it makes.

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
