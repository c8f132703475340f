//! Words as spaCy's English tokenizer cuts them (`spacy.blank("en")`, 3.8), which is what
//! datatrove counts as words.
//!
//! 1. White space parts chunks. What it is, Python decides (`str.isspace`).
//! 2. A chunk that is a special case (a contraction, an abbreviation, an emoticon) is cut as the
//!    table says (`exceptions`).
//! 3. Otherwise one prefix and one suffix at a time are split off (`affix`), with a look at the
//!    table at each turn (`split`).
//! 4. What is left stays whole if it is a web address (`url`), or is cut at its infixes.
//! 5. Special cases that step 3 took apart are put together again (`phrases`).
//!
//! Time is linear in the text, whatever it holds. There are three deviations: tokens of white
//! space are left out, as datatrove leaves them out; digits in the ports and numeric hosts of
//! addresses are ASCII only; and the word `IS_ALPHA`, which makes spaCy fail, so that datatrove
//! deletes it, is a word like others.

mod affix;
mod classes;
mod exceptions;
mod lexicon;
#[cfg(test)]
mod parity;
mod phrases;
mod punctuation;
mod sentences;
mod split;
mod url;

use classes::{Classes, SPACE};
use lexicon::Lexicon;
use phrases::Run;
use split::Splitter;
use std::ops::Range;
use std::sync::LazyLock;

pub use sentences::{SentenceCounter, sentence_count};

/// The tables, built at first use.
struct English {
    classes: Classes,
    lexicon: Lexicon,
}

static ENGLISH: LazyLock<English> = LazyLock::new(|| {
    let classes = Classes::build();
    let lexicon = Lexicon::english(&classes);
    English { classes, lexicon }
});

/// One item of a text.
enum Piece<'t> {
    /// A token that is not white space.
    Word(&'t str),
    /// White space other than one space between two words.
    Gap,
}

/// Calls `word` with each token of datatrove's English word list, in order.
///
/// Tokens are slices of `text`: not empty, not overlapping, without white space inside, and together
/// all of `text` but its white space.
pub fn words<'t>(text: &'t str, mut word: impl FnMut(&'t str)) {
    pieces(text, |piece| {
        if let Piece::Word(token) = piece {
            word(token);
        }
    });
}

/// Calls `emit` with the tokens and gaps of `text`, in order.
fn pieces<'t>(text: &'t str, mut emit: impl FnMut(Piece<'t>)) {
    let English { classes, lexicon } = &*ENGLISH;
    let mut splitter = Splitter::default();
    let mut run = Run::default();
    let mut at = 0;
    while at < text.len() {
        let space = space_len(classes, text, at);
        // One space between two words is no token to spaCy, and phrases reach across it.
        if space > usize::from(at > 0 && text.as_bytes()[at] == b' ') {
            run.flush(lexicon, |range| emit(Piece::Word(&text[range])));
            emit(Piece::Gap);
        }
        at += space;
        if at == text.len() {
            break;
        }
        let chunk = chunk(classes, text, at);
        let start = at;
        at += chunk.text.len();
        let mut push = |range: Range<usize>, number: u16| {
            if number > 0 {
                run.push(range, number);
                return;
            }
            if !run.is_empty() {
                run.flush(lexicon, |range| emit(Piece::Word(&text[range])));
            }
            emit(Piece::Word(&text[range]));
        };
        if chunk.is_letters {
            // No affix, infix or address consists of ASCII letters alone.
            match lexicon.get(chunk.text) {
                None => {
                    push(start..at, 0);
                    continue;
                }
                Some(entry) if !entry.is_special() => {
                    push(start..at, entry.phrase_token);
                    continue;
                }
                Some(_) => {}
            }
        }
        splitter.split(classes, lexicon, chunk.text, |range| {
            let range = start + range.start..start + range.end;
            let number = lexicon.get(&text[range.clone()]).map_or(0, |entry| entry.phrase_token);
            push(range, number);
        });
    }
    run.flush(lexicon, |range| emit(Piece::Word(&text[range])));
}

/// Length in bytes of the white space at byte `at`.
#[inline]
fn space_len(classes: &Classes, text: &str, at: usize) -> usize {
    let rest = &text[at..];
    rest.find(|c| !classes.is(c, SPACE)).unwrap_or(rest.len())
}

/// A stretch without white space.
struct Chunk<'t> {
    text: &'t str,
    /// Whether it is ASCII letters throughout.
    is_letters: bool,
}

/// The chunk at byte `at`, which is empty if white space or the end is there.
#[inline]
fn chunk<'t>(classes: &Classes, text: &'t str, at: usize) -> Chunk<'t> {
    let rest = &text[at..];
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let other = rest[letters..].find(|c| classes.is(c, SPACE)).unwrap_or(rest.len() - letters);
    Chunk { text: &rest[..letters + other], is_letters: other == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The words of `text`, with `·` between them.
    fn cut(text: &str) -> String {
        let mut list = Vec::new();
        words(text, |word| list.push(word));
        list.join("·")
    }

    #[test]
    fn white_space_parts_words_and_is_none() {
        assert_eq!(cut(""), "");
        assert_eq!(cut(" \t\n "), "");
        assert_eq!(
            cut(" one  two\tthree\u{A0}four\u{3000}five\u{1F}six\n"),
            "one·two·three·four·five·six"
        );
        // The zero-width space is none to Python.
        assert_eq!(cut("one\u{200B}two"), "one\u{200B}two");
    }

    #[test]
    fn special_cases_come_before_affixes() {
        assert_eq!(cut("I can't, won't."), "I·ca·n't·,·wo·n't·.");
        assert_eq!(cut("(they’re here)"), "(·they·’re·here·)");
        assert_eq!(cut("I shouldn't've gone; cannot"), "I·should·n't·'ve·gone·;·can·not");
        assert_eq!(cut("Mr. X of the U.S. vs. Acme Inc."), "Mr.·X·of·the·U.S.·vs.·Acme·Inc.");
        assert_eq!(cut("at 10am or 5p.m."), "at·10·am·or·5·p.m.");
        // A special case that is found once an affix is off.
        assert_eq!(cut("\"Mr.\" and (e.g.)"), "\"·Mr.·\"·and·(·e.g.·)");
        assert_eq!(cut("well its were"), "well·its·were");
    }

    #[test]
    fn affixes_are_split_one_by_one() {
        assert_eq!(cut("((\"Hello,\")!"), "(·(·\"·Hello·,·\"·)·!");
        assert_eq!(cut("Ann's dogs' Ann’S"), "Ann·'s·dogs·'·Ann·’S");
        assert_eq!(cut("wait... ...what? a.. ….."), "wait·...·...·what·?·a·..·…·..");
        assert_eq!(cut("+5 +a 5+ a+ =x #1 @me"), "+5·+·a·5·+·a+·=·x·#·1·@me");
        assert_eq!(cut("one— —two –"), "one·—·—·two·–");
        assert_eq!(cut("great😀 😀"), "great·😀·😀");
    }

    #[test]
    fn currency_and_units_part_from_numbers() {
        assert_eq!(cut("$5 US$5 5€ 5US$ x€ £"), "$·5·US$·5·5·€·5·US$·x€·£");
        assert_eq!(cut("10km 5m² 3%, 20km/h km %"), "10·km·5·m²·3·%·,·20·km/h·km·%");
        assert_eq!(cut("20°C 20°C. 5kmx"), "20·°·C·20·°·C·.·5kmx");
    }

    #[test]
    fn full_stops_stay_with_single_capitals() {
        assert_eq!(
            cut("end. 5. I. AB. A.B. Éa. x). 木."),
            "end·.·5·.·I.·AB·.·A.B.·Éa·.·x·)·.·木·."
        );
    }

    #[test]
    fn infixes_cut_between_letters() {
        assert_eq!(cut("well-known low--high a—b x~y"), "well·-·known·low·--·high·a·—·b·x·~·y");
        assert_eq!(cut("3-4 3*4 3-x x-3 -x a-"), "3·-·4·3·*·4·3·-·x·x-3·-x·a-");
        assert_eq!(cut("one,two 1,000 end.Start e.x"), "one·,·two·1,000·end·.·Start·e.x");
        assert_eq!(cut("and/or his/her a:b 1:2 a=b"), "and/or·his·/·her·a·:·b·1:2·a·=·b");
        assert_eq!(cut("a...b a…b a©b"), "a·...·b·a·…·b·a·©·b");
    }

    #[test]
    fn addresses_stay_whole() {
        assert_eq!(
            cut("(see www.example.com/a-b, or jo@x-y.org)"),
            "(·see·www.example.com/a-b·,·or·jo@x-y.org·)"
        );
    }

    #[test]
    fn phrases_are_put_together_unless_spaced() {
        assert_eq!(cut("nice:) nice :-)) : )"), "nice·:)·nice·:-))·:·)");
        // The longer face claims the mark that both could have.
        assert_eq!(cut("x:)): )"), "x·:))·:·)");
        assert_eq!(cut("a:'(b)"), "a:'(b·)");
        assert_eq!(cut("x(:y"), "x(:y");
    }

    #[test]
    fn long_chunks_take_linear_time() {
        for unit in ["(", ".", "…", "a@", "a.", ":)", "a-", "'s", "5km", "ﷺ", "#a.b:1", "http://"]
        {
            let text = unit.repeat(200_000 / unit.len());
            let mut bytes = 0;
            words(&text, |word| bytes += word.len());
            assert_eq!(bytes, text.len(), "{unit}");
        }
    }

    proptest! {
        #[test]
        fn words_cover_all_but_white_space(text in r#"([ -~]{0,6}|[ .:;'’()/@$0-9a-z-]{0,9}|\PC{0,4}|\s|(can't|:\)|Mr\.|10a\.m\.|5km)){0,9}"#) {
            let classes = Classes::build();
            let mut at = 0;
            words(&text, |word| {
                let start = word.as_ptr() as usize - text.as_ptr() as usize;
                assert!(!word.is_empty() && start >= at);
                assert!(text[at..start].chars().all(|c| classes.is(c, SPACE)));
                assert!(!word.chars().any(|c| classes.is(c, SPACE)));
                at = start + word.len();
            });
            prop_assert!(text[at..].chars().all(|c| classes.is(c, SPACE)));
        }
    }
}
