//! Many strings to look for in lines, in any letter case, in time linear in the line.

use std::borrow::Cow;
use std::ops::Range;

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

use crate::text::characters::fold_case;

/// How strings are compared with a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparison {
    /// Whether upper and lower case differ.
    pub(super) case_sensitive: bool,
    /// Whether a dot in a string stands for any character.
    pub(super) dots_are_any: bool,
}

/// Where in a line a string must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Location {
    /// At its start.
    Start,
    /// Anywhere.
    Anywhere,
    /// At its end.
    End,
}

/// Strings to look for; where several begin at one place the first that was given counts.
pub(super) struct Strings {
    comparison: Comparison,
    /// Finds the longest piece of each string that holds no wildcard.
    pieces: AhoCorasick,
    /// What stands around that piece, for each string.
    surroundings: Vec<Surroundings>,
}

/// What a string has before and after a piece of it.
struct Surroundings {
    before: String,
    after: String,
}

impl Strings {
    /// # Errors
    /// The strings are too many to be searched for.
    pub(super) fn new(strings: &[String], comparison: Comparison) -> Result<Self, BuildError> {
        let mut surroundings = Vec::new();
        let mut pieces = Vec::new();
        for string in strings {
            let string = comparison.fold(string);
            let piece = comparison.piece(&string);
            surroundings.push(Surroundings {
                before: string[..piece.start].to_owned(),
                after: string[piece.end..].to_owned(),
            });
            pieces.push(string[piece].to_owned());
        }
        // A text is then folded only where it has capitals beyond ASCII.
        let pieces = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(!comparison.case_sensitive)
            .build(pieces)?;
        Ok(Self { comparison, pieces, surroundings })
    }

    /// Whether the text may hold one of the strings; one that does not hold any seldom may.
    pub(super) fn may_be_in(&self, text: &str) -> bool {
        self.pieces.is_match(&*self.comparison.fold(text))
    }

    /// The strings in a line from left to right, without overlaps.
    pub(super) fn find(&self, line: &str, location: Location) -> Vec<Range<usize>> {
        let folded = self.comparison.fold(line);
        let mut found: Vec<(Range<usize>, usize)> = self
            .pieces
            .find_overlapping_iter(&*folded)
            .filter_map(|piece| {
                let string = piece.pattern().as_usize();
                let surroundings = self.surroundings.get(string)?;
                Some((self.comparison.range(&folded, piece.range(), surroundings)?, string))
            })
            .filter(|(range, _)| location != Location::Start || range.start == 0)
            .filter(|(range, _)| location != Location::End || range.end == folded.len())
            .collect();
        found.sort_unstable_by_key(|(range, string)| (range.start, *string));
        let mut last = 0;
        found.retain(|(range, _)| {
            let free = range.start >= last;
            if free {
                last = range.end;
            }
            free
        });
        in_line(line, &folded, found.into_iter().map(|(range, _)| range))
    }
}

/// What is looked for where; a location without strings is `None`.
pub(super) struct Searches {
    pub(super) anywhere: Option<Strings>,
    pub(super) line_end: Option<Strings>,
    pub(super) line_start: Option<Strings>,
    /// The strings of all three, to pass over a text that has none.
    pub(super) all: Strings,
}

impl Searches {
    /// The strings of the three locations, in the order of the fields.
    ///
    /// # Errors
    /// The strings are too many to be searched for.
    pub(super) fn new(
        strings: &[Vec<String>; 3],
        comparison: Comparison,
    ) -> Result<Self, BuildError> {
        let search = |strings: &[String]| match strings {
            [] => Ok(None),
            strings => Strings::new(strings, comparison).map(Some),
        };
        let [anywhere, line_end, line_start] = strings;
        Ok(Self {
            anywhere: search(anywhere)?,
            line_end: search(line_end)?,
            line_start: search(line_start)?,
            all: Strings::new(&strings.concat(), comparison)?,
        })
    }
}

/// The ranges of a folded line as ranges of the line; they ascend.
fn in_line(
    line: &str,
    folded: &str,
    ranges: impl Iterator<Item = Range<usize>>,
) -> Vec<Range<usize>> {
    // One character stands for one, but not always for one of as many bytes.
    let mut chars = folded.char_indices().zip(line.char_indices()).peekable();
    let mut place = |at: usize| {
        while chars.next_if(|((folded, _), _)| *folded < at).is_some() {}
        chars.peek().map_or(line.len(), |(_, (at, _))| *at)
    };
    ranges.map(|range| place(range.start)..place(range.end)).collect()
}

impl Comparison {
    /// The text as it is searched: characters beyond ASCII folded, for the search folds the others.
    fn fold(self, text: &str) -> Cow<'_, str> {
        let stays = |c: char| c.is_ascii() || fold_case(c) == c;
        if self.case_sensitive || text.is_ascii() || text.chars().all(stays) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(text.chars().map(|c| if c.is_ascii() { c } else { fold_case(c) }).collect())
    }

    /// Whether a character of a folded line is that of a string.
    fn is_equal(self, expected: char, found: char) -> bool {
        expected == found || (!self.case_sensitive && fold_case(expected) == fold_case(found))
    }

    /// The longest piece of a string without wildcards, the first of several.
    fn piece(self, string: &str) -> Range<usize> {
        if !self.dots_are_any {
            return 0..string.len();
        }
        let (mut longest, mut start) = (0..0, 0);
        for piece in string.split('.') {
            if piece.len() > longest.len() {
                longest = start..start + piece.len();
            }
            start += piece.len() + 1;
        }
        longest
    }

    /// The range of a whole string, if the line has it around a piece of it.
    fn range(
        self,
        line: &str,
        piece: Range<usize>,
        Surroundings { before, after }: &Surroundings,
    ) -> Option<Range<usize>> {
        let mut left = line[..piece.start].chars();
        let mut right = line[piece.end..].chars();
        let is_equal = |expected: char, found: Option<char>| {
            let any = self.dots_are_any && expected == '.';
            found.is_some_and(|found| any || self.is_equal(expected, found))
        };
        let whole = before.chars().rev().all(|expected| is_equal(expected, left.next_back()))
            && after.chars().all(|expected| is_equal(expected, right.next()));
        whole.then(|| left.as_str().len()..line.len() - right.as_str().len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::RegexBuilder;

    use super::*;

    const ANY_CASE: Comparison = Comparison { case_sensitive: false, dots_are_any: true };

    fn found<'t>(strings: &[&str], comparison: Comparison, line: &'t str) -> Vec<&'t str> {
        let strings: Vec<String> = strings.iter().map(|&string| string.to_owned()).collect();
        let strings = Strings::new(&strings, comparison).unwrap();
        let ranges = strings.find(line, Location::Anywhere);
        assert!(ranges.is_empty() || strings.may_be_in(line));
        ranges.into_iter().map(|range| &line[range]).collect()
    }

    #[test]
    fn letter_case_does_not_count_unless_asked_for() {
        let line = "Été K\u{212a}k \u{130}ıIi";
        assert_eq!(
            found(&["ÉTÉ", "kk", "ii"], ANY_CASE, line),
            ["Été", "K\u{212a}", "\u{130}ı", "Ii"]
        );
        let exact = Comparison { case_sensitive: true, dots_are_any: true };
        assert_eq!(found(&["ÉTÉ", "k \u{130}", ".i"], exact, line), ["k \u{130}", "Ii"]);
        assert_eq!(found(&["A.C"], exact, "abc ABC AbC a.c"), ["ABC", "AbC"]);
    }

    #[test]
    fn dots_are_dots_unless_asked_for() {
        let dots = Comparison { case_sensitive: false, dots_are_any: false };
        assert_eq!(found(&["a.c", "..."], dots, "abc A.C ...."), ["A.C", "..."]);
        assert_eq!(found(&["a.c", "..d"], ANY_CASE, "abc A.C d éèd"), ["abc", "A.C", "éèd"]);
    }

    proptest! {
        #[test]
        fn strings_are_those_of_a_regular_expression(
            line in "[aAbéÉ ſsS\u{212a}k]{0,24}",
            strings in proptest::collection::vec("[abéSk.]{0,2}[aéks][abéSk.]{0,2}", 1..5),
            case_sensitive: bool,
        ) {
            let comparison = Comparison { case_sensitive, dots_are_any: true };
            let searched = Strings::new(&strings, comparison).unwrap();
            let alternatives = strings.join("|");
            for (location, pattern) in [
                (Location::Anywhere, alternatives.clone()),
                (Location::Start, format!("^(?:{alternatives})")),
                (Location::End, format!("(?:{alternatives})$")),
            ] {
                let regex =
                    RegexBuilder::new(&pattern).case_insensitive(!case_sensitive).build().unwrap();
                let theirs: Vec<_> = regex.find_iter(&line).map(|found| found.range()).collect();
                prop_assert_eq!(searched.find(&line, location), theirs, "{}", pattern);
            }
        }
    }
}
