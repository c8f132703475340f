//! Drops documents by C4's rules for whole pages, without taking lines out.
//!
//! # What it does
//! Counts what C4 takes for a sign of code, of placeholder text or of a page without prose, in the
//! whole text and in any letter case, and holds each count against its bound. By default a document
//! with a `{`, with "lorem ipsum" or with fewer than five sentences is dropped.
//!
//! Sentences are those of spaCy's sentencizer for English, in each line by itself. A line, for the
//! two signals that speak of lines, is parted by `\n`; it is long from `long_line_chars` characters
//! on, spaces at its ends included.
//!
//! # Why
//! C4's own rules look at a page line by line and rewrite it. Where the text is to stay as it is, or
//! lines are taken out by another edit, these are the rules that are left.
//!
//! # Source
//! C4 (Raffel et al. 2020, arXiv 1910.10683, section 2.2) has the first two bounds, and 3 sentences
//! in its code; datatrove's `C4QualityFilter` (0.10.1) has 5, and DCLM's c4.yaml 3. mC4 (Xue et al.
//! 2021, arXiv 2010.11934), and datatrove's `C4ParagraphFilter` after it, ask for `min_long_lines` = 3
//! of 200 characters and nothing else. Dolma's reproduction of C4 (tagger `c4_v2`,
//! configs/c4-replication/mixer.yaml) drops what holds "javascript" (`max_javascript` = 0) and counts
//! no sentences.
//!
//! # Differences
//! C4, datatrove and DCLM look for `{` and "lorem ipsum" in those lines only that passed the tests
//! before, as `c4_lines` does. Dolma's older tagger `c4_v1` finds "javascript" only as a whole word
//! between spaces.
//! Bounds on characters (DCLM's 190,000) are those of `length`.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};

use crate::config::params;
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;
use crate::text::characters::{self, strip};
use crate::text::lines::split_lines;
use crate::text::spacy::SentenceCounter;
use crate::text::word_table::Splitter;

params! {
    /// Parameters of `c4_documents`.
    pub struct Params {
        /// Most occurrences of "lorem ipsum".
        max_lorem_ipsum: Option<u64> [occurrences, 0 ..= 1_000_000_000] = Some(0),
        /// Most `{`.
        max_curly_brackets: Option<u64> [chars, 0 ..= 1_000_000_000] = Some(0),
        /// Most occurrences of "javascript".
        max_javascript: Option<u64> [occurrences, 0 ..= 1_000_000_000] = None,
        /// Fewest sentences.
        min_sentences: Option<u64> [sentences, 0 ..= 1_000_000_000] = Some(5),
        /// Fewest long lines; 3 in mC4.
        min_long_lines: Option<u64> [lines, 0 ..= 1_000_000_000] = None,
        /// Length from which on a line is long.
        long_line_chars: u64 [chars, 1 ..= 1_000_000_000] = 200,
    }
}

signals! {
    /// What `c4_documents` measures.
    pub struct Signals {
        /// Occurrences of "lorem ipsum".
        lorem_ipsum: u64,
        /// Number of `{`.
        curly_brackets: u64,
        /// Occurrences of "javascript".
        javascript: u64,
        /// Sentences.
        sentences: u64,
        /// Lines, blank ones too.
        lines: u64,
        /// Long lines.
        long_lines: u64,
    }
}

/// What is counted, in the order of the counts.
const PHRASES: [&str; 3] = ["lorem ipsum", "{", "javascript"];

/// The step.
pub struct C4Documents {
    phrases: AhoCorasick,
    long_line_chars: usize,
}

impl Step for C4Documents {
    const NAME: &'static str = "c4_documents";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("c4_documents.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let long_line_chars = usize::try_from(params.long_line_chars).unwrap_or(usize::MAX);
        match AhoCorasickBuilder::new().ascii_case_insensitive(true).build(PHRASES) {
            Ok(phrases) => Some(Self { phrases, long_line_chars }),
            Err(error) => {
                build.fault("use", format!("C4's phrases cannot be searched for: {error}"));
                None
            }
        }
    }
}

impl Filter for C4Documents {
    const RULES: &'static [Rule] = &[
        Rule::max("lorem_ipsum", "lorem_ipsum", "max_lorem_ipsum"),
        Rule::max("curly_bracket", "curly_brackets", "max_curly_brackets"),
        Rule::max("javascript", "javascript", "max_javascript"),
        Rule::min("too_few_sentences", "sentences", "min_sentences"),
        Rule::min("too_few_long_lines", "long_lines", "min_long_lines"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let text = view.text();
        let mut counts = [0; PHRASES.len()];
        for phrase in self.phrases.find_iter(text) {
            counts[phrase.pattern().as_usize()] += 1;
        }
        let [lorem_ipsum, curly_brackets, javascript] = counts;
        let (mut lines, mut long_lines) = (0, 0);
        for line in text.split('\n') {
            lines += 1;
            long_lines += u64::from(self.is_long(line));
        }
        let sentences = sentences(view);
        Some(Signals { lorem_ipsum, curly_brackets, javascript, sentences, lines, long_lines })
    }
}

impl C4Documents {
    fn is_long(&self, line: &str) -> bool {
        line.len() >= self.long_line_chars && characters::count(line) >= self.long_line_chars
    }
}

/// The sentences of the lines that are not blank.
fn sentences(view: &View<'_>) -> u64 {
    let text = view.text();
    let mut counter = SentenceCounter::new(text, view.words(Splitter::Spacy));
    let lines = split_lines(text).map(strip).filter(|line| !line.is_empty());
    lines.map(|line| counter.count(line)).sum::<usize>() as u64
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{
        assert_rules_from_both_sides, build, faults, outcome, reason, value,
    };

    const TEXT: &str = "Lorem Ipsum, lorem ipsum. It is {so}.\r\n\nOne! Two? \u{2028}Three\n\
                        JavaScript and javascripts { { }\n";

    #[test]
    fn counts_are_those_of_the_definitions() {
        let outcome = outcome(&build("c4_documents", "long_line_chars = 18").unwrap(), TEXT);
        let value = |signal| value("c4_documents", &outcome, signal).unwrap();
        assert_eq!(value("lorem_ipsum"), 2.0);
        assert_eq!(value("curly_brackets"), 3.0);
        assert_eq!(value("javascript"), 2.0);
        // Two, and One! Two? and Three, and the last line.
        assert_eq!(value("sentences"), 6.0);
        assert_eq!(value("lines"), 5.0);
        assert_eq!(value("long_lines"), 2.0, "38, 0, 17, 32 and 0 characters");
    }

    #[test]
    fn each_bound_is_inclusive() {
        assert_rules_from_both_sides("c4_documents", "long_line_chars = 5", TEXT);
    }

    #[test]
    fn the_defaults_are_c4_s() {
        let prose = "One is here. Two is here. Three is here.\nFour is here. Five is here.";
        assert_eq!(reason("c4_documents", "", prose), None);
        assert_eq!(reason("c4_documents", "", "One. Two. Three.\nFour"), Some("too_few_sentences"));
        let with = |more: &str| reason("c4_documents", "", &format!("{prose} {more}"));
        assert_eq!(with("LOREM IPSUM {"), Some("lorem_ipsum"));
        assert_eq!(with("function() {"), Some("curly_bracket"));
        assert_eq!(with("javascript }"), None);
    }

    #[test]
    fn mc4_asks_for_three_lines_of_two_hundred_characters() {
        let mc4 = "max_lorem_ipsum = 'off'\nmax_curly_brackets = 'off'\nmin_sentences = 'off'\n\
                   min_long_lines = 3";
        let lines = |chars: usize| format!("{}\n\n", "é".repeat(chars)).repeat(3);
        assert_eq!(reason("c4_documents", mc4, &lines(200)), None);
        assert_eq!(reason("c4_documents", mc4, &lines(199)), Some("too_few_long_lines"));
    }

    #[test]
    fn a_step_without_bounds_is_refused() {
        let off = "max_lorem_ipsum = 'off'\nmax_curly_brackets = 'off'\nmin_sentences = 'off'";
        assert!(faults("c4_documents", off).contains("every bound is off"));
    }
}
