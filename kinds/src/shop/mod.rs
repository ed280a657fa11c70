//! An example: the kinds of a shop, which `cargo xtask dev --example shop` serves beside the others.

mod customers;
mod orders;

pub use customers::CUSTOMERS;
pub use orders::ORDERS;

/// Both, checked when they are compiled.
pub const KINDS: resource_api::domain::Kinds = resource_api::domain::Kinds::of(&[&CUSTOMERS, &ORDERS]);
