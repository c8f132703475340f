//! Texts made alike before near-copies are looked for: in lower case, without punctuation.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::characters::{
    is_decimal, is_letter, is_listed_punctuation, is_nonspacing_mark, is_space, is_uppercase,
};

/// How a text is simplified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Simplification {
    /// datatrove's `simplify_text`: lower case; each number, one decimal part included, becomes
    /// `0`; punctuation becomes a space, runs of white space one space; accents are dropped.
    Datatrove,
    /// As the RefinedWeb paper has it: lower case, no punctuation, no accents, runs of white space
    /// become one space.
    RefinedWeb,
    /// SlimPajama's, as DCLM and AI2 use it: lower case, no ASCII punctuation, runs of white space
    /// become one space.
    SlimPajama,
}

/// Buffers of [`Simplification::apply`], kept between texts.
#[derive(Debug, Default)]
pub struct SimplifyScratch {
    /// Characters beyond ASCII, in lower case, that are still to be decomposed.
    pending: String,
}

impl Simplification {
    /// Writes the simplified text in place of what `simplified` holds.
    pub fn apply(self, text: &str, simplified: &mut String, scratch: &mut SimplifyScratch) {
        simplified.clear();
        let text = with_final_sigmas(text);
        let mut writer = Writer { text: simplified, pending: &mut scratch.pending, gap: false };
        match self {
            Self::Datatrove => writer.without_accents::<true>(&text),
            Self::RefinedWeb => writer.without_accents::<false>(&text),
            Self::SlimPajama => writer.slim(&text),
        }
        writer.flush();
        simplified.truncate(simplified.trim_end_matches(' ').len());
    }
}

/// `Σ` has two small letters, one for the end of a word: the text with every `Σ` resolved.
fn with_final_sigmas(text: &str) -> Cow<'_, str> {
    match memchr::memmem::find(text.as_bytes(), "Σ".as_bytes()) {
        Some(_) => Cow::Owned(text.to_lowercase()),
        None => Cow::Borrowed(text),
    }
}

/// Writes characters, with one space for any gap between them.
struct Writer<'a> {
    text: &'a mut String,
    pending: &'a mut String,
    gap: bool,
}

impl Writer<'_> {
    /// datatrove's with `NUMBERS`, else RefinedWeb's, which deletes punctuation.
    fn without_accents<const NUMBERS: bool>(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii() {
                at += 1;
                match byte {
                    b'0'..=b'9' if NUMBERS => {
                        at = number_end(text, at);
                        self.ascii('0');
                    }
                    _ if byte.is_ascii_alphanumeric() => {
                        self.ascii(char::from(byte.to_ascii_lowercase()));
                    }
                    _ => self.gap |= NUMBERS || is_space(char::from(byte)),
                }
                continue;
            }
            let Some(c) = text[at..].chars().next() else { break };
            at += c.len_utf8();
            if NUMBERS && is_decimal(c) {
                at = number_end(text, at);
                self.ascii('0');
            } else if is_space(c) {
                self.gap = true;
            } else if is_listed_punctuation(c) {
                self.gap |= NUMBERS;
            } else {
                self.other(c);
            }
        }
    }

    fn slim(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_ascii() {
                if c.is_ascii_whitespace() || c == '\x0b' {
                    self.gap = true;
                } else if !c.is_ascii_punctuation() {
                    self.ascii(c.to_ascii_lowercase());
                }
            } else if c.is_whitespace() {
                self.gap = true;
            } else {
                self.fill_gap();
                self.text.extend(c.to_lowercase());
            }
        }
    }

    /// Writes an ASCII character: nothing before it can join with what comes after.
    #[inline]
    fn ascii(&mut self, c: char) {
        self.flush();
        self.fill_gap();
        self.text.push(c);
    }

    /// Writes any other character, its accents left out.
    fn other(&mut self, c: char) {
        if self.gap {
            self.flush();
            self.fill_gap();
        }
        match c {
            // Scripts without case.
            '\u{590}'..='\u{109f}' | '\u{2e80}'..='\u{a63f}' | '\u{ac00}'..='\u{faff}' => {
                self.pending.push(c);
            }
            // What has a small letter is a letter or has the property `Uppercase`.
            _ if is_letter(c) || is_uppercase(c) => self.pending.extend(c.to_lowercase()),
            _ => self.pending.push(c),
        }
    }

    /// The space for a gap; none at the start, where white space is stripped.
    #[inline]
    fn fill_gap(&mut self) {
        if self.gap && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.gap = false;
    }

    /// Decomposes what is pending and writes it without its accents.
    #[inline]
    fn flush(&mut self) {
        if !self.pending.is_empty() {
            self.text.extend(self.pending.nfd().filter(|&c| !is_nonspacing_mark(c)));
            self.pending.clear();
        }
    }
}

/// The end of the number whose first digit ends at `at`: its other digits and one decimal part.
fn number_end(text: &str, at: usize) -> usize {
    let digits = |from: usize| -> usize {
        let rest = &text[from..];
        from + rest.find(|c| !is_decimal(c)).unwrap_or(rest.len())
    };
    let end = digits(at);
    let separator = text[end..].chars().next().filter(|&c| {
        matches!(c, '.' | ',' | '\u{60c}' | '\u{66b}' | '\u{2396}' | '\u{2397}' | '\u{2398}')
    });
    let Some(separator) = separator else { return end };
    let part = end + separator.len_utf8();
    let part_end = digits(part);
    if part_end > part { part_end } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn simplify(simplification: Simplification, text: &str) -> String {
        let mut simplified = "what was there before".to_owned();
        simplification.apply(text, &mut simplified, &mut SimplifyScratch::default());
        simplified
    }

    #[test]
    fn datatrove_s_texts_have_no_punctuation_accents_and_digits() {
        let simple = |text| simplify(Simplification::Datatrove, text);
        assert_eq!(
            simple("  The «MILL», by\u{a0}the\triver…\n It's ÉTÉ! "),
            "the mill by the river it s ete"
        );
        assert_eq!(simple("1.5 2,30 1.2.3 10:45 ٣٫٥ 1. x .5 7a"), "0 0 0 0 0 0 0 0 x 0 0a");
        assert_eq!(simple("ΟΔΟΣ ΣΑΣ İ Å"), "οδος σας i a");
        assert_eq!(
            simple("が 한국 Ⅷ ½ • ｡"),
            "か \u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8} ⅷ ½ • ｡"
        );
        // A mark that stands alone leaves both spaces around it.
        assert_eq!(simple("a \u{301} b \u{301}"), "a  b");
        assert_eq!(simple(" … !"), "");
        // Capital letters since Unicode 16 and 15.1 of which Python 3.11 knows nothing.
        assert_eq!(simple("\u{a7cb}\u{10d50}"), "\u{a7cb}\u{10d50}");
    }

    #[test]
    fn refinedweb_s_texts_have_no_punctuation_but_digits() {
        let simple = |text| simplify(Simplification::RefinedWeb, text);
        assert_eq!(simple("It's  1.5 km –\nÉTÉ!"), "its 15 km ete");
    }

    #[test]
    fn slimpajama_s_texts_keep_accents_and_what_is_not_ascii() {
        let simple = |text| simplify(Simplification::SlimPajama, text);
        assert_eq!(simple(" It's  1.5 km –\n\x0b- «ÉTÉ»! \u{2028}ΟΔΟΣ"), "its 15 km – «été» οδος");
    }

    proptest! {
        #[test]
        fn datatrove_s_are_those_of_its_steps_one_by_one(
            text in "([aB1.,;'\"\t\n\r \u{85}\u{a0}é\u{301}\u{327}中が한٣٫½Ⅷ\u{3000}«\u{1fef}\u{37e}]){0,40}"
        ) {
            prop_assert_eq!(simplify(Simplification::Datatrove, &text), one_by_one(&text));
        }

        #[test]
        fn any_text_is_simplified(text in any::<String>()) {
            prop_assert_eq!(simplify(Simplification::Datatrove, &text), one_by_one(&text));
            for simplification in [Simplification::RefinedWeb, Simplification::SlimPajama] {
                let simple = simplify(simplification, &text);
                prop_assert!(!simple.starts_with(' ') && !simple.ends_with(' '));
            }
        }
    }

    /// Lower case, numbers, punctuation, white space, accents: one after the other.
    fn one_by_one(text: &str) -> String {
        let lower = text.chars().any(|c| c == 'Σ');
        let lower: String = if lower {
            text.to_lowercase()
        } else {
            let keep = |c: char| !is_letter(c) && !is_uppercase(c);
            text.chars()
                .flat_map(|c| if keep(c) { vec![c] } else { c.to_lowercase().collect() })
                .collect()
        };
        let mut numbers = String::new();
        let mut at = 0;
        while let Some(c) = lower[at..].chars().next() {
            at += c.len_utf8();
            if is_decimal(c) {
                at = number_end(&lower, at);
                numbers.push('0');
            } else {
                numbers.push(c);
            }
        }
        let spaced: String =
            numbers.chars().map(|c| if is_listed_punctuation(c) { ' ' } else { c }).collect();
        let words: Vec<&str> = crate::text::words::whitespace(&spaced).collect();
        let plain: String = words.join(" ").nfd().filter(|&c| !is_nonspacing_mark(c)).collect();
        crate::text::characters::strip(&plain).to_owned()
    }
}
