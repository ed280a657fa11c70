//! What others are told of changes: events on a bus of Amazon EventBridge.

mod bus;

pub use bus::{EventBus, SOURCE};

#[cfg(test)]
mod tests;
