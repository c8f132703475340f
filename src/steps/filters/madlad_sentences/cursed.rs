//! Expressions that stood in much bad text.

use std::path::PathBuf;

use regex::{Regex, escape};

use super::Variant;
use crate::steps::Build;

/// The list of MADLAD-400 (appendix A.2), in its order.
const PATTERNS: [&str; 32] = [
    " №",
    "\u{fffd}\u{fffd}\u{fffd}",
    r"\|\s*$",
    r" nr\.$",
    "aute irure dolor ",
    " sunt in culpa qui ",
    "orem ipsum ",
    " quis nostrud ",
    " adipisicing ",
    " dolore eu ",
    " cupidatat ",
    "autem vel eum",
    "wisi enim ad",
    " sex ",
    " porn ",
    "黄色电影",
    "mp3",
    "ownload",
    r"Vol\.",
    r" Ep\.",
    "Episode",
    r" г\.\s*$",
    r" кг\.\s*$",
    r" шт\.",
    "Develop",
    "Facebook",
    " crusher ",
    " xxx ",
    " ... ... ... ... ... ... ... ... ...",
    " .... .... .... .... .... .... .... .... ....",
    " [^ ] [^ ] [^ ] [^ ] [^ ] [^ ] [^ ] [^ ] [^ ]",
    ", ..,,? ..,,? ..,,? ..,,?",
];

/// How many of the list are strings for datamap-rs.
const STRINGS: usize = 28;

/// MADLAD's list as a variant reads it, or the expressions of the user's lists in its place.
///
/// `None` after a fault.
pub(super) fn expressions(
    variant: Variant,
    lists: &[PathBuf],
    build: &mut Build<'_>,
) -> Option<Regex> {
    let patterns = if lists.is_empty() { built_in(variant) } else { listed(lists, build)? };
    let alternatives: Vec<_> = patterns.iter().map(|pattern| format!("(?:{pattern})")).collect();
    match Regex::new(&alternatives.join("|")) {
        Ok(regex) => Some(regex),
        Err(error) => {
            build.fault(KEY, format!("these expressions do not go together: {error}"));
            None
        }
    }
}

const KEY: &str = "cursed_patterns";

fn built_in(variant: Variant) -> Vec<String> {
    let read = |(at, &pattern): (usize, &&str)| match variant {
        Variant::Datamap if at < STRINGS => escape(pattern),
        _ => pattern.to_owned(),
    };
    PATTERNS.iter().enumerate().map(read).collect()
}

fn listed(lists: &[PathBuf], build: &mut Build<'_>) -> Option<Vec<String>> {
    let mut patterns = Vec::new();
    build.entries(KEY, lists, |entry| patterns.push(entry.to_owned()))?;
    let mut sound = true;
    for pattern in &patterns {
        if let Err(error) = Regex::new(pattern) {
            // The last line says what is wrong, those before show where in ASCII art.
            let error = error.to_string();
            let what = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
            build.fault(KEY, format!("`{pattern}` is no regular expression: {what}"));
            sound = false;
        }
    }
    sound.then_some(patterns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_cursed(variant: Variant, sentence: &str) -> bool {
        let patterns = built_in(variant);
        let alternatives: Vec<_> = patterns.iter().map(|one| format!("(?:{one})")).collect();
        Regex::new(&alternatives.join("|")).unwrap().is_match(sentence)
    }

    #[test]
    fn each_expression_finds_what_it_is_meant_for() {
        // A sentence for each, in the order of the list.
        let sentences = [
            "дом № 5",
            "a\u{fffd}\u{fffd}\u{fffd}b",
            "Home | About | ",
            "der nr.",
            "aute irure dolor in",
            "est sunt in culpa qui ob",
            "Lorem ipsum dolor",
            "et quis nostrud ex",
            "et adipisicing el",
            "et dolore eu fu",
            "et cupidatat no",
            "autem vel eum",
            "wisi enim ad",
            "a sex b",
            "a porn b",
            "黄色电影",
            "x.mp3",
            "Download",
            "Vol. 2",
            "x Ep. 2",
            "Episode",
            "5 г. ",
            "5 кг.",
            "5 шт. а",
            "Developer",
            "Facebook",
            "a crusher b",
            "a xxx b",
            "z abc abc abc abc abc abc abc abc abc",
            "z abcd abcd abcd abcd abcd abcd abcd abcd abcd",
            "z a b c d e f g h i",
            ", ab,, cd, ef,, gh,",
        ];
        for (sentence, pattern) in sentences.into_iter().zip(PATTERNS) {
            assert!(Regex::new(pattern).unwrap().is_match(sentence), "{pattern}");
            assert!(is_cursed(Variant::Madlad, sentence), "{pattern}");
        }
        for sentence in ["A plain sentence.", "sex", "мл. г", "a|b", "z a b c d e f g h"] {
            assert!(!is_cursed(Variant::Madlad, sentence), "{sentence}");
        }
    }

    #[test]
    fn datamap_looks_for_seven_of_them_backslash_and_all() {
        for sentence in
            ["Home | ", "der nr.", "Vol. 2", "x Ep. 2", "5 г.", "5 кг.", "5 шт. а", "a|b"]
        {
            assert!(!is_cursed(Variant::Datamap, sentence), "{sentence}");
        }
        for sentence in [r"Vol\.", r"a\|\s*$", "x.mp3", "z a b c d e f g h i", "a xxx b"] {
            assert!(is_cursed(Variant::Datamap, sentence), "{sentence}");
        }
    }
}
