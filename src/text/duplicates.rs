//! How many of a text's lines or paragraphs are copies of one another.

use xxhash_rust::xxh3::xxh3_64;

use super::characters;
use super::counts::Counts;
use super::line_table::Line;

/// Copies among the segments (lines, paragraphs) of a text.
///
/// Segments are compared by a 64-bit hash: among a million different ones the chance that any two
/// are confused is below 1 in 30 million.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// Number of segments.
    pub segments: usize,
    /// Characters of all segments.
    pub chars: usize,
    /// Segments that repeat an earlier one (datatrove's and Gopher's duplicates).
    pub repeats: usize,
    /// Characters of those.
    pub repeat_chars: usize,
    /// Segments that occur more than once, the first of each included (DCLM's duplicates).
    pub copies: usize,
    /// Characters of those.
    pub copy_chars: usize,
}

impl Duplicates {
    /// Counts the copies among `segments`, compared byte by byte.
    pub fn among<'t>(
        segments: impl Iterator<Item = &'t str>,
        scratch: &mut DuplicatesScratch,
    ) -> Self {
        let hashed =
            segments.map(|segment| (xxh3_64(segment.as_bytes()), characters::count(segment)));
        Self::among_hashed(hashed, scratch)
    }

    /// The same for lines of a table.
    pub fn among_lines<'t>(
        lines: impl Iterator<Item = Line<'t>>,
        scratch: &mut DuplicatesScratch,
    ) -> Self {
        Self::among_hashed(lines.map(|line| (line.hash, line.chars)), scratch)
    }

    fn among_hashed(
        segments: impl Iterator<Item = (u64, usize)>,
        scratch: &mut DuplicatesScratch,
    ) -> Self {
        scratch.segments.clear();
        scratch.segments.extend(segments);
        scratch.counts.reset(scratch.segments.len());
        let mut found = Self::default();
        for &(hash, chars) in &scratch.segments {
            found.segments += 1;
            found.chars += chars;
            let (occurrence, _) = scratch.counts.add(hash);
            if occurrence > 1 {
                found.repeats += 1;
                found.repeat_chars += chars;
                // The second occurrence also makes a copy of the first.
                let copies = if occurrence == 2 { 2 } else { 1 };
                found.copies += copies;
                found.copy_chars += copies * chars;
            }
        }
        found
    }
}

/// Buffers of [`Duplicates::among`], kept between texts.
#[derive(Debug, Default)]
pub struct DuplicatesScratch {
    segments: Vec<(u64, usize)>,
    counts: Counts,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_occurrence_is_a_copy_but_no_repeat() {
        let scratch = &mut DuplicatesScratch::default();
        let text = "ñandú\nb\nñandú\nc\nñandú\nb";
        assert_eq!(
            Duplicates::among(text.split('\n'), scratch),
            Duplicates {
                segments: 6,
                chars: 18,
                repeats: 3,
                repeat_chars: 11,
                copies: 5,
                copy_chars: 17
            }
        );
        assert_eq!(Duplicates::among("".split('\n'), scratch).segments, 1);
        assert_eq!(Duplicates::among(std::iter::empty(), scratch), Duplicates::default());
    }
}
