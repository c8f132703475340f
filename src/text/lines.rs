//! Lines and paragraphs: every way the peers have of cutting a text at its line ends.

use super::characters::strip;

/// Where a line stands in the text that it is a slice of, in bytes.
pub fn offset(text: &str, line: &str) -> usize {
    line.as_ptr().addr().wrapping_sub(text.as_ptr().addr()).min(text.len())
}

/// Python's `str.splitlines`: also at `\r`, `\r\n`, `\v`, `\f`, U+001C to U+001E, U+0085, U+2028
/// and U+2029; no empty line after a final line end.
pub fn split_lines(text: &str) -> impl Iterator<Item = &str> {
    split_lines_and_ends(text).map(|(line, _)| line)
}

/// As [`split_lines`], each line with the line end that follows it; empty after the last line, if
/// the text ends without one.
pub fn split_lines_and_ends(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (end, length) = find_line_end(rest).unwrap_or((rest.len(), 0));
        let (line, after) = rest.split_at(end);
        let (line_end, after) = after.split_at(length);
        rest = after;
        Some((line, line_end))
    })
}

/// Where the first line end of `str.splitlines` stands, and how many bytes long it is.
fn find_line_end(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let at = |from: usize, continuation: &[u8]| bytes[from..].starts_with(continuation);
    (0..bytes.len()).find_map(|i| match bytes[i] {
        b'\r' if at(i, b"\r\n") => Some((i, 2)),
        b'\n'..=b'\r' | 0x1c..=0x1e => Some((i, 1)),
        0xc2 if at(i, "\u{85}".as_bytes()) => Some((i, 2)),
        0xe2 if at(i, "\u{2028}".as_bytes()) || at(i, "\u{2029}".as_bytes()) => Some((i, 3)),
        _ => None,
    })
}

/// The text cut at every run of at least `min_newlines` newlines: datatrove's lines (1) and
/// paragraphs (2).
///
/// As with Python's `re.split`, there is an empty piece before a leading and after a trailing run,
/// and an empty text is one empty piece. `min_newlines` of 0 counts as 1.
pub fn split_newline_runs(text: &str, min_newlines: usize) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut from = 0;
        while let Some(found) = memchr::memchr(b'\n', &text.as_bytes()[from..]) {
            let start = from + found;
            let run = text[start..].bytes().take_while(|&byte| byte == b'\n').count();
            if run >= min_newlines {
                rest = Some(&text[start + run..]);
                return Some(&text[..start]);
            }
            from = start + run;
        }
        rest = None;
        Some(text)
    })
}

/// DCLM's lines (`separator` `"\n"`) and paragraphs (`"\n\n"`): the pieces between separators,
/// stripped, without the empty ones.
pub fn stripped_segments<'t>(text: &'t str, separator: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(separator).map(strip).filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_and_their_ends_make_up_the_text(text in "([ab\r\n\x0b\x1cé中]|\u{85}|\u{2028}|\u{2029}){0,30}") {
            let is_end = |c| "\n\r\x0b\x0c\x1c\x1d\x1e\u{85}\u{2028}\u{2029}".contains(c);
            let joined = text.replace("\r\n", "\n");
            let pieces: Vec<&str> = joined.split_terminator(is_end).collect();
            prop_assert_eq!(split_lines(&text).collect::<Vec<_>>(), pieces);
        }
    }

    #[test]
    fn lines_know_where_they_stand() {
        let text = "a\r\n\nbc\u{2028}";
        let offsets: Vec<usize> = split_lines(text).map(|line| offset(text, line)).collect();
        assert_eq!(offsets, [0, 3, 4]);
        assert_eq!(offset(text, &text[text.len()..]), text.len());
    }

    #[test]
    fn split_lines_is_python_s() {
        let lines = |text| split_lines(text).collect::<Vec<_>>();
        assert_eq!(lines(""), [""; 0]);
        assert_eq!(lines("a"), ["a"]);
        assert_eq!(lines("a\n"), ["a"]);
        assert_eq!(lines("\n\na\r\nb\rc"), ["", "", "a", "b", "c"]);
        assert_eq!(
            lines("a\x0bb\x0cc\x1cd\x1de\x1ef\u{85}g\u{2028}h\u{2029}i\x1fj\u{86}é\u{2027}k"),
            ["a", "b", "c", "d", "e", "f", "g", "h", "i\x1fj\u{86}é\u{2027}k"]
        );
    }

    #[test]
    fn newline_runs_are_python_s_re_split() {
        let split = |text, min| split_newline_runs(text, min).collect::<Vec<_>>();
        assert_eq!(split("", 1), [""]);
        assert_eq!(split("\n", 1), ["", ""]);
        assert_eq!(split("a\n\nb\nc\n", 1), ["a", "b", "c", ""]);
        assert_eq!(split("a\n\n\nb\nc\n", 2), ["a", "b\nc\n"]);
        assert_eq!(split("\n\na", 2), ["", "a"]);
    }

    #[test]
    fn segments_are_stripped_and_never_empty() {
        let segments = |separator| stripped_segments(" a \n\n\n b\n\x1c\nc ", separator);
        assert_eq!(segments("\n").collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(segments("\n\n").collect::<Vec<_>>(), ["a", "b\n\x1c\nc"]);
    }
}
