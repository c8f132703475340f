//! Removes phrases of boilerplate (`items in cart`, `Read more...`, `Sign-in`) from short lines.
//!
//! # What it does
//! Looks in lines of at most `max_line_words` words (between spaces) for strings: `anywhere` in the
//! line, at the `line_end`, at the `line_start`, in this order, each on the text that the one before
//! left. Strings stand in the pipeline or, an entry a line, in the files of the `…_lists`, which add
//! to them. Of strings that begin at one place the first that is listed counts.
//!
//! With `remove = "string"` the string goes, with one space before it (at the line start: after
//! it), and the line with it if only spaces are left. With `remove = "line"` the whole line goes:
//! for notices of cookies, say, where the rest of the line is no better. After each of the three
//! the text is stripped of spaces and newlines at both ends.
//!
//! A text of which nothing is left is dropped.
//!
//! # Why
//! Buttons and links of a page's frame stand beside its text in every page of a site; in a short
//! line they are no part of a sentence.
//!
//! # Source
//! RefinedWeb (arXiv 2306.01116, appendix G.2: lines of at most 10 words). DCLM
//! `substring_line_modifier`, step 22 of `dclm_baseline_refinedweb.yaml`, three times: the strings
//! are the defaults.
//!
//! # Differences
//! With `variant = "dclm"` the text is DCLM's byte for byte, with what it does not mean to do: its
//! strings are regular expressions, so that a dot stands for any character (`Read more >>` goes
//! too), and it deletes every short line that is nothing but spaces. Of regular expressions dots
//! are all that is read so here; other signs stand for themselves. With `variant = "refinedweb"` a dot is a dot, and a line of spaces stays if there was no string
//! in it.
//!
//! A text that was empty before is dropped too, as DCLM does. datamap-rs minds letter case (here
//! `case_sensitive = true`) and reads the bound on words under another key than its configuration
//! gives, so that it has none (`max_line_words = "off"`).

use std::ops::Range;
use std::path::PathBuf;

use crate::config::{choice, params};
use crate::steps::{Build, Edit, Rule, Step, signals};
use crate::text::characters::{is_space, strip};
use crate::text::{Span, View, words};

use super::passes::{self, Passes, is_blank, is_blank_without};
use super::strings::{Comparison, Location, Searches, Strings};

choice! {
    /// How strings are read.
    pub enum Variant {
        /// As they are written
        Refinedweb = "refinedweb",
        /// DCLM, whose dots stand for any character
        Dclm = "dclm",
    }
}

choice! {
    /// What goes.
    pub enum Remove {
        /// The string
        Text = "string",
        /// The line that holds it
        Line = "line",
    }
}

params! {
    /// Parameters of `boilerplate_substrings`.
    pub struct Params {
        /// How strings are read.
        variant: Variant = Variant::Refinedweb,
        /// Strings to look for anywhere in a line.
        anywhere: Option<Vec<String>> = Some(vec!["items in cart".into()]),
        /// Lists of strings to look for anywhere in a line.
        anywhere_lists: Vec<PathBuf> = Vec::new(),
        /// Strings to look for at the end of a line.
        line_end: Option<Vec<String>> = Some(vec!["Read more...".into()]),
        /// Lists of strings to look for at the end of a line.
        line_end_lists: Vec<PathBuf> = Vec::new(),
        /// Strings to look for at the start of a line.
        line_start: Option<Vec<String>> = Some(vec!["Sign-in".into()]),
        /// Lists of strings to look for at the start of a line.
        line_start_lists: Vec<PathBuf> = Vec::new(),
        /// Whether upper and lower case differ.
        case_sensitive: bool = false,
        /// Most words of a line that is looked at.
        max_line_words: Option<u64> [words, 1 ..= 1_000_000] = Some(10),
        /// What goes: the string, or the line that holds it.
        remove: Remove = Remove::Text,
    }
}

signals! {
    /// What `boilerplate_substrings` measures.
    pub struct Signals {
        /// Strings found anywhere in lines; null with none to look for. With `remove = "line"` each
        /// of the three counts lines.
        anywhere_strings: Option<u64>,
        /// Strings found at line ends; null with none to look for.
        line_end_strings: Option<u64>,
        /// Strings found at line starts; null with none to look for.
        line_start_strings: Option<u64>,
        /// Lines deleted.
        deleted_lines: u64,
        /// Whether nothing is left of the text.
        empty: bool,
    }
}

/// The step.
pub struct BoilerplateSubstrings {
    searches: Searches,
    max_line_words: Option<usize>,
    remove: Remove,
    deletes_blank_lines: bool,
}

impl Step for BoilerplateSubstrings {
    const NAME: &'static str = "boilerplate_substrings";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("boilerplate_substrings.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let comparison = Comparison {
            case_sensitive: params.case_sensitive,
            dots_are_any: params.variant == Variant::Dclm,
        };
        let anywhere = strings(
            ("anywhere", params.anywhere.as_deref()),
            ("anywhere_lists", &params.anywhere_lists),
            comparison,
            build,
        );
        let line_end = strings(
            ("line_end", params.line_end.as_deref()),
            ("line_end_lists", &params.line_end_lists),
            comparison,
            build,
        );
        let line_start = strings(
            ("line_start", params.line_start.as_deref()),
            ("line_start_lists", &params.line_start_lists),
            comparison,
            build,
        );
        let strings = [anywhere?, line_end?, line_start?];
        if strings.iter().all(Vec::is_empty) {
            build.fault("", "no string is given: this step could never remove anything");
            return None;
        }
        match Searches::new(&strings, comparison) {
            Ok(searches) => Some(Self {
                searches,
                max_line_words: params
                    .max_line_words
                    .map(|words| usize::try_from(words).unwrap_or(usize::MAX)),
                remove: params.remove,
                deletes_blank_lines: comparison.dots_are_any && params.remove == Remove::Text,
            }),
            Err(error) => {
                build.fault("", format!("the strings cannot be searched for: {error}"));
                None
            }
        }
    }
}

/// The strings of a location from the pipeline and from lists; `None` after a fault.
fn strings(
    (key, given): (&'static str, Option<&[String]>),
    (lists_key, lists): (&'static str, &[PathBuf]),
    comparison: Comparison,
    build: &mut Build<'_>,
) -> Option<Vec<String>> {
    let mut strings = Vec::new();
    for (index, string) in given.unwrap_or_default().iter().enumerate() {
        if strip(string).is_empty() || string.contains('\n') {
            build.fault_in_list(key, index, "no line can hold this string");
            return None;
        }
        strings.push(string.clone());
    }
    build.entries(lists_key, lists, |entry| strings.push(entry.to_owned()))?;
    if comparison.dots_are_any && strings.iter().any(|string| string.trim_matches('.').is_empty()) {
        let key = if build.gives(key) { key } else { lists_key };
        build.fault(key, "to DCLM a string of dots is any string of its length");
        return None;
    }
    Some(strings)
}

impl Edit for BoilerplateSubstrings {
    const RULES: &'static [Rule] = &[Rule::never("empty", "empty")];

    fn edit(&self, view: &View<'_>, spans: &mut Vec<Span>) -> Option<Signals> {
        let Searches { anywhere, line_end, line_start, all } = &self.searches;
        // Mostly there is nothing: then lines of spaces are all that is left to look at.
        let there_is_any = all.may_be_in(view.text());
        let mut passes = Passes::over(view.text());
        let mut deleted_lines = 0;
        let mut look = |location: Location, strings: &Option<Strings>| {
            let strings = strings.as_ref()?;
            let (found, deleted) = passes.run(|text, spans| {
                if there_is_any {
                    self.pass(location, strings, text, spans)
                } else {
                    let deletes = |line: &str| self.deletes_blank_lines && is_blank(line);
                    (0, passes::delete_lines(text, spans, deletes))
                }
            });
            passes.run(passes::strip);
            deleted_lines += deleted;
            Some(found)
        };
        let anywhere_strings = look(Location::Anywhere, anywhere);
        let line_end_strings = look(Location::End, line_end);
        let line_start_strings = look(Location::Start, line_start);
        let empty = passes.finish(spans);
        Some(Signals {
            anywhere_strings,
            line_end_strings,
            line_start_strings,
            deleted_lines,
            empty,
        })
    }
}

impl BoilerplateSubstrings {
    /// Removes the strings of one location; how many were found, and how many lines were deleted.
    fn pass(
        &self,
        location: Location,
        strings: &Strings,
        text: &str,
        spans: &mut Vec<Span>,
    ) -> (u64, u64) {
        let mut found = 0;
        let deleted = passes::edit_lines(text, spans, |line, start, spans| {
            if !self.looks_at(line) {
                return false;
            }
            let ranges = strings.find(line, location);
            if self.remove == Remove::Line {
                found += u64::from(!ranges.is_empty());
                return !ranges.is_empty();
            }
            found += ranges.len() as u64;
            let first = spans.len();
            mark(line, start, location, &ranges, spans);
            (self.deletes_blank_lines || !ranges.is_empty())
                && is_blank_without(line, start, &spans[first..])
        });
        (found, deleted)
    }

    fn looks_at(&self, line: &str) -> bool {
        self.max_line_words
            .is_none_or(|max| words::whitespace(line).take(max.saturating_add(1)).count() <= max)
    }
}

/// Marks strings of a line that starts at `start`, each with one space before it, or after it at
/// the line start.
fn mark(
    line: &str,
    start: usize,
    location: Location,
    ranges: &[Range<usize>],
    spans: &mut Vec<Span>,
) {
    let mut last = 0;
    for range in ranges {
        let (mut from, mut to) = (range.start, range.end);
        if location == Location::Start {
            let after = line[to..].chars().next().filter(|&c| is_space(c));
            to += after.map_or(0, char::len_utf8);
        } else {
            let before = line[last..from].chars().next_back().filter(|&c| is_space(c));
            from -= before.map_or(0, char::len_utf8);
        }
        last = to;
        spans.push(Span::remove(start + from, start + to));
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::Outcome;
    use crate::steps::testing::{build, faults, outcome, reason, value};
    use crate::text::apply;

    fn edited(toml: &str, text: &str) -> (String, Outcome) {
        let outcome = outcome(&build("boilerplate_substrings", toml).unwrap(), text);
        (apply(text, &outcome.spans), outcome)
    }

    fn text_of(toml: &str, text: &str) -> String {
        edited(toml, text).0
    }

    const DCLM: &str = "variant = 'dclm'";

    #[test]
    fn strings_go_with_a_space_from_their_place_in_short_lines() {
        let text = "a Items  in cart\n3  ITEMS IN CART items in cartitems in cart, b\n\
                    Sign-in  now, or sign-in\nmore read more...\nRead more... now\nend";
        let (edited, outcome) = edited("", text);
        assert_eq!(
            edited,
            "a Items  in cart\n3 , b\n now, or sign-in\nmore\nRead more... now\nend"
        );
        let value = |signal| value("boilerplate_substrings", &outcome, signal);
        assert_eq!(value("anywhere_strings"), Some(3.0));
        assert_eq!(value("line_end_strings"), Some(1.0));
        assert_eq!(value("line_start_strings"), Some(1.0));
        assert_eq!(value("deleted_lines"), Some(0.0));
    }

    #[test]
    fn a_line_that_is_left_blank_goes_and_the_text_is_stripped() {
        for toml in ["", DCLM] {
            let text = " \n\na\n sign-in\n Items in cart \nSIGN-IN\n\nRead more...\n";
            assert_eq!(text_of(toml, text), "a\n sign-in", "{toml}");
        }
        assert_eq!(text_of("", "a\n \nb"), "a\n \nb", "there was nothing in this line");
        assert_eq!(text_of(DCLM, "a\n \n\nb"), "a\n\nb", "DCLM deletes it");
    }

    #[test]
    fn lines_of_more_words_stay_as_they_are() {
        let line = "one two three four five six seven eight items in cart";
        assert_eq!(text_of("", &format!("{line}\nb")), format!("{line}\nb"));
        assert_eq!(text_of("max_line_words = 11", line), "one two three four five six seven eight");
        assert_eq!(text_of("max_line_words = 'off'", &format!("x {line}")).len(), 41);
        // The end is looked at after `anywhere` made the line shorter.
        let text = "one two three four five items in cart read more...";
        assert_eq!(text_of("", text), "one two three four five");
    }

    #[test]
    fn a_dot_of_dclm_s_is_any_character() {
        let text = "a read more »»\nb read more…\nc read more....\nd Read more...";
        assert_eq!(text_of(DCLM, text), "a\nb read more…\nc read more....\nd");
        assert_eq!(text_of("", text), "a read more »»\nb read more…\nc read more....\nd");
        assert_eq!(text_of("line_end = ['a+(b']", "x A+(B\ny aa(b"), "x\ny aa(b");
    }

    #[test]
    fn letter_case_is_python_s() {
        let text = "x \u{131}tems \u{130}n cart\n\u{17f}ign-in y";
        assert_eq!(text_of("", text), "x\ny");
        let russian = "anywhere = ['Подробнее']\n";
        assert_eq!(text_of(russian, "а ПОДРОБНЕЕ б"), "а б");
        assert_eq!(
            text_of(&format!("{russian}case_sensitive = true"), "а ПОДРОБНЕЕ"),
            "а ПОДРОБНЕЕ"
        );
    }

    #[test]
    fn whole_lines_go_where_that_is_asked_for() {
        let toml = "remove = 'line'\nanywhere = ['cookies', 'cookie policy']\nline_start = 'off'";
        let (text, outcome) = edited(toml, "We use cookies.\nText\n \nSee our Cookie Policy\nb");
        assert_eq!(text, "Text\n \nb");
        assert_eq!(value("boilerplate_substrings", &outcome, "anywhere_strings"), Some(2.0));
        assert_eq!(value("boilerplate_substrings", &outcome, "line_start_strings"), None);
        assert_eq!(value("boilerplate_substrings", &outcome, "deleted_lines"), Some(2.0));
    }

    #[test]
    fn lists_add_to_the_strings_and_the_first_listed_counts() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("banners.txt");
        std::fs::write(&path, "# cookie banners\nAccept all\nAccept\n\n").unwrap();
        let toml = format!("anywhere_lists = ['{}']", path.display());
        assert_eq!(text_of(&toml, "x accept all y\nz accept\n2 items in cart"), "x y\nz\n2");
        let absent = faults("boilerplate_substrings", "line_end_lists = ['nowhere.txt']");
        assert!(absent.contains("nowhere.txt"), "{absent}");
    }

    #[test]
    fn a_text_of_which_nothing_is_left_is_dropped() {
        for text in ["", " \n", "Sign-in", "items in cart\nread more..."] {
            assert_eq!(reason("boilerplate_substrings", "", text), Some("empty"), "{text:?}");
        }
    }

    #[test]
    fn strings_that_no_line_can_hold_and_no_strings_at_all_are_refused() {
        let off = "anywhere = 'off'\nline_end = 'off'\nline_start = 'off'";
        assert!(faults("boilerplate_substrings", off).contains("no string is given"));
        for string in [" ", "a\\nb"] {
            let toml = format!("line_end = [\"{string}\"]");
            assert!(faults("boilerplate_substrings", &toml).contains("no line can hold"));
        }
        assert!(faults("boilerplate_substrings", "line_end = ['...']").is_empty());
        let dots = faults("boilerplate_substrings", "variant = 'dclm'\nline_end = ['...']");
        assert!(dots.contains("a string of dots"), "{dots}");
    }
}
