//! Sentences as spaCy's rule-based sentencizer counts them, which is how datatrove counts those of
//! English lines for C4's minimum.

use super::punctuation::{ends_sentence, is_punctuation};
use super::{Piece, pieces};

/// How many sentences datatrove counts in `line`, 1 or more: a line without any is one of its own.
///
/// A sentence ends before the first token that is no punctuation, after a token that is a
/// sentence-ending mark. Wide white space (a tab, a second space) is such a token too.
pub fn sentence_count(line: &str) -> usize {
    let mut sentences = 1;
    let mut has_end = false;
    pieces(line, |piece| {
        let (is_end, goes_on) = match piece {
            Piece::Word(token) => (is_end(token), token.chars().all(is_punctuation)),
            Piece::Gap => (false, false),
        };
        if has_end && !goes_on {
            sentences += 1;
            has_end = false;
        } else {
            has_end |= is_end;
        }
    });
    sentences
}

/// Whether `token` is one sentence-ending mark.
fn is_end(token: &str) -> bool {
    let mut chars = token.chars();
    chars.next().is_some_and(ends_sentence) && chars.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::sentence_count;

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
}
