//! Annotations: steps that measure and judge nothing.

#[cfg(test)]
mod parity;
pub mod redpajama_signals;
pub mod token_count;
pub mod word_count;
