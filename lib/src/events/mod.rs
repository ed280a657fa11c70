//! Events about changes, on a bus of Amazon EventBridge.

mod bus;

pub use bus::{EventBus, SOURCE};

#[cfg(test)]
mod tests;
