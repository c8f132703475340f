//! Sentences as spaCy's rule-based sentencizer counts them, which is how datatrove counts those of
//! English lines for C4's minimum.

use super::punctuation::{ends_sentence, is_punctuation};
use super::{Piece, pieces};
use crate::text::lines::offset;
use crate::text::word_table::Words;

/// How many sentences datatrove counts in `line`, 1 or more: a line without any is one of its own.
///
/// A sentence ends before the first token that is no punctuation, after a token that is a
/// sentence-ending mark. Wide white space (a tab, a second space) is such a token too.
pub fn sentence_count(line: &str) -> usize {
    let mut state = State::default();
    pieces(line, |piece| match piece {
        Piece::Word(token) => state.word(token),
        Piece::Gap => state.gap(),
    });
    state.sentences()
}

/// Counts the sentences of lines from the words of the whole text, which other measures have made.
///
/// White space ends every token, so a line has the same ones by itself as within its text.
pub struct SentenceCounter<'a> {
    text: &'a str,
    words: &'a Words,
    next: usize,
}

impl<'a> SentenceCounter<'a> {
    /// For a text and its words by [`Splitter::Spacy`](crate::text::word_table::Splitter::Spacy).
    pub fn new(text: &'a str, words: &'a Words) -> Self {
        Self { text, words, next: 0 }
    }

    /// [`sentence_count`] of a line, a slice of the text that is stripped and has white space or an
    /// end of the text on either side; lines are to be asked for in ascending order.
    pub fn count(&mut self, line: &str) -> usize {
        let start = offset(self.text, line);
        let end = start + line.len();
        let mut state = State::default();
        let mut at = start;
        while let Some((from, to)) = self.words.span(self.next).filter(|&(from, _)| from < end) {
            self.next += 1;
            if from < start {
                continue;
            }
            if !matches!(self.text.get(at..from), Some("" | " ")) {
                state.gap();
            }
            state.word(self.text.get(from..to).unwrap_or_default());
            at = to;
        }
        state.sentences()
    }
}

/// How far the sentences of a line are counted.
#[derive(Default)]
struct State {
    ended: usize,
    has_end: bool,
}

impl State {
    fn word(&mut self, token: &str) {
        if self.has_end && !token.chars().all(is_punctuation) {
            self.gap();
        } else {
            self.has_end |= is_end(token);
        }
    }

    /// White space that is a token: neither an end nor punctuation.
    fn gap(&mut self) {
        self.ended += usize::from(self.has_end);
        self.has_end = false;
    }

    fn sentences(&self) -> usize {
        self.ended + 1
    }
}

/// Whether `token` is one sentence-ending mark.
fn is_end(token: &str) -> bool {
    let mut chars = token.chars();
    chars.next().is_some_and(ends_sentence) && chars.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::word_table::Splitter;
    use proptest::prelude::*;

    #[test]
    fn sentences_end_before_the_next_word() {
        for (line, sentences) in [
            ("", 1),
            (" \t ", 1),
            ("No end", 1),
            ("One. Two! Three?", 3),
            ("He said \"Stop.\" Then he left.", 2),
            ("Dr. Smith came at 5 p.m. on Monday.", 1),
            ("What?! Really?!", 2),
            ("Wait... no end in dots", 1),
            ("第一句。 第二句。", 2),
            // The second space is a token, and starts the sentence that the mark then ends.
            ("One.  !", 2),
            ("One. !", 1),
            ("One. ", 1),
            ("One.  ", 2),
        ] {
            assert_eq!(sentence_count(line), sentences, "{line:?}");
        }
    }
    proptest! {
        #[test]
        fn lines_have_as_many_sentences_by_themselves_as_within_their_text(
            lines in proptest::collection::vec(r#"([A-Za-z]{1,4}|[.!?:;()'"-]{1,3}|[ \t]{1,2}|(Mr\.|:\)|\.\.\.|。|é)){0,9}"#, 0..5),
        ) {
            let text = lines.join("\n");
            let mut words = Words::default();
            words.fill(&text, Splitter::Spacy);
            let mut counter = SentenceCounter::new(&text, &words);
            for line in text.split('\n').map(str::trim) {
                prop_assert_eq!(counter.count(line), sentence_count(line), "{:?}", line);
            }
        }
    }
}
