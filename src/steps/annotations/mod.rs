//! Annotations: steps that measure and judge nothing.

pub mod token_count;
