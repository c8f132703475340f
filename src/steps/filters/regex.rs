//! Drops documents by regular expressions on the text or the URL.
//!
//! # What it does
//! Counts the matches of the patterns of `drop`, and of those of `keep`. A document is dropped if it
//! has more matches of `drop` than `max_drop_matches`, or fewer of `keep` than `min_keep_matches`.
//! Matches of one pattern do not overlap and are counted up to 100; the counts of patterns add up.
//!
//! With `on = "url"` the patterns are put to the URL; documents without one are left alone.
//!
//! Patterns have the syntax of the Rust `regex` crate, which is Perl's without look-around and
//! back-references: they match anywhere unless anchored, `(?i)` at the start ignores case, `(?m)`
//! lets `^` and `$` match at lines, `(?s)` lets `.` match a line end. In TOML they are best written
//! between single quotes, where a backslash is one.
//!
//! # Why
//! Error pages, templates of one site and languages of markup have a wording of their own, and every
//! corpus meets some that no general rule knows.
//!
//! # Source
//! datatrove 0.10.1: `RegexFilter`, which drops a document where its one pattern matches.
//!
//! # Differences
//! Python's patterns may look around and refer back, at the price of exponential time; here a search
//! takes time in proportion to the text. As in Python, `\d`, `\w` and `\s` are those of Unicode;
//! `$` matches at the very end alone (write `\n?\z`). A pattern that matches every text or none, or
//! takes more than 10 MiB compiled, is refused.

use std::ops::RangeInclusive;

use regex::RegexBuilder;
use regex_syntax::hir::Hir;

use crate::config::{choice, params};
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;

/// Matches of a pattern that are counted: to find each may take a search of the whole text.
const MAX_COUNTED: usize = 100;

/// Largest compiled pattern, and largest cache of its automaton, in bytes.
const MAX_COMPILED_BYTES: usize = 10 << 20;
const MAX_CACHE_BYTES: usize = 2 << 20;

choice! {
    /// What patterns are put to.
    pub enum On {
        /// the text
        Text = "text",
        /// the URL
        Url = "url",
    }
}

params! {
    /// Parameters of `regex`.
    pub struct Params {
        /// Patterns of documents to drop.
        drop: Vec<String> = Vec::new(),
        /// Patterns of documents to keep.
        keep: Vec<String> = Vec::new(),
        /// What the patterns are put to.
        on: On = On::Text,
        /// Most matches of `drop`.
        max_drop_matches: Option<u64> [matches, 0 ..= 99] = Some(0),
        /// Fewest matches of `keep`.
        min_keep_matches: Option<u64> [matches, 0 ..= 100] = Some(1),
    }
}

signals! {
    /// What `regex` measures.
    pub struct Signals {
        /// Matches of the patterns of `drop`; null without such patterns.
        drop_matches: Option<u64>,
        /// Matches of the patterns of `keep`; null without such patterns.
        keep_matches: Option<u64>,
    }
}

/// The step.
pub struct Regex {
    drop: Vec<regex::Regex>,
    keep: Vec<regex::Regex>,
    on: On,
}

impl Step for Regex {
    const NAME: &'static str = "regex";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("regex.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let drop = compile_all("drop", &params.drop, build);
        let keep = compile_all("keep", &params.keep, build);
        let (drop, keep) = (drop?, keep?);
        let can_drop = !drop.is_empty() && params.max_drop_matches.is_some();
        let can_keep = !keep.is_empty() && params.min_keep_matches.is_some_and(|least| least > 0);
        if !can_drop && !can_keep {
            build.fault("", "no pattern has a bound: give `drop` or `keep`");
            return None;
        }
        Some(Self { drop, keep, on: params.on })
    }

    fn needs_url(&self) -> bool {
        matches!(self.on, On::Url)
    }

    fn has_rule(&self, rule: &Rule) -> bool {
        match rule.signal {
            "drop_matches" => !self.drop.is_empty(),
            _ => !self.keep.is_empty(),
        }
    }
}

impl Filter for Regex {
    const RULES: &'static [Rule] = &[
        Rule::max("drop_pattern", "drop_matches", "max_drop_matches"),
        Rule::min("no_keep_pattern", "keep_matches", "min_keep_matches"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let subject = match self.on {
            On::Text => view.text(),
            On::Url => view.document().url.as_deref()?,
        };
        Some(Signals {
            drop_matches: matches(&self.drop, subject),
            keep_matches: matches(&self.keep, subject),
        })
    }
}

fn matches(patterns: &[regex::Regex], subject: &str) -> Option<u64> {
    let count = |pattern: &regex::Regex| pattern.find_iter(subject).take(MAX_COUNTED).count();
    (!patterns.is_empty()).then(|| patterns.iter().map(|pattern| count(pattern) as u64).sum())
}

fn compile_all(
    key: &'static str,
    patterns: &[String],
    build: &mut Build<'_>,
) -> Option<Vec<regex::Regex>> {
    let mut compiled = Vec::with_capacity(patterns.len());
    for (index, pattern) in patterns.iter().enumerate() {
        match compile(pattern) {
            Ok(regex) => compiled.push(regex),
            Err(Wrong { what, place, help }) => {
                let fault = build.fault_in_list(key, index, what);
                fault.help = help;
                if let Some(place) = place {
                    // The pattern stands as it is behind the quote if the item is as long.
                    let as_written = fault.span.len() == pattern.len() + 2;
                    if as_written {
                        let start = fault.span.start + 1;
                        fault.span = start + place.start()..start + place.end() + 1;
                    }
                    fault.label = "here".into();
                }
            }
        }
    }
    (compiled.len() == patterns.len()).then_some(compiled)
}

/// What is wrong with a pattern.
struct Wrong {
    what: String,
    /// The bytes of the pattern that are.
    place: Option<RangeInclusive<usize>>,
    help: Option<String>,
}

impl Wrong {
    fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), place: None, help: None }
    }
}

fn compile(pattern: &str) -> Result<regex::Regex, Wrong> {
    let parsed = regex_syntax::Parser::new().parse(pattern).map_err(|error| syntax(&error))?;
    let regex = RegexBuilder::new(pattern)
        .size_limit(MAX_COMPILED_BYTES)
        .dfa_size_limit(MAX_CACHE_BYTES)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                Wrong::new("the pattern takes more than 10 MiB compiled")
            }
            error => Wrong::new(error.to_string()),
        })?;
    if matches_nothing(&parsed) {
        return Err(Wrong::new("the pattern can match no text"));
    }
    if matches_everything(&parsed, &regex) {
        let what = "the pattern matches every text, as it matches the empty string";
        return Err(Wrong { help: Some("`+` for `*` asks for one".into()), ..Wrong::new(what) });
    }
    Ok(regex)
}

fn matches_nothing(pattern: &Hir) -> bool {
    pattern.properties().minimum_len().is_none()
}

/// Whether a pattern matches the empty string wherever it is put to.
fn matches_everything(pattern: &Hir, regex: &regex::Regex) -> bool {
    let properties = pattern.properties();
    let may_be_empty = properties.minimum_len() == Some(0);
    // `^\s*$` may match the empty string, and yet not every text.
    may_be_empty
        && (properties.look_set().is_empty()
            || ["", " ", "x", "\n\n", "x 1\n,é"].iter().all(|text| regex.is_match(text)))
}

fn syntax(error: &regex_syntax::Error) -> Wrong {
    let (what, span) = match error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), error.span()),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), error.span()),
        error => return Wrong::new(error.to_string()),
    };
    let (start, end) = (span.start.offset, span.end.offset);
    Wrong {
        what: format!("no regular expression: {what}, at its byte {start}"),
        place: Some(start..=end.max(start + 1) - 1),
        help: looks_around(&what),
    }
}

fn looks_around(what: &str) -> Option<String> {
    let is_unsupported = what.contains("look-around") || what.contains("backreferences");
    is_unsupported.then(|| "they have no linear time; two patterns often do instead".into())
}

#[cfg(test)]
mod tests {
    use crate::steps::testing::{
        assert_rules_from_both_sides, build, faults, outcome, outcome_of_url, reason, value,
    };

    const TEXT: &str = "Lorem ipsum dolor.\nlorem IPSUM: 12 and 345.\n";

    fn counts(toml: &str, text: &str) -> [Option<f64>; 2] {
        let outcome = outcome(&build("regex", toml).unwrap(), text);
        ["drop_matches", "keep_matches"].map(|signal| value("regex", &outcome, signal))
    }

    #[test]
    fn matches_of_all_patterns_are_counted() {
        assert_eq!(counts(r"drop = ['(?i)lorem ipsum', '\d+']", TEXT), [Some(4.0), None]);
        assert_eq!(counts(r"keep = ['^lorem', '(?m)^lorem']", TEXT), [None, Some(1.0)]);
        assert_eq!(counts("drop = ['x']\nkeep = ['z', 'é']", "é"), [Some(0.0), Some(1.0)]);
        assert_eq!(counts("drop = ['a', 'b']", &"ab".repeat(500)), [Some(200.0), None]);
    }

    #[test]
    fn documents_are_dropped_by_one_list_and_kept_by_the_other() {
        assert_eq!(reason("regex", "drop = ['ipsum']", TEXT), Some("drop_pattern"));
        assert_eq!(reason("regex", "drop = ['ipsem']", TEXT), None);
        assert_eq!(reason("regex", "keep = ['ipsum']", TEXT), None);
        assert_eq!(reason("regex", "keep = ['ipsem']", TEXT), Some("no_keep_pattern"));
        let both = "drop = ['12']\nkeep = ['z']";
        assert_eq!(reason("regex", both, TEXT), Some("drop_pattern"));
        assert_eq!(reason("regex", r"drop = ['\A\s*\z']", " \n"), Some("drop_pattern"));
        assert_rules_from_both_sides("regex", "drop = ['1', 'ipsum']\nkeep = ['3', 'o']", TEXT);
    }

    #[test]
    fn urls_are_judged_where_there_is_one() {
        let built = build("regex", "drop = ['/tag/']\non = 'url'").unwrap();
        assert_eq!(outcome_of_url(&built, "http://a.example/tag/x").reason, Some("drop_pattern"));
        assert_eq!(outcome_of_url(&built, "http://a.example/x").reason, None);
        assert!(!outcome(&built, "/tag/").applies);
    }

    #[test]
    fn patterns_that_are_wrong_are_faults_with_the_place() {
        let pointed = |toml: &str| {
            let faults = build("regex", toml).err().unwrap();
            let fault = &faults[0];
            (fault.message.clone(), toml[fault.span.clone()].to_owned())
        };
        let (message, place) = pointed("drop = ['fine', 'a(b', 'c']");
        assert_eq!(message, "no regular expression: unclosed group, at its byte 1");
        assert_eq!(place, "(");
        let (message, place) = pointed(r#"keep = ["\\d{3,1}"]"#);
        assert!(message.contains("at its byte 2"), "{message}");
        assert_eq!(place, r#""\\d{3,1}""#, "escapes hide the place");
        let (_, place) = pointed("drop = ['é[z-a]']");
        assert_eq!(place, "z-a");
    }

    #[test]
    fn patterns_that_make_no_sense_are_faults() {
        for everything in ["a*", "", "^", "x?|y*", "(?m)$", "^|a"] {
            let found = faults("regex", &format!("drop = ['x', '(?:{everything})']"));
            assert!(found.contains("matches every text"), "{everything}: {found}");
        }
        assert!(faults("regex", "drop = ['[a&&b]']").contains("can match no text"));
        assert!(faults("regex", r"drop = ['(\w{50}){50}']").contains("more than 10 MiB"));
        let found = faults("regex", r"drop = ['(?<!a)b', '(a)\1']");
        assert_eq!(found.matches("no linear time").count(), 2, "{found}");
    }

    #[test]
    fn a_step_that_could_not_drop_is_a_fault() {
        for toml in [
            "",
            "on = 'url'",
            "drop = ['a']\nmax_drop_matches = 'off'",
            "keep = ['a']\nmin_keep_matches = 'off'",
            "keep = ['a']\nmin_keep_matches = 0",
        ] {
            assert_ne!(faults("regex", toml), "", "{toml}");
        }
    }

    #[test]
    fn a_hostile_text_costs_a_bounded_number_of_searches() {
        // To find each match takes a search of all that follows.
        let built = build("regex", "drop = ['X(?:.*y)?', '.*[^A-Z]|[A-Z]']").unwrap();
        let found = outcome(&built, &"X".repeat(1 << 20));
        assert_eq!(value("regex", &found, "drop_matches"), Some(200.0));
    }
}
