//! One document of a run, or a few: found, explained, compared.
//!
//! | file | what it does |
//! |---|---|
//! | [`show`] | a document with everything that is known of it |
//! | [`find`] | an id or URL → its rows, by bloom filters |
//! | [`record`] | a row of `documents/`: every verdict, every signal beside its threshold |
//! | [`arms`] | what each arm makes of a document |
//! | [`settled`] | an arm with its dedups settled, and why it lacks a document |
//! | [`marked`] | a text with the spans of an edit |
//! | [`diff`] | what one arm has and another has not |

pub mod arms;
pub mod diff;
pub mod find;
pub mod marked;
pub mod record;
pub mod settled;
pub mod show;
