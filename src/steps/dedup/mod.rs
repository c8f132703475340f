//! Dedups: steps that judge a document among others.

pub mod exact;
