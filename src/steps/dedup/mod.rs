//! Dedups: steps that judge a document among others.
//!
//! Every dedup of whole documents has the parameters `keep` and `by` ([`keeper`]) and the signal
//! `chars`, by which `keep = "longest"` goes.

mod bare_text;
pub mod exact;
pub mod keeper;
pub mod minhash;
pub mod repeated_paragraphs;
pub mod url_dedup;
