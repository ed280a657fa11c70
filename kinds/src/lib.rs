//! The kinds of resources that this API serves. Each is a constant in a file of its own; docs/kinds.md says how to write one.

pub mod shop;
mod table;

table::kinds! {
    resources::RESOURCES,
}
