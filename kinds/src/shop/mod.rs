//! An example: the kinds of a shop, which `cargo xtask dev --example shop` serves beside the others.

mod customers;
mod orders;

pub use customers::CUSTOMERS;
pub use orders::ORDERS;
