//! Marks paragraphs or lines that repeat others, so that a cut removes all but the first.
//!
//! # What it does
//! Cuts the text into pieces and writes a key for each to `signatures/`: a 64-bit hash of the piece in
//! its normal form. Pieces of one key are copies, in whatever document they stand, in one document
//! too. Which of them comes first depends on who else is in an arm, so nothing is judged while the
//! crawl is read (`keep` is null). A cut keeps the first in crawl order and removes the others from
//! their texts, then drops documents with fewer characters left than `min_chars_left`. Pieces whose
//! normal form is shorter than `min_chars` are never removed.
//!
//! `unit = "line"`: what stands between line feeds, blank lines too; a line goes with its line feed.
//! `unit = "paragraph"`: what stands between blank lines, which are those of nothing but spaces; a
//! paragraph goes with the blank lines after it. So what is left is separated as it was before. If
//! the last piece of a text goes, the text ends with the line feeds of the piece before it.
//!
//! A variant is a normal form with defaults of its own:
//!
//! | variant | normal form | `unit` | `min_chars` | `min_chars_left` |
//! |---|---|---|---|---|
//! | `"gristmill"` | lower case, every run of characters that are neither letters nor digits one space, which does not count as a character | paragraph | 60 | 1 |
//! | `"ccnet"` | stripped, lower case, digits 0, without control characters and without punctuation that is not of ASCII | line | 0 | 1 |
//! | `"dolma"` | the very bytes; lines of nothing but spaces are not compared | line | 0 | off |
//!
//! # Why
//! Menus, notices and disclaimers of a site stand in each of its pages, and quotations and agency
//! reports in many, within texts that are otherwise different.
//!
//! # Source
//! CCNet (arXiv 1911.00359): `normalize_for_dedup` and `dedup.py` of cc_net. Dolma (arXiv
//! 2402.00159): `deduper.rs` with `skip_empty`, as its configurations of version 1.5 have it. The 60
//! characters are our own choice: about the ten English words that FineWeb (arXiv 2406.17557) asked of
//! a line in one of its trials; shorter paragraphs (headings, names, "Read more") are alike by right.
//!
//! # Differences
//! CCNet removes every copy of a line, the first too, among the documents of a group of shards; here
//! the first stays, among all documents of the arm. Its paper says that accents are removed, which its
//! code does not do; the code is followed. As there, blank lines are compared, and so go as copies of
//! one another: `min_chars = 1` spares them. CCNet's 300 characters are asked of documents before
//! anything is removed (`length` does that), and of one whose lines are all copies nothing is kept,
//! which is `min_chars_left = 1`. It hashes by SHA-1, of which it takes 64 bits; here by XXH3.
//!
//! Dolma remembers paragraphs in a Bloom filter, which takes one in a million for a copy by mistake
//! and knows no first one where several threads read. Its comparison by n-grams, `min_words` and other
//! separators are left out.
//!
//! Among 30 billion different pieces a 64-bit key takes about 25 for copies by mistake.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use crate::config::{choice, params};
use crate::steps::{Build, Dedup, Signature, Step, Unit, signals};
use crate::text::View;
use crate::text::ccnet;
use crate::text::characters::count;

use super::bare_text;

mod cut;
#[cfg(test)]
mod tests;

pub use cut::Cut;

choice! {
    /// Whose normal form, with whose defaults.
    pub enum Variant {
        /// letters and digits, in paragraphs
        Gristmill = "gristmill",
        /// CCNet
        Ccnet = "ccnet",
        /// Dolma
        Dolma = "dolma",
    }
}

params! {
    /// Parameters of `repeated_paragraphs`.
    pub struct Params {
        /// Whose normal form, with whose defaults.
        variant: Variant = Variant::Gristmill,
        /// What is a piece; `"line"` by default but with `"gristmill"`.
        unit: Cut = Cut::Paragraph,
        /// Fewest characters of a piece that is compared, in its normal form; 0 by default but with
        /// `"gristmill"`.
        min_chars: u64 [chars, 0 ..= 1_000_000] = 60,
        /// Fewest characters that a document must have left; `"off"` by default with `"dolma"`.
        min_chars_left: Option<u64> [chars, 1 ..= 1_000_000] = Some(1),
    }
}

signals! {
    /// What `repeated_paragraphs` measures.
    pub struct Signals {
        /// Characters of the text.
        chars: u64,
        /// Pieces of the text.
        pieces: u64,
        /// Pieces that are compared.
        compared_pieces: u64,
    }
}

/// The step.
pub struct RepeatedParagraphs {
    variant: Variant,
    unit: Cut,
    min_chars: u64,
}

impl Step for RepeatedParagraphs {
    const NAME: &'static str = "repeated_paragraphs";
    const VERSION: u32 = 1;
    const SETTLED_BY_CUT: &'static [&'static str] = &["min_chars_left"];
    const SOURCE: &'static str = include_str!("repeated_paragraphs.rs");
    type Params = Params;
    type Signals = Signals;

    fn variant_defaults(params: &mut Params, gives: &dyn Fn(&str) -> bool) {
        if params.variant == Variant::Gristmill {
            return;
        }
        if !gives("unit") {
            params.unit = Cut::Line;
        }
        if !gives("min_chars") {
            params.min_chars = 0;
        }
        if params.variant == Variant::Dolma && !gives("min_chars_left") {
            params.min_chars_left = None;
        }
    }

    fn build(params: &Params, _: &mut Build<'_>) -> Option<Self> {
        Some(Self { variant: params.variant, unit: params.unit, min_chars: params.min_chars })
    }
}

impl Dedup for RepeatedParagraphs {
    const UNIT: Unit = Unit::Piece;

    fn sign(&self, view: &View<'_>, signature: &mut Signature) -> Option<Signals> {
        let mut normal = String::new();
        let mut pieces = 0u64;
        self.unit.each(view.text(), |piece, _| {
            let position = u32::try_from(pieces);
            pieces += 1;
            normal.clear();
            if let Ok(position) = position
                && self.is_compared(piece, &mut normal)
            {
                signature.keys.push((position, xxh3_64(normal.as_bytes())));
            }
        });
        let compared_pieces = signature.keys.len() as u64;
        Some(Signals { chars: view.chars() as u64, pieces, compared_pieces })
    }

    fn pieces(&self, text: &str, pieces: &mut Vec<Range<usize>>) {
        self.unit.each(text, |_, range| pieces.push(range));
    }
}

impl RepeatedParagraphs {
    /// Appends the normal form of a piece; whether it has the characters to be compared.
    fn is_compared(&self, piece: &str, normal: &mut String) -> bool {
        let chars = match self.variant {
            Variant::Gristmill => bare_text::push(piece, normal),
            Variant::Ccnet => {
                ccnet::push_normal_for_dedup(piece, normal);
                count(normal) as u64
            }
            // As Rust's `trim` has it, not Python's `strip`.
            Variant::Dolma if piece.trim().is_empty() => return false,
            Variant::Dolma => {
                normal.push_str(piece);
                count(normal) as u64
            }
        };
        chars >= self.min_chars
    }
}
