//! The marks of Wikipedia that C4 deletes: `[12]`, `[]`, `[edit]` and `[citation needed]`.

use std::ops::Range;

use super::characters::is_decimal;

/// Where citations stand in a text, in bytes, ascending and disjoint.
///
/// Numbers are decimal digits of any script. What a deletion puts together (`[[1]]` leaves `[]`) is
/// not looked at again.
pub fn citations(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(found) = memchr::memchr(b'[', &text.as_bytes()[at..]) {
            let start = at + found;
            let inside = &text[start + 1..];
            let digits = inside.find(|c| !is_decimal(c)).unwrap_or(inside.len());
            let length = if inside[digits..].starts_with(']') {
                digits
            } else {
                let word = |word: &&str| {
                    inside.strip_prefix(*word).is_some_and(|rest| rest.starts_with(']'))
                };
                let Some(word) = ["edit", "citation needed"].iter().find(|w| word(w)) else {
                    at = start + 1 + digits;
                    continue;
                };
                word.len()
            };
            at = start + length + 2;
            return Some(start..at);
        }
        at = text.len();
        None
    })
}

#[cfg(test)]
mod tests {
    use super::citations;

    fn found(text: &str) -> Vec<&str> {
        citations(text).map(|range| &text[range]).collect()
    }

    #[test]
    fn citations_are_numbers_or_two_words_in_brackets() {
        assert_eq!(
            found("a[1] b[23][]c [edit], d[citation needed]."),
            ["[1]", "[23]", "[]", "[edit]", "[citation needed]"]
        );
        assert_eq!(found("[١٢] [²] [Edit] [1a] [ 1] [1 [2"), ["[١٢]"]);
        assert_eq!(found("[[1]] [12[3]"), ["[1]", "[3]"]);
        assert_eq!(found("["), [""; 0]);
        assert_eq!(found("[edit"), [""; 0]);
    }

    #[test]
    fn runs_of_brackets_and_digits_take_linear_time() {
        for unit in ["[", "[1", "1", "[citation needed", "[]"] {
            let text = format!("[{}", unit.repeat(1_000_000 / unit.len()));
            assert_eq!(citations(&text).count(), if unit == "[]" { 500_000 } else { 0 }, "{unit}");
        }
    }
}
