//! JSON from clients: parsing, and collecting all faults.

pub(in crate::domain) mod body;
pub(in crate::domain) mod fault;
mod id_list;
mod json_text;
mod number;
pub(in crate::domain) mod parse;

pub use body::MAX_BODY_LENGTH;
pub use fault::{Fault, Faults, MAX_FAULTS, Pointer, quoted};
pub use id_list::{MAX_IDS, ids_from_json};
pub use json_text::JsonText;
pub use number::{NumberError, exact_decimal};
pub use parse::parse_json;

#[cfg(test)]
mod tests;
