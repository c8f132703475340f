//! Deletes lines of capitals, lines of digits, counters (`3 likes`) and lines of one word.
//!
//! # What it does
//! Cuts the text at its newlines and goes over the lines once for each rule, in this order:
//! `max_uppercase_ratio` (share of the line's characters that are upper case), `max_digit_ratio`
//! (share that are digits), `counter_words` (the line is a number, perhaps with `K`, `M` or `B`,
//! and one of these words, in any letter case, with nothing around but punctuation and spaces) and
//! `min_line_words` (words between spaces). What a rule deletes, the rules after it do not see.
//! Empty lines stay. After each of the first three rules the text is stripped of spaces and
//! newlines at both ends.
//!
//! A text of which nothing is left is dropped.
//!
//! # Why
//! Menus, headings in capitals, page numbers, share counters and one-word buttons stay behind when
//! a page is extracted; whole documents are too good to be dropped for them.
//!
//! # Source
//! RefinedWeb (arXiv 2306.01116, appendix G.2, line-wise corrections). DCLM
//! `uppercase_ratio_line_modifier` (0.5), `numeric_ratio_line_modifier` (0.999999),
//! `counter_line_modifier` and `line_length_modifier` (2), steps 18 to 21 of
//! `dclm_baseline_refinedweb.yaml`. Upper case and digits are Python's `str.isupper` and
//! `str.isdigit`.
//!
//! # Differences
//! Values and text are DCLM's, its strips included: its fourth modifier strips nothing, and neither
//! does this step with the other rules off. A line of nothing but spaces has no word, so that
//! `min_line_words` deletes it, while an empty line stays. A text that was empty before is dropped
//! too, as DCLM does. RefinedWeb drops a document of which these rules remove more than 5 % of the
//! words: that is `word_removal_ratio`, a step of its own.
//!
//! datamap-rs counts bytes where DCLM counts characters, and its configuration gives the pattern of
//! counters under a key that it does not read.

use crate::config::params;
use crate::steps::{Build, Edit, Rule, Step, signals};
use crate::text::characters::{is_decimal, is_digit, is_space, is_uppercase, is_word, strip};
use crate::text::{Span, View, words};

use super::passes::{self, Passes};

params! {
    /// Parameters of `refinedweb_lines`; `"off"` switches a rule off.
    pub struct Params {
        /// Largest share of upper-case characters in a line.
        max_uppercase_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.5),
        /// Largest share of digits in a line.
        max_digit_ratio: Option<f64> [ratio, 0 ..= 1] = Some(0.999_999),
        /// What is counted in lines that are counters.
        counter_words: Option<Vec<String>> = Some(COUNTER_WORDS.map(String::from).to_vec()),
        /// Fewest words of a line.
        min_line_words: Option<u64> [words, 1 ..= 1_000_000] = Some(2),
    }
}

/// DCLM's counters.
const COUNTER_WORDS: [&str; 12] = [
    "likes",
    "shares",
    "comments",
    "retweets",
    "reposts",
    "quotes",
    "bookmarks",
    "upvotes",
    "downvotes",
    "downloads",
    "views",
    "followers",
];

signals! {
    /// What `refinedweb_lines` measures.
    pub struct Signals {
        /// Lines deleted for their capitals; null with this rule off.
        uppercase_lines: Option<u64>,
        /// Lines deleted for their digits; null with this rule off.
        digit_lines: Option<u64>,
        /// Lines deleted as counters; null with this rule off.
        counter_lines: Option<u64>,
        /// Lines deleted for too few words; null with this rule off.
        short_lines: Option<u64>,
        /// Whether nothing is left of the text.
        empty: bool,
    }
}

/// The step.
pub struct RefinedwebLines {
    max_uppercase_ratio: Option<f64>,
    max_digit_ratio: Option<f64>,
    /// In lower case.
    counter_words: Option<Vec<String>>,
    min_line_words: Option<usize>,
}

impl Step for RefinedwebLines {
    const NAME: &'static str = "refinedweb_lines";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("refinedweb_lines.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let mut sound = true;
        let counter_words = params.counter_words.as_ref().map(|words| {
            let word = |(index, word): (usize, &String)| {
                if strip(word).is_empty() {
                    build.fault_in_list("counter_words", index, "nothing but spaces");
                    sound = false;
                }
                strip(word).to_lowercase()
            };
            words.iter().enumerate().map(word).collect()
        });
        // No share is larger than 1.
        let bounds = |bound: Option<f64>| bound.is_some_and(|bound| bound < 1.0);
        if !bounds(params.max_uppercase_ratio)
            && !bounds(params.max_digit_ratio)
            && params.counter_words.is_none()
            && params.min_line_words.is_none()
        {
            build.fault("", "every rule is off: this step could never delete a line");
            sound = false;
        }
        sound.then(|| Self {
            max_uppercase_ratio: params.max_uppercase_ratio,
            max_digit_ratio: params.max_digit_ratio,
            counter_words,
            min_line_words: params
                .min_line_words
                .map(|words| usize::try_from(words).unwrap_or(usize::MAX)),
        })
    }
}

impl Edit for RefinedwebLines {
    const RULES: &'static [Rule] = &[Rule::never("empty", "empty")];

    fn edit(&self, view: &View<'_>, spans: &mut Vec<Span>) -> Option<Signals> {
        let mut passes = Passes::over(view.text());
        let uppercase_lines = self
            .max_uppercase_ratio
            .map(|max| delete_and_strip(&mut passes, |line| exceeds(line, max, is_uppercase)));
        let digit_lines = self
            .max_digit_ratio
            .map(|max| delete_and_strip(&mut passes, |line| exceeds(line, max, is_digit)));
        let counter_lines = self
            .counter_words
            .as_ref()
            .map(|words| delete_and_strip(&mut passes, |line| is_counter(line, words)));
        let short_lines = self.min_line_words.map(|min| {
            let short =
                |line: &str| !line.is_empty() && words::whitespace(line).take(min).count() < min;
            passes.run(|text, spans| passes::delete_lines(text, spans, short))
        });
        let empty = passes.finish(spans);
        Some(Signals { uppercase_lines, digit_lines, counter_lines, short_lines, empty })
    }
}

fn delete_and_strip(passes: &mut Passes<'_>, deletes: impl FnMut(&str) -> bool) -> u64 {
    let deleted = passes.run(|text, spans| passes::delete_lines(text, spans, deletes));
    passes.run(passes::strip);
    deleted
}

/// Whether more than this share of a line's characters are of a class; never of an empty line.
fn exceeds(line: &str, max_ratio: f64, class: impl Fn(char) -> bool) -> bool {
    // A line has at most as many characters as bytes: past so many others there is no need to read
    // on. One more than that, so that rounding cannot matter.
    let most_others = (1.0 - max_ratio) * line.len() as f64 + 1.0;
    let (mut members, mut others) = (0usize, 0usize);
    for c in line.chars() {
        if class(c) {
            members += 1;
        } else {
            others += 1;
            if others as f64 > most_others {
                return false;
            }
        }
    }
    members > 0 && members as f64 / (members + others) as f64 > max_ratio
}

/// Whether a line is a number and one of the words, with nothing but `\W` around.
fn is_counter(line: &str, words: &[String]) -> bool {
    let number = line.trim_start_matches(|c| !is_word(c));
    if !number.starts_with(is_decimal) {
        return false;
    }
    let unit = number.trim_start_matches(|c| matches!(c, ',' | '.') || is_decimal(c));
    // The Kelvin sign is a `k` in lower case.
    let rest = unit.strip_prefix(['K', 'k', '\u{212a}', 'M', 'm', 'B', 'b']).unwrap_or(unit);
    let word = rest.trim_start_matches(is_space);
    word.len() < rest.len()
        && words
            .iter()
            .any(|counted| rest_after(word, counted).is_some_and(|rest| !rest.contains(is_word)))
}

/// What follows a word in lower case at the start of a line in any letter case.
fn rest_after<'t>(line: &'t str, word: &str) -> Option<&'t str> {
    let mut expected = word.chars().peekable();
    for (at, c) in line.char_indices() {
        if expected.peek().is_none() {
            return Some(&line[at..]);
        }
        if !c.to_lowercase().all(|lower| expected.next() == Some(lower)) {
            return None;
        }
    }
    expected.peek().is_none().then_some("")
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{build, faults, outcome, reason, value};
    use crate::steps::{Outcome, Value};
    use crate::text::apply;

    const OFF: [&str; 4] = [
        "max_uppercase_ratio = 'off'",
        "max_digit_ratio = 'off'",
        "counter_words = 'off'",
        "min_line_words = 'off'",
    ];

    /// The parameters with the rule of this number alone.
    fn only(rule: usize) -> String {
        let others = OFF.iter().enumerate().filter(|(number, _)| *number != rule);
        others.map(|(_, off)| format!("{off}\n")).collect()
    }

    fn edited(toml: &str, text: &str) -> (String, Outcome) {
        let outcome = outcome(&build("refinedweb_lines", toml).unwrap(), text);
        (apply(text, &outcome.spans), outcome)
    }

    fn text_of(toml: &str, text: &str) -> String {
        edited(toml, text).0
    }

    #[test]
    fn lines_of_capitals_go_where_more_than_half_is_upper_case() {
        assert_eq!(text_of(&only(0), "ok\nABcd\nABCd\nÀB c\nABc \n"), "ok\nABcd\nÀB c\nABc");
        assert_eq!(text_of(&only(0), "ABC\n \nok\nⅧⅧa"), "ok", "Roman numerals are upper case");
        assert_eq!(text_of(&only(0), " a\n\n\nB\n\nc \u{85}"), "a\n\n\n\nc", "empty lines stay");
    }

    #[test]
    fn lines_of_digits_go_where_nothing_else_is_in_them() {
        assert_eq!(text_of(&only(1), "a\n123\n٣²\n1 2\n12.\n\n4"), "a\n1 2\n12.");
        let half = format!("{}max_digit_ratio = 0.5", only(1).replace(OFF[1], ""));
        assert_eq!(text_of(&half, "a1\na11\nb"), "a1\nb", "the bound is inclusive");
    }

    #[test]
    fn counters_are_a_number_and_a_word() {
        let stays = [
            "likes",
            "3likes",
            "3 like",
            "3 likes too",
            "x 3 likes",
            "3 x likes",
            "3e likes",
            "3KK likes",
            "² likes",
            "_3 likes_",
            "3 l\u{130}kes",
        ];
        for line in stays {
            assert_eq!(text_of(&only(2), &format!("a\n{line}\nb")), format!("a\n{line}\nb"));
        }
        let goes = [
            "3 likes",
            "1,234.5K Likes",
            "· 12m\u{a0}\u{2003}VIEWS!",
            "٣٤ followers…",
            "3. shares",
            "3\u{212a} li\u{212a}es",
            "\t7B downloads \u{301}",
        ];
        for line in goes {
            assert_eq!(text_of(&only(2), &format!("a\n{line}\nb")), "a\nb", "{line}");
        }
        let french = "counter_words = ['Vues', ' j\u{2019}aime ']";
        assert_eq!(text_of(french, "a b\n3 VUES\n4 J\u{2019}aime\nc d"), "a b\nc d");
    }

    #[test]
    fn lines_of_one_word_go_and_nothing_is_stripped() {
        assert_eq!(text_of(&only(3), " a b\nc\n  \n\n\u{a0}d e \n"), " a b\n\n\u{a0}d e \n");
        let one = format!("{}min_line_words = 1", only(3).replace(OFF[3], ""));
        assert_eq!(text_of(&one, "a\n \nb"), "a\nb");
    }

    #[test]
    fn a_rule_does_not_see_what_the_rules_before_it_deleted() {
        let (text, outcome) = edited("", "MENU\n\n  12\nHe saw 3 of them.\n5 likes\nHome\n7\n");
        assert_eq!(text, "He saw 3 of them.");
        let value = |signal| value("refinedweb_lines", &outcome, signal);
        assert_eq!(value("uppercase_lines"), Some(1.0));
        // The first strip takes the spaces before 12.
        assert_eq!(value("digit_lines"), Some(2.0));
        assert_eq!(value("counter_lines"), Some(1.0));
        assert_eq!(value("short_lines"), Some(1.0));
        assert_eq!(outcome.values.last(), Some(&Value::Bool(false)));
        assert_eq!(outcome.reason, None);
    }

    #[test]
    fn a_text_of_which_nothing_is_left_is_dropped() {
        for text in ["", "MENU\n12", " \n \n", "word"] {
            assert_eq!(reason("refinedweb_lines", "", text), Some("empty"), "{text:?}");
        }
        // Empty lines are no words, and nothing strips them.
        assert_eq!(reason("refinedweb_lines", &only(3), "\n"), None);
        let (_, outcome) = edited(&only(3), "a b");
        assert_eq!(value("refinedweb_lines", &outcome, "uppercase_lines"), None);
    }

    #[test]
    fn rules_that_delete_nothing_are_refused() {
        let off = OFF.join("\n");
        assert!(faults("refinedweb_lines", &off).contains("every rule is off"));
        let never = off.replace("max_digit_ratio = 'off'", "max_digit_ratio = 1.0");
        assert!(faults("refinedweb_lines", &never).contains("every rule is off"));
        let blank = faults("refinedweb_lines", "counter_words = ['likes', ' ']");
        assert!(blank.contains("nothing but spaces"), "{blank}");
    }
}
