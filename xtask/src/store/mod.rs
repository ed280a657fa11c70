//! Shared by commands that use the tables: the connection, the rate of writes, and timeouts.

mod connection;
mod pace;
mod patience;

pub(crate) use connection::StoreOptions;
pub(crate) use pace::{DEPLOYED_RATE, Pace, rate};
pub(crate) use patience::{FIRST_PATIENCE, PATIENCE, within};

#[cfg(test)]
mod tests;
