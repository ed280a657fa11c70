//! The rules: what happens to resources when a caller asks. Takes the caller and the time, gives domain types.

mod resources;

pub use resources::ResourceService;
