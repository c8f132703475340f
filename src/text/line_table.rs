//! The lines of one text in a table, computed once and shared by every measure that needs lines.

use xxhash_rust::xxh3::xxh3_64;

use super::characters::{count, strip};
use super::lines::{split_lines, split_newline_runs, stripped_segments};

/// Which lines: the peers disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineCut {
    /// Python's `str.split("\n")`: what stands between newlines, empty lines too.
    Newline,
    /// [`split_lines`].
    SplitLines,
    /// [`split_newline_runs`] of 1: datatrove's lines.
    NewlineRuns,
    /// [`split_newline_runs`] of 2, of the stripped text: datatrove's paragraphs.
    ParagraphRuns,
    /// [`stripped_segments`] between newlines: DCLM's lines.
    Stripped,
    /// [`stripped_segments`] between two newlines: DCLM's paragraphs.
    StrippedParagraphs,
}

impl LineCut {
    /// How many there are.
    pub(super) const COUNT: usize = 6;
}

/// One line of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'t> {
    /// The line, without its end.
    pub text: &'t str,
    /// Characters of the line.
    pub chars: usize,
    /// A hash of its bytes: among a million different lines the chance that any two are confused is
    /// below 1 in 30 million.
    pub hash: u64,
}

/// Lines of a text: where they stand, how long they are, and a hash of each.
///
/// The text itself is not kept.
#[derive(Debug, Default)]
pub struct Lines {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Bytes of the text.
    start: u32,
    end: u32,
    chars: u32,
    hash: u64,
}

impl Lines {
    /// The pieces between newlines, from which most other tables follow.
    pub(super) fn newline(text: &str) -> Self {
        let mut table = Filling::new(text);
        text.split('\n').for_each(|line| table.push(line));
        table.lines
    }

    /// Another cut of the text whose [`Lines::newline`] is `newline`.
    pub(super) fn derive(newline: &Self, text: &str, cut: LineCut) -> Self {
        let mut table = Filling::new(text);
        match cut {
            LineCut::Newline => table.lines.entries.clone_from(&newline.entries),
            LineCut::SplitLines if has_rare_line_end(text) => {
                split_lines(text).for_each(|line| table.push(line));
            }
            LineCut::SplitLines => {
                let open = !text.is_empty() && !text.ends_with('\n');
                let lines = newline.len() - usize::from(!open && !newline.is_empty());
                table.lines.entries.extend_from_slice(&newline.entries[..lines]);
            }
            LineCut::NewlineRuns => {
                let last = newline.len().saturating_sub(1);
                let pieces = newline.entries.iter().enumerate();
                let pieces = pieces.filter(|(index, entry)| {
                    // Only a run at either end leaves an empty piece beside it.
                    entry.start < entry.end || *index == 0 || *index == last
                });
                table.lines.entries.extend(pieces.map(|(_, entry)| *entry));
            }
            LineCut::ParagraphRuns => {
                split_newline_runs(strip(text), 2).for_each(|line| table.push(line));
            }
            LineCut::Stripped => {
                for entry in &newline.entries {
                    let line = entry.text(text);
                    let stripped = strip(line);
                    if stripped.len() == line.len() && !line.is_empty() {
                        table.lines.entries.push(*entry);
                    } else if !stripped.is_empty() {
                        table.push(stripped);
                    }
                }
            }
            LineCut::StrippedParagraphs => {
                stripped_segments(text, "\n\n").for_each(|line| table.push(line));
            }
        }
        table.lines
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no lines.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The lines; `text` must be what the table was made from.
    pub fn iter<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Line<'a>> {
        self.entries.iter().map(|entry| Line {
            text: entry.text(text),
            chars: entry.chars as usize,
            hash: entry.hash,
        })
    }
}

impl Entry {
    #[inline]
    fn text(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// A table being made.
struct Filling<'t> {
    text: &'t str,
    /// Spares counting.
    ascii: bool,
    lines: Lines,
}

impl<'t> Filling<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, ascii: text.is_ascii(), lines: Lines::default() }
    }

    /// Adds a slice of the text; what lies beyond 4 GiB is left out.
    #[inline]
    fn push(&mut self, line: &str) {
        let start = line.as_ptr().addr().wrapping_sub(self.text.as_ptr().addr());
        let end = start.wrapping_add(line.len());
        let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) else { return };
        let chars = if self.ascii { line.len() } else { count(line) } as u32;
        self.lines.entries.push(Entry { start, end, chars, hash: xxh3_64(line.as_bytes()) });
    }
}

/// Whether there is a line end of `str.splitlines` other than `\n`.
fn has_rare_line_end(text: &str) -> bool {
    let bytes = text.as_bytes();
    // Without a branch per byte, so that it is done many bytes at a time.
    let is_rare = |byte: u8| matches!(byte, 0x0b..=0x0d | 0x1c..=0x1e);
    let rare = |chunk: &[u8]| chunk.iter().fold(false, |any, &byte| any | is_rare(byte));
    let find = |end: &str| memchr::memmem::find(bytes, end.as_bytes()).is_some();
    bytes.chunks(1024).any(rare)
        || (!text.is_ascii() && ["\u{85}", "\u{2028}", "\u{2029}"].into_iter().any(find))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::text::View;
    use proptest::prelude::*;

    const CUTS: [LineCut; LineCut::COUNT] = [
        LineCut::Newline,
        LineCut::SplitLines,
        LineCut::NewlineRuns,
        LineCut::ParagraphRuns,
        LineCut::Stripped,
        LineCut::StrippedParagraphs,
    ];

    /// The definitions.
    fn lines(text: &str, cut: LineCut) -> Vec<&str> {
        match cut {
            LineCut::Newline => text.split('\n').collect(),
            LineCut::SplitLines => split_lines(text).collect(),
            LineCut::NewlineRuns => split_newline_runs(text, 1).collect(),
            LineCut::ParagraphRuns => split_newline_runs(strip(text), 2).collect(),
            LineCut::Stripped => stripped_segments(text, "\n").collect(),
            LineCut::StrippedParagraphs => stripped_segments(text, "\n\n").collect(),
        }
    }

    fn assert_tables(text: &str) {
        let document = Document { text: text.to_owned(), ..Document::default() };
        let view = View::raw(&document);
        for cut in CUTS {
            let expected = lines(text, cut).into_iter().map(|line| Line {
                text: line,
                chars: line.chars().count(),
                hash: xxh3_64(line.as_bytes()),
            });
            let found: Vec<_> = view.lines(cut).iter(text).collect();
            assert_eq!(found, expected.collect::<Vec<_>>(), "{cut:?} of {text:?}");
        }
        assert_eq!(view.chars(), text.chars().count());
    }

    #[test]
    fn tables_of_texts_without_lines() {
        ["", "\n", "\n\n\n", " ", " \n ", "\r", "\u{2028}"].into_iter().for_each(assert_tables);
    }

    proptest! {
        #[test]
        fn tables_hold_what_the_definitions_give(
            plain in "[ab\n é中]{0,30}",
            rare in "([ab\n\r\x0b\x1c ]|\u{85}|\u{2028}|\u{2029}){0,30}",
        ) {
            assert_tables(&plain);
            assert_tables(&rare);
        }
    }
}
