//! Drops documents that hold words or phrases of the user's lists, such as obscene ones.
//!
//! # What it does
//! Counts where an entry of any list stands in the text, and drops the document if there are more
//! places than `max_bad_words` allows: by default, one is enough. Letter case does not count. Entries
//! that overlap count each (a phrase, and a word in it that is listed by itself).
//!
//! `lists` names one list for each language, all of which hold for every document: list just the
//! languages that the pipeline keeps, since a harmless word of one language may be listed in another
//! (`lists = { en = "ldnoobw/en", ja = "ldnoobw/ja" }`). A list is a text file, plain or gzip, with one
//! entry a line; blank lines and lines that start with `#` are skipped. None comes with the program;
//! the ones meant here are LDNOOBW's, of 28 languages.
//!
//! Variant `"datatrove"`: no letter, digit or underscore may stand next to an entry. The lists `ja`,
//! `th` and `zh` are an exception: their languages put no spaces between words, so that entries are
//! found anywhere.
//!
//! Variant `"dolma"`: white space must stand around an entry of one word, so that a comma after it
//! hides it; an entry with a space in it is found anywhere, also inside longer words.
//!
//! # Why
//! C4 leaves out each page that has one such word. That also removes medical, legal and minority
//! writing (Dodge et al. 2021, arXiv 2104.08758); `first_bad_word` shows which words do it, and a bound
//! on `bad_word_ratio` in place of the first drops what is full of them.
//!
//! # Source
//! C4 (Raffel et al. 2020, arXiv 1910.10683, section 2.2) and mC4: datatrove 0.10.1,
//! `C4BadWordsFilter` (c4_filters.py), which also has the four entries that are left out by default.
//! Dolma: `has_naughty_word` of the taggers `c4_v1` and `c4_v2`. The lists: LDNOOBW, "List of Dirty,
//! Naughty, Obscene and Otherwise Bad Words". RedPajama-V2 counts as here
//! (`rps_doc_ldnoobw_words`), after taking all punctuation away.
//!
//! # Differences
//! datatrove uses the list of the document's own language, `en` if that is not known, and can keep a
//! random share of what it found (`keep_fraction`); here all lists are used, and nothing is random.
//! It puts the text into lower case but not the entries, so that one with a capital is never found
//! (61 of the 68 Spanish ones); here it is. DCLM looks for its English list between word boundaries,
//! as `"datatrove"` does, but takes entries for regular expressions, and finds those that begin or
//! end in a symbol only within a word. Dolma has an English list alone.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::PathBuf;

use aho_corasick::AhoCorasick;

use super::ratio;
use crate::config::{choice, params};
use crate::steps::{Build, Filter, Rule, Step, signals};
use crate::text::View;
use crate::text::characters::{is_alphanumeric, is_space};
use crate::text::word_table::Splitter;

choice! {
    /// Whose definition of a place where an entry stands.
    pub enum Variant {
        /// datatrove's, after C4
        Datatrove = "datatrove",
        /// Dolma's taggers
        Dolma = "dolma",
    }
}

params! {
    /// Parameters of `bad_words`.
    pub struct Params {
        /// Whose definition of a place where an entry stands.
        variant: Variant = Variant::Datatrove,
        /// The lists, by language.
        lists: BTreeMap<String, PathBuf>,
        /// Entries that are left out of all lists: parts of many harmless words.
        exceptions: Option<Vec<String>> =
            Some(["sm", "グロ", "女の子", "性"].map(String::from).to_vec()),
        /// Most places.
        max_bad_words: Option<u64> [occurrences, 0 ..= 1_000_000_000] = Some(0),
        /// Most places per word.
        max_bad_word_ratio: Option<f64> [ratio, 0 ..= 1000] = None,
    }
}

signals! {
    /// What `bad_words` measures.
    pub struct Signals {
        /// Places where an entry stands.
        bad_words: u64,
        /// The same per word between spaces; null without words.
        bad_word_ratio: Option<f64>,
        /// The entry found first; null if none.
        first_bad_word: Option<String>,
        /// The language of its list, the first by name if it is in several.
        first_language: Option<String>,
    }
}

/// Languages that are written without spaces between words.
const UNSPACED: [&str; 3] = ["ja", "th", "zh"];

/// What must stand on either side of an entry, if not the end of the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Flank {
    Anything,
    Space,
    NoWordCharacter,
}

impl Flank {
    fn allows(self, neighbour: Option<char>) -> bool {
        neighbour.is_none_or(|c| match self {
            Self::Anything => true,
            Self::Space => is_space(c),
            Self::NoWordCharacter => c != '_' && !is_alphanumeric(c),
        })
    }
}

/// An entry of a list.
struct Entry {
    flank: Flank,
    language: usize,
}

/// The step.
pub struct BadWords {
    languages: Vec<String>,
    /// The entries in lower case; patterns are numbered as `entries`.
    automaton: AhoCorasick,
    entries: Vec<(String, Entry)>,
}

impl Step for BadWords {
    const NAME: &'static str = "bad_words";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("bad_words.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let exceptions: Vec<String> =
            params.exceptions.iter().flatten().map(|entry| entry.to_lowercase()).collect();
        let mut entries = BTreeMap::<String, Entry>::new();
        let mut sound = Some(());
        for (language, (name, list)) in params.lists.iter().enumerate() {
            let read = build.entries("lists", std::slice::from_ref(list), |entry| {
                let entry = entry.to_lowercase();
                if exceptions.contains(&entry) {
                    return;
                }
                let flank = flank(params.variant, name, &entry);
                let known = entries.entry(entry).or_insert(Entry { flank, language });
                known.flank = known.flank.min(flank);
            });
            sound = sound.and(read);
        }
        sound?;
        if entries.is_empty() {
            build.fault("exceptions", "no entry is left: this step could never drop a document");
            return None;
        }
        match AhoCorasick::new(entries.keys()) {
            Ok(automaton) => Some(Self {
                languages: params.lists.keys().cloned().collect(),
                automaton,
                entries: entries.into_iter().collect(),
            }),
            Err(error) => {
                build.fault("lists", format!("the lists cannot be searched for: {error}"));
                None
            }
        }
    }
}

fn flank(variant: Variant, language: &str, entry: &str) -> Flank {
    match variant {
        Variant::Datatrove if UNSPACED.contains(&language) => Flank::Anything,
        Variant::Datatrove => Flank::NoWordCharacter,
        Variant::Dolma if entry.contains(' ') => Flank::Anything,
        Variant::Dolma => Flank::Space,
    }
}

impl Filter for BadWords {
    const RULES: &'static [Rule] = &[
        Rule::max("bad_words", "bad_words", "max_bad_words"),
        Rule::max("too_many_bad_words", "bad_word_ratio", "max_bad_word_ratio"),
    ];

    fn measure(&self, view: &View<'_>) -> Option<Signals> {
        let text = view.text().to_lowercase();
        let mut places = 0;
        // Matches come by where they end; the first is the one that begins first, then the longest.
        let mut first = None;
        for place in self.automaton.find_overlapping_iter(&text) {
            let number = place.pattern().as_usize();
            let flank = self.entries[number].1.flank;
            let before = text[..place.start()].chars().next_back();
            if flank.allows(before) && flank.allows(text[place.end()..].chars().next()) {
                places += 1;
                let found = (place.start(), Reverse(place.end()), number);
                first = Some(first.map_or(found, |first| found.min(first)));
            }
        }
        let first = first.map(|(.., number)| &self.entries[number]);
        Some(Signals {
            bad_words: places as u64,
            bad_word_ratio: ratio(places, view.words(Splitter::Whitespace).len()),
            first_bad_word: first.map(|(entry, _)| entry.clone()),
            first_language: first.map(|(_, entry)| self.languages[entry.language].clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::steps::Value;
    use crate::steps::registry::Built;
    use crate::steps::testing::{assert_rules_from_both_sides, build, faults, outcome, value};

    /// Lists of harmless words, under their languages, and the line that names them.
    fn lists(directory: &tempfile::TempDir, lists: &[(&str, &str)]) -> String {
        let entries = lists.iter().map(|(language, entries)| {
            let path = directory.path().join(language);
            std::fs::write(&path, entries).unwrap();
            format!("{language} = '{}'", path.display())
        });
        format!("lists = {{ {} }}", entries.collect::<Vec<_>>().join(", "))
    }

    fn places(step: &Built, text: &str) -> f64 {
        value("bad_words", &outcome(step, text), "bad_words").unwrap()
    }

    #[test]
    fn entries_stand_between_characters_of_no_word() {
        let dir = tempfile::tempdir().unwrap();
        let toml = lists(&dir, &[("en", "# comment\n\nflour\nMill Stone\nC++\n.net\n")]);
        let step = build("bad_words", &toml).unwrap();
        for (text, expected) in [
            ("", 0.0),
            ("Flour", 1.0),
            ("(flour),FLOUR\nflour-flour", 4.0),
            ("flours reflour flour_ 1flour éflour flouré", 0.0),
            ("the mill stone; a mill\nstone, mill  stone, millstone", 1.0),
            ("I know c++.", 1.0),
            ("ac++ c++1", 0.0),
            ("the .NET; x.net", 1.0),
        ] {
            assert_eq!(places(&step, text), expected, "{text:?}");
        }
    }

    #[test]
    fn languages_without_spaces_are_searched_anywhere() {
        let dir = tempfile::tempdir().unwrap();
        let toml =
            lists(&dir, &[("ja", "石臼\nsm\n女の子\n"), ("ko", "맷돌\n"), ("zh", "性\n磨坊\n")]);
        let step = build("bad_words", &toml).unwrap();
        assert_eq!(places(&step, "この石臼は古い。旧磨坊。"), 2.0);
        assert_eq!(places(&step, "맷돌은 맷돌 이다"), 1.0, "a particle makes it another word");
        assert_eq!(places(&step, "small 女の子 性"), 0.0, "C4's exceptions");
        let all = build("bad_words", &format!("{toml}\nexceptions = 'off'")).unwrap();
        assert_eq!(places(&all, "small 女の子 性"), 3.0);
        let own = build("bad_words", &format!("{toml}\nexceptions = ['石臼']")).unwrap();
        assert_eq!(places(&own, "石臼 性"), 1.0);
    }

    #[test]
    fn dolma_s_words_stand_between_spaces_and_its_phrases_anywhere() {
        let dir = tempfile::tempdir().unwrap();
        let toml = lists(&dir, &[("en", "flour\nmill stone\n")]);
        let step = build("bad_words", &format!("variant = 'dolma'\n{toml}")).unwrap();
        assert_eq!(places(&step, "Flour\tflour\u{a0}flour, (flour) flour_"), 2.0);
        assert_eq!(places(&step, "watermill stones; mill\nstone"), 1.0);
    }

    #[test]
    fn signals_tell_which_entry_it_is_and_how_dense_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let toml =
            lists(&dir, &[("de", "mehl\nmill stone\n"), ("en", "mill stone\nstone\ngrist\n")]);
        let found = outcome(&build("bad_words", &toml).unwrap(), "A mill stone, Mehl and grist.");
        assert_eq!(found.reason, Some("bad_words"));
        // mill stone, stone, mehl, grist
        let text = |text: &str| Value::Text(text.to_owned());
        let expected = [Value::Integer(4), Value::Float(4.0 / 6.0), text("mill stone"), text("de")];
        assert_eq!(found.values, expected);
        let none = outcome(&build("bad_words", &toml).unwrap(), "Nothing\u{130} of it");
        let expected = [Value::Integer(0), Value::Float(0.0), Value::Null, Value::Null];
        assert_eq!((none.reason, none.values), (None, expected.to_vec()));
    }

    #[test]
    fn each_bound_is_inclusive() {
        let dir = tempfile::tempdir().unwrap();
        let toml = lists(&dir, &[("en", "grist\n")]);
        assert_rules_from_both_sides("bad_words", &toml, "grist to the mill, all is grist");
    }

    #[test]
    fn lists_that_could_not_fire_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(faults("bad_words", "").contains("needs `lists`"));
        assert!(faults("bad_words", "lists = { en = 'nowhere' }").contains("nowhere"));
        let empty = lists(&dir, &[("en", "# nothing\n")]);
        assert!(faults("bad_words", &empty).contains("has no entry"));
        let excepted = lists(&dir, &[("ja", "SM\n")]);
        assert!(faults("bad_words", &excepted).contains("no entry is left"));
        let off = format!("{}\nmax_bad_words = 'off'", lists(&dir, &[("en", "grist\n")]));
        assert!(faults("bad_words", &off).contains("every bound is off"));
    }
}
