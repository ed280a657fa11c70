//! `process-changes`.
