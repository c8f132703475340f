//! Drops documents that are too short or too long, in characters and in words.
//!
//! # What it does
//! Counts Unicode scalar values and words (maximal runs of characters that are not Unicode
//! whitespace) and holds each against its bounds. The default, at least one word, drops just the
//! pages without text.
//!
//! # Why
//! Very short pages are mostly error messages and stubs; very long ones are logs and listings.
//!
//! # Source
//! datamap-rs drops under 150 characters in its web configuration, cc_net under 300, Zyda under
//! 100; RefinedWeb and C4 bound characters likewise (C4 in DCLM: 1 to 190,000). Word bounds of
//! 50 to 100,000 belong to Gopher (arXiv 2112.11446, table A1) and stand in `gopher_quality`,
//! whose words leave symbols out.
//!
//! # Differences
//! Characters are Unicode scalar values; datamap-rs counts bytes.

use crate::config::params;
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;

params! {
    /// Parameters of `length`.
    pub struct Params {
        /// Fewest characters.
        min_chars: Option<u64> [chars, 0 ..= 1_000_000_000] = None,
        /// Most characters.
        max_chars: Option<u64> [chars, 0 ..= 1_000_000_000] = None,
        /// Fewest words.
        min_words: Option<u64> [words, 0 ..= 1_000_000_000] = Some(1),
        /// Most words.
        max_words: Option<u64> [words, 0 ..= 1_000_000_000] = None,
    }
}

signals! {
    /// What `length` measures.
    pub struct Signals {
        /// Unicode scalar values of the text.
        chars: u64,
        /// Runs of characters that are not whitespace.
        words: u64,
    }
}

/// The step.
pub struct Length;

impl Step for Length {
    const NAME: &'static str = "length";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("length.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(_params: &Params, _build: &mut Build<'_>) -> Option<Self> {
        Some(Self)
    }
}

impl Filter for Length {
    const RULES: &'static [Rule] = &[
        Rule::min("too_few_chars", "chars", "min_chars"),
        Rule::max("too_many_chars", "chars", "max_chars"),
        Rule::min("too_few_words", "words", "min_words"),
        Rule::max("too_many_words", "words", "max_words"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        Some(Signals {
            chars: view.chars() as u64,
            words: view.text().split_whitespace().count() as u64,
        })
    }
}
