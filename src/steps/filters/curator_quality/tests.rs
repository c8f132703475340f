//! Values on texts worked out by hand and by NeMo Curator itself.

use crate::steps::testing::{assert_rules_from_both_sides, build, outcome, reason, value};

const TEXT: &str = "Prices: 12 of 30 (see https://a.example/x?y=1), that is # all...\n\n\
                    • The {menu} — read more\nUse Cookies [ok]!\n\n\n — 1984: #a# of 'x'\n\
                    AND that… ##\n(...) #é#b# -» ##a";

fn value_of(text: &str) -> impl Fn(&str) -> Option<f64> + use<> {
    let outcome = outcome(&build("curator_quality", "").unwrap(), text);
    move |signal| value("curator_quality", &outcome, signal)
}

#[test]
fn values_are_those_of_the_definitions() {
    let value = value_of(TEXT);
    assert_eq!(value("non_alphanumeric_char_ratio"), Some(60.0 / 162.0));
    assert_eq!(value("symbol_word_ratio"), Some(5.0 / 31.0), "# #a# (...) #é#b# -»");
    assert_eq!(value("digit_char_ratio"), Some(9.0 / 162.0));
    assert_eq!(value("url_char_ratio"), Some(25.0 / 162.0), "with `),` at its end");
    assert_eq!(value("white_space_char_ratio"), Some(34.0 / 162.0));
    assert_eq!(value("bracket_char_ratio"), Some(8.0 / 162.0));
    assert_eq!(value("boilerplate_paragraph_ratio"), Some(1.0 / 3.0));
    assert_eq!(value("words"), Some(31.0));
    assert_eq!(value("unpunctuated_line_ratio"), Some(3.0 / 6.0));
    assert_eq!(value("alphabetic_word_ratio"), Some(21.0 / 31.0));
    assert_eq!(value("common_words"), Some(3.0), "that of of; not AND, The, that…");
    assert_eq!(value("mean_word_chars"), Some(128.0 / 31.0));
    assert_eq!(value("longest_word_chars"), Some(25.0));
    assert_eq!(value("ellipsis_line_ratio"), Some(2.0 / 6.0));
    assert_eq!(value("bullet_line_ratio"), Some(1.0 / 6.0));
}

#[test]
fn each_bound_is_inclusive() {
    assert_rules_from_both_sides("curator_quality", "", TEXT);
}

#[test]
fn values_are_the_peer_s_on_degenerate_texts() {
    let of_chars = [
        "non_alphanumeric_char_ratio",
        "digit_char_ratio",
        "url_char_ratio",
        "white_space_char_ratio",
        "bracket_char_ratio",
    ];
    let of_words_and_lines = [
        "symbol_word_ratio",
        "alphabetic_word_ratio",
        "mean_word_chars",
        "longest_word_chars",
        "unpunctuated_line_ratio",
        "ellipsis_line_ratio",
        "bullet_line_ratio",
    ];
    let cases =
        [("", [1.0; 5]), ("\n\n\n", [0.0, 0.0, 0.0, 1.0, 0.0]), (" \t", [1.0, 0.0, 0.0, 1.0, 0.0])];
    for (text, shares) in cases {
        let value = value_of(text);
        assert_eq!(of_chars.map(&value), shares.map(Some), "{text:?}");
        assert_eq!(of_words_and_lines.map(&value), [None; 7], "{text:?}");
        assert_eq!(value("boilerplate_paragraph_ratio"), Some(0.0));
        assert_eq!((value("words"), value("common_words")), (Some(0.0), Some(0.0)));
    }
    let value = value_of("word");
    assert_eq!(of_chars.map(&value), [Some(0.0); 5]);
    let expected = [0.0, 1.0, 4.0, 4.0, 1.0, 0.0, 0.0];
    assert_eq!(of_words_and_lines.map(&value), expected.map(Some));
}

#[test]
fn a_text_without_words_is_dropped_without_the_rules_that_have_no_value() {
    let drops = |toml, text| reason("curator_quality", toml, text);
    assert_eq!(drops("", ""), Some("too_many_non_alphanumeric_chars"));
    assert_eq!(drops("", "\n"), Some("too_much_white_space"));
    assert_eq!(drops("max_white_space_char_ratio = 'off'", "\n"), Some("too_few_words"));
}

#[test]
fn lines_end_in_ellipses_in_eight_ways() {
    let share = |text| value_of(text)("ellipsis_line_ratio");
    let ends = ["...", "[...]", "…", "(...)", "[…]", "-»", "Read More..", "x READ MORE \u{a0}"];
    for end in ends {
        assert_eq!(share(end), Some(1.0), "{end}");
    }
    for end in ["..", "…]", "(…)", "»", "read  more", "more.", "é", "]", ")"] {
        assert_eq!(share(end), Some(0.0), "{end}");
    }
}

#[test]
fn every_second_character_of_a_symbol_is_a_hash() {
    let share = |text| value_of(text)("symbol_word_ratio");
    for symbol in ["#", "#a#", "#é#b#", "...", "…", "(...)", "[...]", "[…]", "-»"] {
        assert_eq!(share(symbol), Some(1.0), "{symbol}");
    }
    for word in ["##", "#a", "a#a", "#a##", "#ab#", "###", "....", "(…)", "»"] {
        assert_eq!(share(word), Some(0.0), "{word}");
    }
}
