//! Character classes and trimming as Python 3.11 defines them, and datatrove's punctuation.
//!
//! The peers' rules are defined by `str.isspace`, `str.isalpha`, `str.isalnum`, `str.isdigit` and
//! `str.isupper`. Rust's methods of similar names differ in kind (`char::is_alphabetic` counts
//! combining vowels; `char::is_whitespace` leaves out U+001C to U+001F) and in the version of
//! Unicode, so the classes stand here, fixed at Unicode 14.

mod punctuation;
mod unicode_14;

/// A set of code points: a bitmap where nearly all text lies, boundaries for the rest.
struct Set {
    basic_plane: [u64; 1024],
    boundaries: &'static [u32],
}

impl Set {
    /// The set whose members lie between the 1st and 2nd boundary, the 3rd and 4th, and so on.
    const fn new(boundaries: &'static [u32]) -> Self {
        let mut basic_plane = [0u64; 1024];
        let mut range = 0;
        while range + 1 < boundaries.len() {
            let mut code = boundaries[range];
            while code < boundaries[range + 1] && code < 0x10000 {
                basic_plane[code as usize / 64] |= 1 << (code % 64);
                code += 1;
            }
            range += 2;
        }
        Self { basic_plane, boundaries }
    }

    #[inline]
    fn contains(&self, c: char) -> bool {
        let code = u32::from(c);
        match self.basic_plane.get(code as usize / 64) {
            Some(bits) => bits >> (code % 64) & 1 == 1,
            None => self.boundaries.partition_point(|&boundary| boundary <= code) % 2 == 1,
        }
    }
}

static LETTER: Set = Set::new(&unicode_14::LETTER);
static NUMBER: Set = Set::new(&unicode_14::NUMBER);
static DECIMAL: Set = Set::new(&unicode_14::DECIMAL);
static DIGIT: Set = Set::new(&unicode_14::DIGIT);
static NONSPACING_MARK: Set = Set::new(&unicode_14::NONSPACING_MARK);
static UPPERCASE: Set = Set::new(&unicode_14::UPPERCASE);
static TERMINAL_PUNCTUATION: Set = Set::new(&punctuation::TERMINAL);
static OTHER_PUNCTUATION: Set = Set::new(&punctuation::OTHER);

/// Whether Python's `str.isspace` holds: 29 characters, U+001C to U+001F and U+0085 among them.
#[inline]
pub fn is_space(c: char) -> bool {
    match c {
        '\t'..='\r' | '\x1c'..='\x20' => true,
        _ if c < '\u{85}' => false,
        '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' => true,
        '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => true,
        _ => false,
    }
}

/// Whether Python's `str.isalpha` holds: a letter of any script, no mark and no number.
#[inline]
pub fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { LETTER.contains(c) }
}

/// Whether Python's `str.isalnum` holds: a letter, or a number of any kind (`½`, `Ⅷ`, `²`).
#[inline]
pub fn is_alphanumeric(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { LETTER.contains(c) || NUMBER.contains(c) }
}

/// Whether Python's `str.isdecimal` holds, as does `\d` of its `re`: decimal digits of any script.
#[inline]
pub fn is_decimal(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { DECIMAL.contains(c) }
}

/// Whether Python's `str.isdigit` holds: decimal digits of any script, and digits like `²`.
#[inline]
pub fn is_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { DIGIT.contains(c) }
}

/// Whether the character is a `\w` of Python's `re`: alphanumeric, or `_`; a mark is none.
#[inline]
pub fn is_word(c: char) -> bool {
    c == '_' || is_alphanumeric(c)
}

/// Whether the character is a mark without width of its own (general category Mn): an accent.
#[inline]
pub fn is_nonspacing_mark(c: char) -> bool {
    !c.is_ascii() && NONSPACING_MARK.contains(c)
}

/// Whether Python's `str.isupper` holds for the character: the derived property `Uppercase`.
#[inline]
pub fn is_uppercase(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_uppercase() } else { UPPERCASE.contains(c) }
}

/// Whether the character is in datatrove's `TERMINAL_PUNCTUATION`: sentence-final marks of all
/// scripts, without quotation marks, `…`, `:` and `;`.
#[inline]
pub fn is_terminal_punctuation(c: char) -> bool {
    TERMINAL_PUNCTUATION.contains(c)
}

/// Whether the character is in datatrove's `PUNCTUATION_SET`: ASCII, CJK and sentence-final marks
/// and control characters, but not space, tab and newline.
#[inline]
pub fn is_punctuation(c: char) -> bool {
    OTHER_PUNCTUATION.contains(c) || TERMINAL_PUNCTUATION.contains(c)
}

/// Whether the character is in datatrove's `PUNCTUATION`, which its `simplify_text` takes for white
/// space: of the sentence-final marks only those of ASCII and CJK.
#[inline]
pub fn is_listed_punctuation(c: char) -> bool {
    matches!(c, '!' | '.' | '?' | '。' | '！' | '．' | '？') || OTHER_PUNCTUATION.contains(c)
}

/// What stands for the character where Python's `re.IGNORECASE` compares: its lower case, and one
/// of the few that are alike without being each other's (`ı` and `İ` are `i`, `ſ` is `s`).
pub fn fold_case(c: char) -> char {
    match c {
        _ if c.is_ascii() => c.to_ascii_lowercase(),
        // Nearly all other text: scripts without case, punctuation, ideographs.
        '\u{590}'..='\u{109f}' | '\u{2000}'..='\u{20ff}' => c,
        '\u{2e80}'..='\u{a63f}' | '\u{ac00}'..='\u{faff}' => c,
        'ı' | 'İ' => 'i',
        'ſ' => 's',
        'µ' => 'μ',
        '\u{345}' | '\u{1fbe}' => 'ι',
        '\u{1fd3}' => 'ΐ',
        '\u{1fe3}' => 'ΰ',
        'ϐ' => 'β',
        'ϵ' => 'ε',
        'ϑ' | 'ϴ' => 'θ',
        'ϰ' => 'κ',
        'ϖ' => 'π',
        'ϱ' => 'ρ',
        'ς' => 'σ',
        'ϕ' => 'φ',
        '\u{1c80}' => 'в',
        '\u{1c81}' => 'д',
        '\u{1c82}' => 'о',
        '\u{1c83}' => 'с',
        '\u{1c84}' | '\u{1c85}' => 'т',
        '\u{1c86}' => 'ъ',
        '\u{1c87}' => 'ѣ',
        '\u{1c88}' => 'ꙋ',
        'ẛ' => 'ṡ',
        'ﬅ' => 'ﬆ',
        _ => c.to_lowercase().next().unwrap_or(c),
    }
}

/// Python's `str.strip`: the text without space characters at either end.
pub fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Python's `str.lstrip`.
pub fn strip_start(text: &str) -> &str {
    text.trim_start_matches(is_space)
}

/// Python's `str.rstrip`.
pub fn strip_end(text: &str) -> &str {
    text.trim_end_matches(is_space)
}

/// Python's `len`: the number of code points.
#[inline]
pub fn count(text: &str) -> usize {
    // The standard count pays off from some tens of bytes on; words and most lines are shorter.
    if text.len() < 32 {
        text.bytes().filter(|&byte| (byte as i8) >= -0x40).count()
    } else {
        text.chars().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(class: fn(char) -> bool) -> usize {
        ('\0'..=char::MAX).filter(|&c| class(c)).count()
    }

    #[test]
    fn classes_have_the_sizes_that_python_3_11_counts() {
        assert_eq!(members(is_space), 29);
        assert_eq!(members(is_letter), 131_756);
        assert_eq!(members(is_alphanumeric), 133_547);
        assert_eq!(members(is_decimal), 660);
        assert_eq!(members(is_digit), 788);
        assert_eq!(members(is_nonspacing_mark), 1_950);
        assert_eq!(members(is_uppercase), 1_951);
        assert_eq!(members(is_terminal_punctuation), 159);
        assert_eq!(members(is_punctuation), 281);
        assert_eq!(members(is_listed_punctuation), 129);
    }

    #[test]
    fn classes_are_python_s_where_rust_differs() {
        assert!(is_space('\x1c') && !'\x1c'.is_whitespace());
        assert!(!is_letter('\u{93f}') && '\u{93f}'.is_alphabetic(), "a vowel sign is no letter");
        assert!(!is_letter('Ⅷ') && is_alphanumeric('Ⅷ') && is_uppercase('Ⅷ'));
        assert!(is_decimal('٣') && !is_decimal('²'));
        assert!(is_word('_') && is_word('Ⅷ') && !is_word('\u{93f}'));
        assert!(is_digit('²') && is_alphanumeric('½') && !is_digit('½'));
        assert!(is_letter('中') && is_letter('𠀀') && !is_letter('😀'));
        assert!(!is_letter('\u{10d50}'), "a letter since Unicode 16 only");
    }

    #[test]
    fn punctuation_is_datatrove_s() {
        for c in ".?!。？！؟।‽‼⁇⁈⁉｡．".chars() {
            assert!(is_terminal_punctuation(c) && is_punctuation(c), "{c}");
        }
        for c in "\"'…:;#-*•".chars() {
            assert!(!is_terminal_punctuation(c), "{c}");
        }
        assert!(is_punctuation('…') && is_punctuation('\x0b') && is_punctuation('１'));
        assert!(
            !is_punctuation('\n')
                && !is_punctuation('\t')
                && !is_punctuation(' ')
                && !is_punctuation('•')
        );
    }

    #[test]
    fn letter_case_is_folded_as_python_ignores_it() {
        let folded = |text: &str| text.chars().map(fold_case).collect::<String>();
        assert_eq!(folded("ÀẞΣς İıſ\u{212a} Дᲂᏸ"), "àßσσ iisk доᏸ");
        for c in '\0'..=char::MAX {
            assert_eq!(fold_case(fold_case(c)), fold_case(c), "{c:?}: it stands for itself then");
            let lower = c.to_lowercase().next().unwrap();
            assert_eq!(fold_case(lower), fold_case(c), "{c:?}: its lower case is like it");
        }
    }

    #[test]
    fn stripping_takes_python_s_spaces() {
        assert_eq!(strip("\x1f\u{3000} a b\u{85}\n"), "a b");
        assert_eq!(strip_start(" a "), "a ");
        assert_eq!(strip_end(" a\u{a0}"), " a");
        assert_eq!(strip("\u{200b}"), "\u{200b}", "a zero-width space is no space");
    }

    #[test]
    fn count_is_code_points() {
        assert_eq!(count("añ中😀"), 4);
        assert_eq!(count(&"añ中😀".repeat(20)), 80);
    }
}
