//! The normalised text: ASCII punctuation deleted, lower case, single spaces, decomposed (NFD).

use std::sync::LazyLock;

use memchr::memmem;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, decompose_canonical};

use crate::text::characters::{is_alphanumeric, is_letter, is_space};
use crate::text::word_table::Words;

/// A normalised text and its words; buffers are reused from text to text.
#[derive(Debug, Default)]
pub(super) struct Normal {
    text: String,
    words: Words,
    /// Characters in lower case that are still to be decomposed, together because marks that follow
    /// one another are put in order.
    pending: String,
    /// Whether a space comes before what follows.
    owes_space: bool,
}

/// What becomes of an ASCII byte: deleted, a space, or else itself in lower case.
static ASCII: [u8; 128] = ascii();
const DELETED: u8 = 0xff;
const SPACE: u8 = 0xfe;

const fn ascii() -> [u8; 128] {
    let mut table = [0; 128];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = match byte {
            b'\t'..=b'\r' | 0x1c..=0x20 => SPACE,
            _ if byte.is_ascii_punctuation() => DELETED,
            _ => byte.to_ascii_lowercase(),
        };
        byte += 1;
    }
    table
}

/// The characters of the basic plane that are no space, have no lower case and no decomposition,
/// and combine with nothing: most of those of any text.
static INERT: LazyLock<Box<[u64; 1024]>> = LazyLock::new(|| {
    let mut set = Box::new([0; 1024]);
    for c in '\u{80}'..='\u{ffff}' {
        let mut decomposed = 0;
        let mut same = c.to_lowercase().eq([c]) && !is_space(c);
        same &= canonical_combining_class(c) == 0;
        decompose_canonical(c, |part| {
            decomposed += 1;
            same &= part == c;
        });
        if same && decomposed == 1 {
            set[c as usize / 64] |= 1 << (c as usize % 64);
        }
    }
    set
});

/// The letters that are numbers too: ideographs. The others decompose to these.
#[rustfmt::skip]
static NUMERIC_LETTERS: [char; 73] = [
    '㐅', '㒃', '㠪', '㭍', '一', '七', '万', '三', '九', '二', '五', '亖', '亿', '什', '仟',
    '仨', '伍', '佰', '億', '兆', '兩', '八', '六', '十', '千', '卄', '卅', '卌', '叁', '参',
    '參', '叄', '四', '壱', '壹', '幺', '廾', '廿', '弌', '弍', '弎', '弐', '拾', '捌', '柒',
    '漆', '玖', '百', '肆', '萬', '貮', '貳', '贰', '阡', '陆', '陌', '陸', '零', '𠀁', '𠁤',
    '𠃢', '𠄡', '𠤪', '𠦃', '𠦌', '𠦜', '𠫪', '𠫽', '𠬙', '𢎐', '𢦘', '𣬛', '𦉭',
];

impl Normal {
    /// Normalises a text in place of the one before.
    pub(super) fn fill(&mut self, text: &str) {
        self.text.clear();
        self.owes_space = false;
        if memmem::find(text.as_bytes(), "Σ".as_bytes()).is_some() {
            // At the end of a word sigma has another lower case, by what stands around it.
            let plain: String = text.chars().filter(|c| !c.is_ascii_punctuation()).collect();
            self.push(&plain.to_lowercase());
        } else {
            self.push(text);
        }
        self.words.clear();
        for word in self.text.split(' ').filter(|word| !word.is_empty()) {
            self.words.push(&self.text, word);
        }
    }

    /// The normalised text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Its words.
    pub(super) fn words(&self) -> &Words {
        &self.words
    }

    /// The characters of the normalised text for which Python's `str.isnumeric` holds.
    pub(super) fn count_numeric(&self) -> usize {
        let is_numeric = |c: &char| match c {
            '\0'..='\x7f' => c.is_ascii_digit(),
            _ if is_letter(*c) => NUMERIC_LETTERS.binary_search(c).is_ok(),
            _ => is_alphanumeric(*c),
        };
        self.text.chars().filter(is_numeric).count()
    }

    fn push(&mut self, text: &str) {
        let inert = &**INERT;
        for c in text.chars() {
            let is_inert = match ASCII.get(c as usize) {
                Some(&DELETED) => continue,
                Some(&SPACE) => {
                    self.owes_space = !(self.text.is_empty() && self.pending.is_empty());
                    continue;
                }
                Some(&byte) => {
                    self.start();
                    self.flush();
                    self.text.push(char::from(byte));
                    continue;
                }
                None => {
                    inert.get(c as usize / 64).is_some_and(|set| set >> (c as usize % 64) & 1 == 1)
                }
            };
            if is_inert {
                self.start();
                self.flush();
                self.text.push(c);
            } else if is_space(c) {
                self.owes_space = !(self.text.is_empty() && self.pending.is_empty());
            } else {
                self.start();
                self.pending.extend(c.to_lowercase());
            }
        }
        self.flush();
    }

    /// Writes the space that is owed.
    #[inline]
    fn start(&mut self) {
        if self.owes_space {
            self.flush();
            self.text.push(' ');
            self.owes_space = false;
        }
    }

    /// Writes what is pending; after it stands a character that combines with nothing, or the end.
    #[inline]
    fn flush(&mut self) {
        if !self.pending.is_empty() {
            self.decompose();
        }
    }

    fn decompose(&mut self) {
        let mut chars = self.pending.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => decompose_canonical(c, |part| self.text.push(part)),
            _ => self.text.extend(self.pending.nfd()),
        }
        self.pending.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normal(text: &str) -> Normal {
        let mut normal = Normal::default();
        normal.fill("Something Else, é");
        normal.fill(text);
        normal
    }

    #[test]
    fn texts_are_normalised_as_redpajama_does() {
        // By its own `normalize`.
        for (text, expected) in [
            ("", ""),
            (" .,! ", ""),
            ("Don't  stop\u{3000}--\u{1c}NOW.\n", "dont stop now"),
            ("\u{a0}Été\u{85}ÀÇ “x”", "e\u{301}te\u{301} a\u{300}c\u{327} “x”"),
            ("ΟΔΟΣ ΟΔΟΣ. Σ ΣΑΣ!Α", "οδος οδος σ σασα"),
            ("İ K ﬁ Ⅷ 한 \u{212b}", "i\u{307} k ﬁ ⅷ \u{1112}\u{1161}\u{11ab} a\u{30a}"),
            // The comma between the marks is deleted first, then they are put in order.
            ("q\u{307},\u{323} \u{301}", "q\u{323}\u{307} \u{301}"),
            ("a\0b 中文。ñ", "a\0b 中文。n\u{303}"),
        ] {
            assert_eq!(normal(text).text(), expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_are_python_s() {
        assert!(NUMERIC_LETTERS.is_sorted());
        assert_eq!(normal("a1 ½ Ⅷ ² ٣ 〇 〣 二 龍 \u{f9b2} é中").count_numeric(), 9);
    }

    #[test]
    fn words_are_those_between_the_spaces() {
        let normal = normal(" One, two… -- ñandú! ");
        let words: Vec<_> = normal.words().iter(normal.text()).collect();
        assert_eq!(words, [("one", 3), ("two…", 4), ("n\u{303}andu\u{301}", 7)]);
    }

    proptest! {
        #[test]
        fn one_pass_does_what_the_passes_one_after_the_other_do(
            text in "([a-cA-C'. \n]|[éÉñÑйЙёΣσΑ한中İ…]|[\u{301}\u{323}\u{307}\u{a0}\u{2000}𝐀𑂚😀]){0,40}",
        ) {
            let plain: String = text.chars().filter(|c| !c.is_ascii_punctuation()).collect();
            let lower = plain.to_lowercase();
            let words: Vec<_> = lower.split(is_space).filter(|word| !word.is_empty()).collect();
            let expected: String = words.join(" ").nfd().collect();
            let normal = normal(&text);
            prop_assert_eq!(normal.text(), expected);
        }
    }
}
