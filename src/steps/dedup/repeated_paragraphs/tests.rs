use std::collections::HashSet;
use std::ops::Range;

use proptest::prelude::*;

use crate::steps::registry::Built;
use crate::steps::testing::{build, faults, outcome, value};

const NAME: &str = "repeated_paragraphs";
const ALL: &str = "min_chars = 1";

fn step(toml: &str) -> Built {
    build(NAME, toml).unwrap()
}

fn ranges(built: &Built, text: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    built.step.pieces(text, &mut pieces);
    pieces
}

fn pieces<'t>(toml: &str, text: &'t str) -> Vec<&'t str> {
    ranges(&step(toml), text).into_iter().map(|piece| &text[piece]).collect()
}

fn keys(toml: &str, text: &str) -> Vec<(u32, u64)> {
    outcome(&step(toml), text).signature.keys
}

/// The texts without the pieces that repeat one before, as a cut of an arm of these documents.
fn cut(built: &Built, texts: &[&str]) -> Vec<String> {
    let mut seen = HashSet::new();
    let cut_one = |text: &&str| {
        let pieces = ranges(built, text);
        let mut left = (*text).to_owned();
        let repeats: Vec<usize> = outcome(built, text)
            .signature
            .keys
            .into_iter()
            .filter(|(_, key)| !seen.insert(*key))
            .map(|(position, _)| position as usize)
            .collect();
        for &position in repeats.iter().rev() {
            left.replace_range(pieces[position].clone(), "");
        }
        left
    };
    texts.iter().map(cut_one).collect()
}

#[test]
fn paragraphs_go_with_the_blank_lines_after_them() {
    let text = "\n \nOne\ntwo\n\nthree\n\t\n\n\nfour";
    assert_eq!(pieces("", text), ["One\ntwo\n\n", "three\n\t\n\n\n", "four"]);
    assert_eq!(pieces("", "a\r\n\r\nb\r\n"), ["a\r\n\r\n", "b\r\n"]);
    assert_eq!(pieces("", "one"), ["one"]);
    assert_eq!(pieces("", " \n\n"), [""; 0]);
}

#[test]
fn lines_go_with_their_line_feed() {
    let text = "a\n\nb \nc";
    assert_eq!(pieces("unit = 'line'", text), ["a\n", "\n", "b \n", "c"]);
    assert_eq!(pieces("variant = 'ccnet'", text), pieces("unit = 'line'", text));
    assert_eq!(pieces("variant = 'dolma'", text), pieces("unit = 'line'", text));
    assert_eq!(pieces("variant = 'ccnet'\nunit = 'paragraph'", text), ["a\n\n", "b \nc"]);
    assert_eq!(pieces("unit = 'line'", ""), [""; 0]);
}

#[test]
fn pieces_are_compared_by_their_letters_and_digits() {
    let same = keys(ALL, "The mill,\nby the river!\n\n  the MILL by – the river\n\nthe mills");
    assert_eq!(same.len(), 3);
    assert_eq!(same[0].1, same[1].1);
    assert_ne!(same[0].1, same[2].1);
    assert_eq!(keys(ALL, "a\n\n* * *\n\nb").iter().map(|key| key.0).collect::<Vec<_>>(), [0, 2]);
}

#[test]
fn short_pieces_are_not_compared() {
    let text = |chars: usize| "é ".repeat(chars);
    assert_eq!(keys("", &text(60)).len(), 1);
    assert_eq!(keys("", &text(59)).len(), 0);
    assert_eq!(keys("min_chars = 59", &text(59)).len(), 1);
    let ccnet = "variant = 'ccnet'\nmin_chars = 3";
    assert_eq!(keys(ccnet, " ab… \n"), []);
    assert_eq!(keys(ccnet, " a b… \n").len(), 1);
    let dolma = "variant = 'dolma'\nmin_chars = 3";
    assert_eq!(keys(dolma, "ab\néé").len(), 0);
    assert_eq!(keys(dolma, "ab \nééé").len(), 2);
}

#[test]
fn ccnet_s_lines_differ_neither_in_digits_nor_in_case() {
    let same =
        keys("variant = 'ccnet'", "Page 1 – next…\n page 7  next\npage 77 next\nPage 1, next");
    assert_eq!(same[0].1, same[1].1);
    assert_ne!(same[0].1, same[2].1, "two digits are two zeros");
    assert_ne!(same[0].1, same[3].1, "a comma of ASCII stays");
    let blank = keys("variant = 'ccnet'", "\n \n…\na");
    assert_eq!(blank.len(), 4, "blank lines are compared");
    assert_eq!((blank[0].1, blank[1].1), (blank[1].1, blank[2].1));
    assert_eq!(keys("variant = 'ccnet'\nmin_chars = 1", "\n \n…\na").len(), 1);
}

#[test]
fn dolma_s_lines_are_alike_to_the_byte() {
    let lines = keys("variant = 'dolma'", "a\n\na\nA\n \u{a0}\na ");
    assert_eq!(lines.iter().map(|key| key.0).collect::<Vec<_>>(), [0, 2, 3, 5]);
    assert_eq!(lines[0].1, lines[1].1);
    assert_eq!(lines.iter().map(|key| key.1).collect::<HashSet<_>>().len(), 3);
}

#[test]
fn what_is_left_is_separated_as_before() {
    let built = step(ALL);
    let texts = ["a\n\nb\n\nc", "b\n\nd\n\na\n\na\n\ne\n", "d\n\n\nx\n\nb"];
    assert_eq!(cut(&built, &texts), ["a\n\nb\n\nc", "d\n\ne\n", "x\n\n"]);
    let lines = step("variant = 'ccnet'\nmin_chars = 1");
    assert_eq!(cut(&lines, &["a\n\nb\na", "b\nc\n\nA\nd"]), ["a\n\nb\n", "c\n\nd"]);
}

#[test]
fn signals_count_pieces() {
    let found = outcome(&step("min_chars = 3"), "one two\n\nno\n\nthree");
    let value = |signal| value(NAME, &found, signal);
    assert_eq!(value("pieces"), Some(3.0));
    assert_eq!(value("compared_pieces"), Some(2.0));
    assert_eq!(value("chars"), Some(18.0));
    assert!(found.applies && found.keep().is_none());
}

#[test]
fn a_cut_reads_what_a_document_must_have_left_and_a_run_does_not_go_by_it() {
    let left = |toml: &str| step(toml).params["min_chars_left"].clone();
    assert_eq!(left(""), 1);
    assert_eq!(left("variant = 'ccnet'"), 1);
    assert_eq!(left("variant = 'dolma'"), "off");
    assert_eq!(left("min_chars_left = 'off'"), "off");
    assert_eq!(left("variant = 'dolma'\nmin_chars_left = 300"), 300);
    assert!(!faults(NAME, "min_chars_left = 0").is_empty());
    let settled = crate::steps::find(NAME).unwrap().settled_by_cut;
    assert_eq!(settled, ["min_chars_left"]);
    let text = "a piece\n\nanother";
    assert_eq!(keys("min_chars_left = 300\nmin_chars = 0", text), keys("min_chars = 0", text));
}

/// What CCNet and Dolma leave, but that the first copy stays: the lines that no line before is like,
/// joined by line feeds.
fn first_lines(texts: &[String], normal: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let left = texts.iter().map(|text| {
        let stays = |line: &&str| normal(line).is_none_or(|normal| seen.insert(normal));
        text.split('\n').filter(stays).collect::<Vec<_>>().join("\n")
    });
    left.collect()
}

proptest! {
    #[test]
    fn ranges_cover_what_is_not_blank_and_agree_with_the_keys(
        text in "([aB1é,…\n\r \t\u{85}]|\n\n){0,40}",
        toml in prop::sample::select(vec!["min_chars = 0", ALL, "unit = 'line'\nmin_chars = 0",
            "variant = 'ccnet'", "variant = 'dolma'", "variant = 'dolma'\nunit = 'paragraph'"]),
    ) {
        let built = step(toml);
        let pieces = ranges(&built, &text);
        let found = outcome(&built, &text);
        prop_assert_eq!(value(NAME, &found, "pieces"), Some(pieces.len() as f64));
        let keys = &found.signature.keys;
        prop_assert!(keys.windows(2).all(|pair| pair[0].0 < pair[1].0));
        prop_assert!(keys.iter().all(|key| (key.0 as usize) < pieces.len()));
        // What stands before the first piece is blank, and the pieces follow one another.
        let mut at = pieces.first().map_or(text.len(), |piece| piece.start);
        prop_assert!(text[..at].trim().is_empty());
        for piece in &pieces {
            prop_assert_eq!(piece.start, at);
            prop_assert!(piece.end > piece.start && text.is_char_boundary(piece.end));
            at = piece.end;
        }
        prop_assert_eq!(at, text.len());
        // A piece alone has the key that it has in the text.
        for &(position, key) in keys {
            let alone = outcome(&built, &text[pieces[position as usize].clone()]).signature.keys;
            prop_assert_eq!(alone, vec![(0, key)]);
        }
    }

    #[test]
    fn what_is_left_is_what_the_peers_leave_but_for_the_first_copies(
        texts in prop::collection::vec("([abA1 …]{0,2}\n){0,6}[ab1]{0,2}", 1..4),
    ) {
        let views: Vec<&str> = texts.iter().map(String::as_str).collect();
        let trimmed = |texts: Vec<String>| -> Vec<String> {
            texts.iter().map(|text| text.trim_end_matches('\n').to_owned()).collect()
        };
        let dolma = |line: &str| (!line.trim().is_empty()).then(|| line.to_owned());
        prop_assert_eq!(
            trimmed(cut(&step("variant = 'dolma'"), &views)),
            trimmed(first_lines(&texts, dolma))
        );
        let ccnet = |line: &str| {
            let line = line.trim().to_lowercase().replace('1', "0").replace('…', "");
            (!line.is_empty()).then_some(line)
        };
        prop_assert_eq!(
            trimmed(cut(&step("variant = 'ccnet'\nmin_chars = 1"), &views)),
            trimmed(first_lines(&texts, ccnet))
        );
    }
}
