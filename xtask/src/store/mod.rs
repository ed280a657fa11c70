//! What commands that work on the tables share: which DynamoDB, how fast they write, and how long they wait.

mod connection;
mod pace;
mod patience;

pub(crate) use connection::StoreOptions;
pub(crate) use pace::{DEPLOYED_RATE, Pace, rate};
pub(crate) use patience::{FIRST_PATIENCE, PATIENCE, within};

#[cfg(test)]
mod tests;
