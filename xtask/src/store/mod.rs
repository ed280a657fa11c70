//! What commands that work on the tables share: which DynamoDB, whether a table is still the same, how fast they write.

mod connection;
mod pace;
mod patience;
mod table;

pub(crate) use connection::StoreOptions;
pub(crate) use pace::{DEPLOYED_RATE, Pace, rate};
pub(crate) use patience::{PATIENCE, within};
pub(crate) use table::Table;

#[cfg(test)]
mod tests;
