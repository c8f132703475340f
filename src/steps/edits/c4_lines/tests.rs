//! Tests of `c4_lines`; those against the peers' own texts are in `edits/parity.rs`.

use proptest::prelude::*;

use crate::steps::testing::{
    assert_rules_from_both_sides, build, faults, outcome, reason as reason_of, value,
};
use crate::text::{Span, apply};

fn reason(toml: &str, text: &str) -> Option<&'static str> {
    reason_of("c4_lines", toml, text)
}

fn edited(toml: &str, text: &str) -> String {
    let outcome = outcome(&build("c4_lines", toml).unwrap(), text);
    apply(text, &outcome.spans)
}

/// The variant's rules for lines as they are, with no rule for documents.
fn lines_only(variant: &str) -> String {
    format!(
        "variant = '{variant}'\nmax_lorem_ipsum_lines = 'off'\n\
         max_curly_bracket_lines = 'off'\nmin_sentences = 'off'"
    )
}

/// A line for each test, and lines that stay.
const TEXT: &str = "\
\u{20}The mill grinds the grist[1]. It is all kept! \r
A title without a mark

Few words.
You have to enable JavaScript first.
We wrote lorem ipsum here ourselves.
Here {is} a brace or two.
Read our Privacy Policy before that.
And so it goes on...
He said that \"it is so.\"[citation needed]
It is the miller's 'grist.'
";

#[test]
fn each_test_counts_the_lines_that_it_takes_out() {
    let long = format!("{TEXT}{} it is so long.\n", "é".repeat(1001));
    let values = |variant: &str| {
        let outcome =
            outcome(&build("c4_lines", &format!("variant = '{variant}'")).unwrap(), &long);
        let value = |signal| value("c4_lines", &outcome, signal);
        [
            value("lines"),
            value("kept_lines"),
            value("long_word_lines"),
            value("unended_lines"),
            value("short_lines"),
            value("lorem_ipsum_lines"),
            value("javascript_lines"),
            value("curly_bracket_lines"),
            value("policy_lines"),
            value("citations"),
            value("sentences"),
        ]
    };
    let numbers = |numbers: [u64; 11]| numbers.map(|number| Some(number as f64));
    // Of 12 lines the title, the blank line and the one that goes on have no mark.
    assert_eq!(values("datatrove"), numbers([12, 5, 1, 3, 1, 1, 1, 1, 1, 2, 6]));
    // Of 13 lines the blank one and the empty one at the end stay; a ' is no mark.
    assert_eq!(values("dclm"), numbers([13, 6, 1, 3, 1, 1, 1, 1, 1, 2, 5]));
    let dolma = values("dolma");
    // The citation is no mark, "Few words." is short, and nothing else is looked for.
    assert_eq!(dolma[..2], [Some(13.0), Some(7.0)]);
    assert_eq!(dolma[3..5], [Some(5.0), Some(1.0)]);
    assert!([2, 5, 6, 7, 8, 9, 10].iter().all(|&at| dolma[at].is_none()));
}

#[test]
fn what_stays_is_what_the_variant_leaves() {
    assert_eq!(
        edited("", TEXT),
        "The mill grinds the grist. It is all kept!\n\
         We wrote lorem ipsum here ourselves.\n\
         Here {is} a brace or two.\n\
         He said that \"it is so.\"\n\
         It is the miller's 'grist.'"
    );
    assert_eq!(
        edited("variant = 'dclm'", TEXT),
        "The mill grinds the grist. It is all kept! \r\n\n\
         We wrote lorem ipsum here ourselves.\n\
         Here {is} a brace or two.\n\
         He said that \"it is so.\""
    );
    assert_eq!(
        edited("variant = 'dolma'", TEXT),
        " The mill grinds the grist[1]. It is all kept! \r\n\
         You have to enable JavaScript first.\n\
         We wrote lorem ipsum here ourselves.\n\
         Here {is} a brace or two.\n\
         Read our Privacy Policy before that.\n\
         And so it goes on...\n"
    );
    assert_eq!(
        edited(
            "require_terminal_mark = false",
            "A title of four\nTwo words\r\n - a [2] b\u{2028}c d e"
        ),
        "A title of four\n- a  b\nc d e"
    );
}

#[test]
fn spans_touch_only_what_goes() {
    let step = build("c4_lines", "").unwrap();
    let text = "It is so[2] here.\nMenu\n\nIt is so again.\nAnd again and so.\n";
    assert_eq!(
        outcome(&step, text).spans,
        [Span::remove(8, 11), Span::remove(18, 24), Span::remove(57, 58)]
    );
    assert_eq!(outcome(&step, "It is so here.\nIt is so again.").spans, []);
}

#[test]
fn rules_for_documents_see_lines_that_got_that_far() {
    let prose = "One is here. Two is here. Three is here. Four is here. Five is here.";
    for variant in ["datatrove", "dclm"] {
        let with =
            |line: &str| reason(&format!("variant = '{variant}'"), &format!("{prose}\n{line}\n"));
        assert_eq!(with("It is all so here."), None);
        assert_eq!(with("menu {"), None, "no mark");
        assert_eq!(with("{."), None, "one word");
        assert_eq!(with("javascript { is so here."), None, "javascript is looked for before");
        assert_eq!(with("It is { so here."), Some("curly_bracket"));
        assert_eq!(
            with("Our privacy policy { is so."),
            Some("curly_bracket"),
            "and policies after"
        );
        assert_eq!(with("JavaScript with LOREM IPSUM is so."), Some("lorem_ipsum"));
        assert_eq!(with("A lorem\u{a0}ipsum is here so."), None);
        assert_eq!(with("A lorem[3] ipsum is here so."), Some("lorem_ipsum"), "once it is deleted");
        assert_eq!(with("It { is. \n It has lorem ipsum here."), Some("lorem_ipsum"));
    }
}

#[test]
fn datatrove_s_quirks() {
    let toml = lines_only("datatrove");
    assert_eq!(edited(&toml, "It is so. [3]"), "", "a space is left at the end");
    assert_eq!(edited(&toml, "It is[3]."), "", "words are counted before deletion");
    assert_eq!(edited(&toml, "It [3] is."), "It  is.");
    assert_eq!(edited(&toml, "It is so… \"It is so…\nIt is so....\nIt is so.\u{a0}"), "It is so.");
    assert_eq!(
        edited(&toml, "We use coo\u{212a}ies.\nJava\u{17f}cript it is."),
        "Java\u{17f}cript it is."
    );
    // One sentence is a blank line that stays.
    let blank = "require_terminal_mark = false\nmin_line_words = 'off'\nmin_sentences = 3";
    assert_eq!(reason(blank, "One is here.\n\nTwo"), None);
    assert_eq!(edited(blank, "One is here.\n \nTwo"), "One is here.\n\nTwo");
}

#[test]
fn dclm_s_quirks() {
    let toml = lines_only("dclm");
    assert_eq!(edited(&toml, "So it is for us. [3]"), "So it is for us.");
    assert_eq!(edited(&toml, "So it is [3] here."), "", "words are counted after deletion");
    assert_eq!(
        edited(&toml, "So it is for us.\n\n[1]\n \n So it is. For us."),
        "So it is for us.\n\n\n So it is. For us."
    );
    assert_eq!(
        edited(&toml, "We use coo\u{212a}ies as you know.\nJava\u{17f}cript it is for us."),
        ""
    );
    let folded = "Lorem \u{131}psum it is for us.\nThree. Four. Five. Six. Seven.";
    assert_eq!(reason("variant = 'dclm'", folded), None);
    assert_eq!(reason(&toml, "menu\n\n"), Some("empty"));
    assert_eq!(reason(&toml, ""), Some("empty"));
    assert_eq!(reason(&lines_only("datatrove"), "menu\n\n"), None);
}

#[test]
fn variants_have_their_own_defaults() {
    let lines = |variant: &str, line: &str| !edited(&lines_only(variant), line).is_empty();
    assert!(lines("datatrove", "Three words here.") && !lines("datatrove", "Two words."));
    assert!(lines("dclm", "There are five words here.") && !lines("dclm", "Only four words here."));
    let params = |toml: &str| build("c4_lines", toml).unwrap().params;
    assert_eq!(params("variant = 'dclm'")["min_line_words"], 5, "plans show what holds");
    let given = format!("{}\nmin_line_words = 3", lines_only("dclm"));
    assert_eq!(edited(&given, "Three words here."), "Three words here.");
    let sentences = |count: usize| "It is so for us. ".repeat(count);
    assert_eq!(reason("", &sentences(4)), Some("too_few_sentences"));
    assert_eq!(reason("", &sentences(5)), None);
    assert_eq!(reason("variant = 'dclm'", &sentences(2)), Some("too_few_sentences"));
    assert_eq!(reason("variant = 'dclm'", &sentences(3)), None);
    assert_eq!(reason("variant = 'dolma'", ""), None);
}

#[test]
fn each_bound_is_inclusive() {
    let text = "One is here now. Two { is here.\nIt is lorem ipsum for us.\nSo { it is for us.";
    for variant in ["datatrove", "dclm"] {
        assert_rules_from_both_sides("c4_lines", &format!("variant = '{variant}'"), text);
    }
    let words = |words: u64| {
        let toml = format!("{}\nmin_line_words = {words}", lines_only("datatrove"));
        edited(&toml, "It is so.").is_empty()
    };
    assert!(!words(3) && words(4));
    let chars = |chars: u64| {
        let toml = format!("{}\nmax_word_chars = {chars}", lines_only("datatrove"));
        edited(&toml, "Für größte es.").is_empty()
    };
    assert!(!chars(6) && chars(5));
}

#[test]
fn what_could_have_no_effect_is_refused() {
    let off = "require_terminal_mark = false\nmin_line_words = 'off'\nmax_word_chars = 'off'\n\
               remove_citations = false\nremove_javascript_lines = false\n\
               remove_policy_lines = false\nmax_lorem_ipsum_lines = 'off'\n\
               max_curly_bracket_lines = 'off'\nmin_sentences = 'off'";
    assert!(faults("c4_lines", off).contains("every rule is off"));
    assert!(build("c4_lines", &off.replace("min_sentences = 'off'", "")).is_ok());
    let dolma = "variant = 'dolma'\nremove_citations = true";
    assert!(faults("c4_lines", dolma).contains("no such rule"));
    let dolma = "variant = 'dolma'\nrequire_terminal_mark = false\nmin_line_words = 0";
    assert!(faults("c4_lines", dolma).contains("every rule is off"));
}

#[test]
fn hostile_texts_take_linear_time() {
    let step = build("c4_lines", "require_terminal_mark = false\nmin_line_words = 'off'").unwrap();
    for unit in
        ["[", "[1]", "[1", "{", "a ", "\n", "\r", "a.\n", "javascript", "lorem ipsum\n", "é"]
    {
        let text = unit.repeat(500_000 / unit.len());
        outcome(&step, &text);
    }
}

fn text() -> impl Strategy<Value = String> {
    let piece = "(It is so for us\\. |a b c d e|[.?!'\"]|\\.\\.\\.|…|\\[1?\\]|\\{|\r?\n|\r|\u{2028}| {1,2}|\
                 javascript|use cookies|lorem ipsum|é|\u{a0})";
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_stays_stays(text in text(), variant in "(datatrove|dclm|dolma)", marks: bool) {
        let mut toml = format!("variant = '{variant}'\nrequire_terminal_mark = {marks}");
        if variant != "dolma" {
            toml += "\nremove_citations = false";
        }
        let once = edited(&toml, &text);
        prop_assert_eq!(edited(&toml, &once), once);
    }

    #[test]
    fn spans_are_ascending_and_apart(text in text(), variant in "(datatrove|dclm|dolma)", marks: bool) {
        let toml = format!("variant = '{variant}'\nrequire_terminal_mark = {marks}");
        let spans = outcome(&build("c4_lines", &toml).unwrap(), &text).spans;
        prop_assert!(spans.windows(2).all(|pair| pair[0].end < pair[1].start));
        for span in &spans {
            prop_assert!(span.start < span.end && text.get(span.start..span.end).is_some());
            prop_assert_ne!(&text[span.start..span.end], &span.replacement);
        }
    }
}
