//! Keeps the lines that C4 keeps, and drops documents with placeholder text, code or too little left.
//!
//! # What it does
//! Puts each line to these tests, in this order; the first that it fails takes it out, and counts:
//!
//! 1. It has no word longer than `max_word_chars`.
//! 2. It ends in a terminal mark. Before this test, `[12]`, `[]`, `[edit]` and `[citation needed]`
//!    are deleted from it.
//! 3. It has at least `min_line_words` words between spaces.
//! 4. It does not hold "lorem ipsum"; else the document is dropped.
//! 5. It does not hold "javascript".
//! 6. It does not hold `{`; else the document is dropped.
//! 7. It does not speak of "terms of use", "privacy policy", "cookie policy", "uses cookies", "use of
//!    cookies" or "use cookies".
//!
//! Letter case does not count. The document is dropped, too, if the lines that stay hold fewer than
//! `min_sentences` sentences. Tests 4 and 6 see only lines that got that far: a brace in a line of a
//! menu does not drop the page.
//!
//! Variant `"datatrove"`: lines are those of Python's `splitlines`, stripped, and are joined by
//! newlines; blank ones go, since they hold no words. Terminal marks are `.`, `?`, `!`, `"` and `'`,
//! but not `...`. Words are counted before citations are deleted, and the end is looked at as the
//! deletion leaves it, so that a line like `It is so. [3]`, which now ends in a space, goes.
//!
//! Variant `"dclm"`: lines are parted by `\n`; empty ones stay, others keep the spaces around them.
//! Terminal marks are `.`, `?`, `!` and `"`, but not `...`, and spaces may follow. Words are counted
//! after citations are deleted. A document of which nothing is left is dropped. By default
//! `min_line_words` is 5 and `min_sentences` 3.
//!
//! Variant `"dolma"`: lines are parted by `\n` and go with the newline that ends them; only tests 2
//! (`.`, `?`, `!`, `"`, also `...`; no citation is deleted) and 3 are made, and no document is
//! dropped: `c4_documents` before this step has Dolma's rules for documents. Other signals are null.
//!
//! # Why
//! Lines that end in a full stop are sentences; what does not is mostly menus, buttons, titles and
//! notices. FineWeb found that the test of terminal marks alone removes the most text, and runs
//! without it (`require_terminal_mark = false`).
//!
//! # Source
//! C4 (Raffel et al. 2020, arXiv 1910.10683, section 2.2), whose code has 5 words and 3 sentences.
//! `"datatrove"`: `C4QualityFilter` of datatrove 0.10.1 (c4_filters.py: 3 words, 5 sentences, 1000
//! characters). `"dclm"`: the modifiers and filters of DCLM's c4.yaml from `word_length_modifier` to
//! the first count of sentences. `"dolma"`: the spans of the tagger `c4_v2`, removed as in
//! configs/c4-replication/mixer.yaml.
//!
//! # Differences
//! The peers stop at the line that drops the document; here all lines are measured, and a line of
//! test 4 or 6 goes on to the next test, so that the edit is the one that would be made with
//! these two rules off. Where lines of both kinds stand in a document, the reason is the lorem ipsum,
//! as in DCLM; datatrove's is the first of them in the text.
//!
//! Sentences are those of spaCy's sentencizer for English, line by line, as datatrove's are; its
//! tokenizers for other languages, and lines that are single sentences (`split_paragraph`), are
//! not taken over. DCLM counts those of NLTK's trained Punkt model, which is no part of this program;
//! with the sentencizer in its place, the verdict was the same on 2,366 of 2,370 texts (774 of
//! them not English), the count itself on 1,835. What c4.yaml does after that (URLs and paragraphs
//! that are duplicates, bad words, langdetect) is for other steps.
//!
//! DCLM's searches know `ſ`, `ı`, `İ` and the Kelvin sign as cases of `s`, `i` and `k`, Python's lower
//! case the last alone; so do these. Dolma's `c4_v2` takes the places of lines from the text in lower
//! case, which is one character longer for each `İ`, and removes misplaced spans after one; here, as in
//! its `c4_v1`, lines are where they are.

mod dolma;
mod phrases;
mod tally;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::config::{choice, params};
use crate::steps::{Build, Edit, Rule, Step, signals};
use crate::text::characters::{self, strip};
use crate::text::citations::citations;
use crate::text::lines::{offset, split_lines};
use crate::text::rewrite::Rewriter;
use crate::text::spacy::{SentenceCounter, sentence_count};
use crate::text::word_table::Splitter;
use crate::text::{Span, View, words};

use phrases::Phrases;
use tally::{Fate, Tally};

choice! {
    /// Whose rules.
    pub enum Variant {
        /// datatrove, as in FineWeb
        Datatrove = "datatrove",
        /// DCLM's reproduction of C4
        Dclm = "dclm",
        /// Dolma's reproduction of C4
        Dolma = "dolma",
    }
}

params! {
    /// Parameters of `c4_lines`.
    pub struct Params {
        /// Whose definitions of line, end and word.
        variant: Variant = Variant::Datatrove,
        /// Whether lines that do not end in a terminal mark go.
        require_terminal_mark: bool = true,
        /// Fewest words of a line that stays; with `"dclm"` 5 by default.
        min_line_words: Option<u64> [words, 0 ..= 1_000_000_000] = Some(3),
        /// Longest word of a line that stays.
        max_word_chars: Option<u64> [chars, 1 ..= 1_000_000_000] = Some(1000),
        /// Whether citations are deleted from lines.
        remove_citations: bool = true,
        /// Whether lines that hold "javascript" go.
        remove_javascript_lines: bool = true,
        /// Whether lines that speak of terms of use, privacy or cookies go.
        remove_policy_lines: bool = true,
        /// Most lines with "lorem ipsum" in a document that stays.
        max_lorem_ipsum_lines: Option<u64> [lines, 0 ..= 1_000_000_000] = Some(0),
        /// Most lines with `{` in a document that stays.
        max_curly_bracket_lines: Option<u64> [lines, 0 ..= 1_000_000_000] = Some(0),
        /// Fewest sentences left of a document that stays; with `"dclm"` 3 by default.
        min_sentences: Option<u64> [sentences, 0 ..= 1_000_000_000] = Some(5),
    }
}

signals! {
    /// What `c4_lines` measures.
    pub struct Signals {
        /// Lines, blank ones too.
        lines: u64,
        /// Lines that stay.
        kept_lines: u64,
        /// Lines that go for a long word.
        long_word_lines: Option<u64>,
        /// Lines that go for want of a terminal mark.
        unended_lines: u64,
        /// Lines that go for having few words.
        short_lines: u64,
        /// Lines with "lorem ipsum", of those that got that far.
        lorem_ipsum_lines: Option<u64>,
        /// Lines that go for "javascript".
        javascript_lines: Option<u64>,
        /// Lines with `{`, of those that got that far.
        curly_bracket_lines: Option<u64>,
        /// Lines that go for a policy.
        policy_lines: Option<u64>,
        /// Citations deleted from the lines that stay.
        citations: Option<u64>,
        /// Nothing but white space is left.
        empty: bool,
        /// Sentences in the lines that stay.
        sentences: Option<u64>,
    }
}

/// The step.
pub struct C4Lines {
    params: Params,
    min_line_words: usize,
    max_word_chars: usize,
    phrases: Phrases,
}

/// The parameters that Dolma's rules have no use for.
const NOT_DOLMA: [&str; 7] = [
    "max_word_chars",
    "remove_citations",
    "remove_javascript_lines",
    "remove_policy_lines",
    "max_lorem_ipsum_lines",
    "max_curly_bracket_lines",
    "min_sentences",
];

impl Step for C4Lines {
    const NAME: &'static str = "c4_lines";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("c4_lines.rs");
    type Params = Params;
    type Signals = Signals;

    fn variant_defaults(params: &mut Params, gives: &dyn Fn(&str) -> bool) {
        if params.variant == Variant::Dclm {
            if !gives("min_line_words") {
                params.min_line_words = Some(5);
            }
            if !gives("min_sentences") {
                params.min_sentences = Some(3);
            }
        }
    }

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        if params.variant == Variant::Dolma
            && let Some(key) = NOT_DOLMA.into_iter().find(|key| build.gives(key))
        {
            build.fault(key, "the variant \"dolma\" has no such rule").label =
                "without effect".into();
            return None;
        }
        if !params.could_fire() {
            build.fault("use", "every rule is off: this step could never change a document");
            return None;
        }
        let whole = |bound: u64| usize::try_from(bound).unwrap_or(usize::MAX);
        Some(Self {
            params: params.clone(),
            min_line_words: params.min_line_words.map_or(0, whole),
            max_word_chars: params.max_word_chars.map_or(usize::MAX, whole),
            phrases: Phrases::new(build)?,
        })
    }

    fn has_rule(&self, rule: &Rule) -> bool {
        match self.params.variant {
            Variant::Datatrove => rule.signal != "empty",
            Variant::Dclm => true,
            Variant::Dolma => false,
        }
    }
}

impl Params {
    fn could_fire(&self) -> bool {
        let lines =
            self.require_terminal_mark || self.min_line_words.is_some_and(|fewest| fewest > 0);
        let others = self.max_word_chars.is_some()
            || self.remove_citations
            || self.remove_javascript_lines
            || self.remove_policy_lines
            || self.max_lorem_ipsum_lines.is_some()
            || self.max_curly_bracket_lines.is_some()
            || self.min_sentences.is_some_and(|fewest| fewest > 0);
        lines || (others && self.variant != Variant::Dolma)
    }
}

impl Edit for C4Lines {
    const RULES: &'static [Rule] = &[
        Rule::max("lorem_ipsum", "lorem_ipsum_lines", "max_lorem_ipsum_lines"),
        Rule::max("curly_bracket", "curly_bracket_lines", "max_curly_bracket_lines"),
        Rule::never("empty", "empty"),
        Rule::min("too_few_sentences", "sentences", "min_sentences"),
    ];

    fn edit(&self, view: &View<'_>, spans: &mut Vec<Span>) -> Option<Signals> {
        let text = view.text();
        Some(match self.params.variant {
            Variant::Datatrove => self.rewrite(view, split_lines(text).map(strip), spans),
            Variant::Dclm => self.rewrite(view, text.split('\n'), spans),
            Variant::Dolma => self.cut(text, spans),
        })
    }
}

impl C4Lines {
    fn rewrite<'t>(
        &self,
        view: &View<'_>,
        lines: impl Iterator<Item = &'t str>,
        spans: &mut Vec<Span>,
    ) -> Signals {
        let text = view.text();
        let mut sentences = SentenceCounter::new(text, view.words(Splitter::Spacy));
        let mut rewriter = Rewriter::new(text, spans);
        let mut tally = Tally::default();
        let holds_phrases = self.phrases.may_occur_in(text);
        for line in lines {
            let bare =
                if self.params.remove_citations { without_citations(line) } else { line.into() };
            let is_cut = matches!(bare, Cow::Owned(_));
            let fate = self.fate(line, &bare, holds_phrases || is_cut, &mut tally);
            tally.fates[fate as usize] += 1;
            if fate != Fate::Kept {
                continue;
            }
            tally.citations += keep(&mut rewriter, line, offset(text, line), is_cut);
            tally.sentences += self.sentences(line, &bare, is_cut, &mut sentences);
        }
        let empty = !rewriter.finish();
        tally.signals(empty)
    }

    /// The sentences of a line that stays, which is `bare` without its citations.
    fn sentences(
        &self,
        line: &str,
        bare: &str,
        is_cut: bool,
        counter: &mut SentenceCounter<'_>,
    ) -> usize {
        let is_dclm = self.params.variant == Variant::Dclm;
        let bare = if is_dclm { strip(bare) } else { bare };
        match is_cut {
            // To datatrove, a blank line is a sentence.
            _ if is_dclm && bare.is_empty() => 0,
            true => sentence_count(bare),
            false => counter.count(strip(line)),
        }
    }

    /// What becomes of a line, which is `bare` without its citations.
    fn fate(&self, line: &str, bare: &str, look: bool, tally: &mut Tally) -> Fate {
        let is_dclm = self.params.variant == Variant::Dclm;
        if self.has_long_word(line) {
            return Fate::LongWord;
        }
        if is_dclm && bare.is_empty() {
            return Fate::Kept;
        }
        if self.params.require_terminal_mark {
            let has_end = if is_dclm {
                let solid = characters::strip_end(bare);
                solid.ends_with(['.', '?', '!', '"']) && !solid.ends_with("...")
            } else {
                bare.ends_with(['.', '?', '!', '"', '\'']) && !bare.ends_with("...")
            };
            if !has_end {
                return Fate::Unended;
            }
        }
        if self.is_short(if is_dclm { bare } else { line }) {
            return Fate::Short;
        }
        if !look {
            return Fate::Kept;
        }
        let mut found = self.phrases.find(bare);
        if is_dclm && let Some(folded) = phrases::folded(bare) {
            let folded = self.phrases.find(&folded);
            (found.javascript, found.policy) = (folded.javascript, folded.policy);
        }
        tally.lorem_ipsum += u64::from(found.lorem_ipsum);
        if found.javascript && self.params.remove_javascript_lines {
            return Fate::Javascript;
        }
        tally.curly_bracket += u64::from(found.curly_bracket);
        if found.policy && self.params.remove_policy_lines {
            return Fate::Policy;
        }
        Fate::Kept
    }

    fn has_long_word(&self, line: &str) -> bool {
        line.len() > self.max_word_chars
            && words::whitespace(line).any(|word| {
                word.len() > self.max_word_chars && characters::count(word) > self.max_word_chars
            })
    }

    fn is_short(&self, line: &str) -> bool {
        words::whitespace(line).take(self.min_line_words).count() < self.min_line_words
    }
}

/// Keeps a line that begins at `start`, but for its citations if it `is_cut`; gives their number.
fn keep(rewriter: &mut Rewriter<'_>, line: &str, start: usize, is_cut: bool) -> u64 {
    let (mut at, mut count) = (0, 0);
    rewriter.begin_line();
    for citation in citations(line).take_while(|_| is_cut) {
        rewriter.keep(start + at, start + citation.start);
        at = citation.end;
        count += 1;
    }
    rewriter.keep(start + at, start + line.len());
    count
}

/// The line without its citations; owned if it has any.
fn without_citations(line: &str) -> Cow<'_, str> {
    let mut bare = String::new();
    let mut at = 0;
    for citation in citations(line) {
        bare.push_str(&line[at..citation.start]);
        at = citation.end;
    }
    if at == 0 {
        return line.into();
    }
    bare.push_str(&line[at..]);
    bare.into()
}
