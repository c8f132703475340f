//! Characters by kind, and those in URLs.

use memchr::memmem;

use crate::text::characters;

/// How many characters of each kind a text has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CharacterCounts {
    /// All.
    pub(super) all: usize,
    /// ASCII letters, digits, newlines and `.,!?`.
    pub(super) alphanumeric: usize,
    /// ASCII digits.
    pub(super) digits: usize,
    /// Tabs, newlines, carriage returns, backspaces and spaces.
    pub(super) white_space: usize,
    /// `()[]{}⟨⟩`.
    pub(super) brackets: usize,
}

/// Bits of a count in [`KINDS`].
const LANE: u32 = 16;
/// Bytes that may be summed before a count could outgrow its bits.
const BLOCK: usize = (1 << LANE) - 1;

/// For each byte a 1 in the lane of each kind that it is of; kinds as in [`CharacterCounts`].
static KINDS: [u64; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let character = byte as u8;
        let alphanumeric = character.is_ascii_alphanumeric()
            || matches!(character, b'\n' | b'?' | b'!' | b',' | b'.');
        let white_space = matches!(character, b'\t' | b'\n' | b'\r' | 0x08 | b' ');
        let bracket = matches!(character, b'{' | b'}' | b'[' | b']' | b'(' | b')');
        kinds[byte] = alphanumeric as u64
            | (character.is_ascii_digit() as u64) << LANE
            | (white_space as u64) << (2 * LANE)
            | (bracket as u64) << (3 * LANE);
        byte += 1;
    }
    kinds
};

impl CharacterCounts {
    pub(super) fn of(text: &str) -> Self {
        let mut counts = Self { all: characters::count(text), ..Self::default() };
        for block in text.as_bytes().chunks(BLOCK) {
            let sum: u64 = block.iter().map(|&byte| KINDS[usize::from(byte)]).sum();
            let lane = |kind: u32| (sum >> (kind * LANE)) as usize & BLOCK;
            counts.alphanumeric += lane(0);
            counts.digits += lane(1);
            counts.white_space += lane(2);
            counts.brackets += lane(3);
        }
        if counts.all < text.len() {
            let found = |bracket| memmem::find_iter(text.as_bytes(), bracket).count();
            counts.brackets += found("⟨") + found("⟩");
        }
        counts
    }
}

/// The characters of all `http://` and `https://` URLs, scheme and all.
///
/// A URL goes on with ASCII letters, digits, `$-_@.&+/:=?#~!*(),` and percent codes.
pub(super) fn in_urls(text: &str) -> usize {
    let bytes = text.as_bytes();
    let finder = memmem::Finder::new("http");
    let (mut chars, mut from) = (0, 0);
    while let Some(found) = finder.find(&bytes[from..]) {
        let start = from + found;
        from = start + "http".len();
        let rest = &bytes[from..];
        let rest = rest.strip_prefix(b"s").unwrap_or(rest);
        if let Some(rest) = rest.strip_prefix(b"://") {
            let length = url_length(rest);
            from = bytes.len() - rest.len() + length;
            chars += if length > 0 { from - start } else { 0 };
        }
    }
    chars
}

/// How many bytes from the start on are of a URL.
fn url_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    loop {
        length += match bytes[length..] {
            [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => 3,
            [byte, ..] if byte.is_ascii_alphanumeric() || b"$-_@.&+/:=?#~!*(),".contains(&byte) => {
                1
            }
            _ => return length,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_by_kind() {
        let text = "aB9\n?!,. \t\r\u{8}()[]{}⟨⟩é<\u{a0}";
        let expected =
            CharacterCounts { all: 23, alphanumeric: 8, digits: 1, white_space: 5, brackets: 8 };
        assert_eq!(CharacterCounts::of(text), expected);
        let long = CharacterCounts::of(&" 7".repeat(100_000));
        assert_eq!((long.digits, long.white_space), (100_000, 100_000), "over several blocks");
        assert_eq!(CharacterCounts::of(""), CharacterCounts::default());
    }

    #[test]
    fn urls_are_those_of_the_pattern() {
        assert_eq!(in_urls("see http://a.b/c?d=e#f, (https://x.y) end"), 19 + 12);
        assert_eq!(in_urls("http://a<b https://é http:// https:/x httpss://x HTTP://x"), 8);
        assert_eq!(in_urls("http://a%2fb%g"), 12, "a percent sign needs two hexadecimal digits");
        assert_eq!(in_urls("httphttp://a/http://b"), 17, "one URL");
        assert_eq!(in_urls("http://%4"), 0);
        assert_eq!(in_urls(""), 0);
    }
}
