//! The character classes that the English rules speak of, as one byte of flags per character.
//!
//! The classes follow spaCy 3.8 (`char_classes.py`), which lists them by hand: "letters" are the
//! scripts it knows, and "icons" are the symbols (category So) of Unicode 11.

/// A letter of a cased script in lower case, or any letter of an uncased script.
pub(super) const LOWER: u8 = 1;
/// A letter of a cased script in upper case, or any letter of an uncased script.
pub(super) const UPPER: u8 = 1 << 1;
/// A letter; titlecase digraphs are letters, but neither lower nor upper.
pub(super) const ALPHA: u8 = 1 << 2;
/// A quotation mark, in a wide sense: backticks, acute accents and CJK brackets count, the comma too.
pub(super) const QUOTE: u8 = 1 << 3;
/// A symbol such as ©, an arrow, a box-drawing character or an emoji.
pub(super) const ICON: u8 = 1 << 4;
/// Punctuation that is split off at either end of a chunk.
pub(super) const PUNCT: u8 = 1 << 5;
/// A one-character currency sign.
pub(super) const CURRENCY: u8 = 1 << 6;
/// White space as Python's `str.isspace` has it: Unicode's and the four separators U+001C..=U+001F.
pub(super) const SPACE: u8 = 1 << 7;

// The angle brackets U+2329 and U+232A are escaped: normalisation would make CJK brackets of them.
const QUOTES: &str = "\"',`«´»‘’‚“”„\u{2329}\u{232A}⟦⟧〈〉《》「」『』【】〔〕（）";
const PUNCTS: &str = "…,:;!?¿؟¡()[]{}<>_#*&。？！，、；：～·।،۔؛٪";
const CURRENCIES: &str = "$£¥฿﷼";

/// Cased letters: Latin with its extensions, Greek, and the Cyrillic of Russian, Tatar, Ukrainian
/// and Macedonian. Their case is Unicode's, apart from [`ODD_CASES`].
#[rustfmt::skip]
const CASED: &[(u32, u32)] = &[
    (0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x1BF), (0x1C4, 0x2AF),
    (0x386, 0x386), (0x388, 0x38A), (0x38C, 0x38C), (0x38E, 0x38F), (0x391, 0x3A9),
    (0x3AC, 0x3AF), (0x3B1, 0x3C9), (0x3CC, 0x3CE), (0x400, 0x401), (0x403, 0x40A),
    (0x40C, 0x40D), (0x410, 0x451), (0x453, 0x45A), (0x45C, 0x45D), (0x490, 0x491),
    (0x496, 0x497), (0x4A2, 0x4A3), (0x4AE, 0x4AF), (0x4BA, 0x4BB), (0x4D8, 0x4D9),
    (0x4E8, 0x4E9), (0x1D00, 0x1D25), (0x1D6B, 0x1D77), (0x1D79, 0x1D9A), (0x1E00, 0x1EFF),
    (0x2C60, 0x2C7B), (0x2C7E, 0x2C7F), (0xA722, 0xA76F), (0xA771, 0xA787), (0xA78B, 0xA78E),
    (0xA790, 0xA7B9), (0xA7FA, 0xA7FA), (0xAB30, 0xAB5A), (0xAB60, 0xAB64), (0xFF21, 0xFF3A),
    (0xFF41, 0xFF5A),
];

/// Two letters that recent Unicode calls caseless and the list lower, and an unassigned point inside
/// Greek's capitals.
const ODD_CASES: [(u32, u8); 3] = [(0x294, LOWER), (0x295, LOWER), (0x3A2, UPPER)];

/// Uncased scripts: Hebrew, Arabic and Persian, Devanagari, Bengali, Tamil, Telugu, Kannada,
/// Sinhala, Hangul, Ethiopic, kana and CJK, with the punctuation of their blocks.
#[rustfmt::skip]
const UNCASED: &[(u32, u32)] = &[
    (0x591, 0x5F4), (0x620, 0x64A), (0x66E, 0x6D5), (0x6E5, 0x6FF), (0x750, 0x77F),
    (0x8A0, 0x8BD), (0x900, 0x9FF), (0xB80, 0xCFF), (0xD80, 0xDFF), (0x1100, 0x137F),
    (0x2E80, 0x2FDF), (0x2FF0, 0x30FF), (0x31C0, 0x31EF), (0x3200, 0x4DBF), (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0xFB1D, 0xFBB1), (0xFBD3, 0xFD3D), (0xFD50, 0xFDC7),
    (0xFDF0, 0xFDFB), (0xFE30, 0xFE4F), (0xFE70, 0xFEFC), (0x1EE00, 0x1EEBB),
    (0x1F200, 0x1F2FF), (0x20000, 0x2A6DF), (0x2A700, 0x2EBEF), (0x2F800, 0x2FA1F),
];

/// Symbols, inclusive ranges in order.
#[rustfmt::skip]
const ICONS: &[(u32, u32)] = &[
    (0xA6, 0xA6), (0xA9, 0xA9), (0xAE, 0xAE), (0xB0, 0xB0), (0x482, 0x482), (0x58D, 0x58E),
    (0x60E, 0x60F), (0x6DE, 0x6DE), (0x6E9, 0x6E9), (0x6FD, 0x6FE), (0x7F6, 0x7F6), (0x9FA, 0x9FA),
    (0xB70, 0xB70), (0xBF3, 0xBF8), (0xBFA, 0xBFA), (0xC7F, 0xC7F), (0xD4F, 0xD4F), (0xD79, 0xD79),
    (0xF01, 0xF03), (0xF13, 0xF13), (0xF15, 0xF17), (0xF1A, 0xF1F), (0xF34, 0xF34), (0xF36, 0xF36),
    (0xF38, 0xF38), (0xFBE, 0xFC5), (0xFC7, 0xFCC), (0xFCE, 0xFCF), (0xFD5, 0xFD8),
    (0x109E, 0x109F), (0x1390, 0x1399), (0x1940, 0x1940), (0x19DE, 0x19FF), (0x1B61, 0x1B6A),
    (0x1B74, 0x1B7C), (0x2100, 0x2101), (0x2103, 0x2106), (0x2108, 0x2109), (0x2114, 0x2114),
    (0x2116, 0x2117), (0x211E, 0x2123), (0x2125, 0x2125), (0x2127, 0x2127), (0x2129, 0x2129),
    (0x212E, 0x212E), (0x213A, 0x213B), (0x214A, 0x214A), (0x214C, 0x214D), (0x214F, 0x214F),
    (0x218A, 0x218B), (0x2195, 0x2199), (0x219C, 0x219F), (0x21A1, 0x21A2), (0x21A4, 0x21A5),
    (0x21A7, 0x21AD), (0x21AF, 0x21CD), (0x21D0, 0x21D1), (0x21D3, 0x21D3), (0x21D5, 0x21F3),
    (0x2300, 0x2307), (0x230C, 0x231F), (0x2322, 0x2328), (0x232B, 0x237B), (0x237D, 0x239A),
    (0x23B4, 0x23DB), (0x23E2, 0x2426), (0x2440, 0x244A), (0x249C, 0x24E9), (0x2500, 0x25B6),
    (0x25B8, 0x25C0), (0x25C2, 0x25F7), (0x2600, 0x266E), (0x2670, 0x2767), (0x2794, 0x27BF),
    (0x2800, 0x28FF), (0x2B00, 0x2B2F), (0x2B45, 0x2B46), (0x2B4D, 0x2B73), (0x2B76, 0x2B95),
    (0x2B98, 0x2BC8), (0x2BCA, 0x2BFE), (0x2CE5, 0x2CEA), (0x2E80, 0x2E99), (0x2E9B, 0x2EF3),
    (0x2F00, 0x2FD5), (0x2FF0, 0x2FFB), (0x3004, 0x3004), (0x3012, 0x3013), (0x3020, 0x3020),
    (0x3036, 0x3037), (0x303E, 0x303F), (0x3190, 0x3191), (0x3196, 0x319F), (0x31C0, 0x31E3),
    (0x3200, 0x321E), (0x322A, 0x3247), (0x3250, 0x3250), (0x3260, 0x327F), (0x328A, 0x32B0),
    (0x32C0, 0x32FE), (0x3300, 0x33FF), (0x4DC0, 0x4DFF), (0xA490, 0xA4C6), (0xA828, 0xA82B),
    (0xA836, 0xA837), (0xA839, 0xA839), (0xAA77, 0xAA79), (0xFDFD, 0xFDFD), (0xFFE4, 0xFFE4),
    (0xFFE8, 0xFFE8), (0xFFED, 0xFFEE), (0xFFFC, 0xFFFD), (0x10137, 0x1013F), (0x10179, 0x10189),
    (0x1018C, 0x1018E), (0x10190, 0x1019B), (0x101A0, 0x101A0), (0x101D0, 0x101FC),
    (0x10877, 0x10878), (0x10AC8, 0x10AC8), (0x1173F, 0x1173F), (0x16B3C, 0x16B3F),
    (0x16B45, 0x16B45), (0x1BC9C, 0x1BC9C), (0x1D000, 0x1D0F5), (0x1D100, 0x1D126),
    (0x1D129, 0x1D164), (0x1D16A, 0x1D16C), (0x1D183, 0x1D184), (0x1D18C, 0x1D1A9),
    (0x1D1AE, 0x1D1E8), (0x1D200, 0x1D241), (0x1D245, 0x1D245), (0x1D300, 0x1D356),
    (0x1D800, 0x1D9FF), (0x1DA37, 0x1DA3A), (0x1DA6D, 0x1DA74), (0x1DA76, 0x1DA83),
    (0x1DA85, 0x1DA86), (0x1ECAC, 0x1ECAC), (0x1F000, 0x1F02B), (0x1F030, 0x1F093),
    (0x1F0A0, 0x1F0AE), (0x1F0B1, 0x1F0BF), (0x1F0C1, 0x1F0CF), (0x1F0D1, 0x1F0F5),
    (0x1F110, 0x1F16B), (0x1F170, 0x1F1AC), (0x1F1E6, 0x1F202), (0x1F210, 0x1F23B),
    (0x1F240, 0x1F248), (0x1F250, 0x1F251), (0x1F260, 0x1F265), (0x1F300, 0x1F3FA),
    (0x1F400, 0x1F6D4), (0x1F6E0, 0x1F6EC), (0x1F6F0, 0x1F6F9), (0x1F700, 0x1F773),
    (0x1F780, 0x1F7D8), (0x1F800, 0x1F80B), (0x1F810, 0x1F847), (0x1F850, 0x1F859),
    (0x1F860, 0x1F887), (0x1F890, 0x1F8AD), (0x1F900, 0x1F90B), (0x1F910, 0x1F93E),
    (0x1F940, 0x1F970), (0x1F973, 0x1F976), (0x1F97A, 0x1F97A), (0x1F97C, 0x1F9A2),
    (0x1F9B0, 0x1F9B9), (0x1F9C0, 0x1F9C2), (0x1F9D0, 0x1F9FF), (0x1FA60, 0x1FA6D),
];

/// The flags of every character.
pub(super) struct Classes {
    /// Flags of the basic plane, by code point.
    basic: Box<[u8]>,
}

impl Classes {
    pub(super) fn build() -> Self {
        let mut basic = vec![0u8; 1 << 16].into_boxed_slice();
        for code in 0..1u32 << 16 {
            let Some(c) = char::from_u32(code) else { continue };
            let mut class = ranged_flags(code);
            if c.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&c) {
                class |= SPACE;
            }
            if contains(CASED, code) {
                class |= ALPHA;
                class |= if c.is_uppercase() { UPPER } else { 0 };
                class |= if c.is_lowercase() { LOWER } else { 0 };
            }
            basic[code as usize] = class;
        }
        // The block of currency signs up to the bitcoin sign belongs to the list as a whole.
        let currencies = CURRENCIES.chars().chain('\u{20A0}'..='\u{20BF}').map(|c| (c, CURRENCY));
        let quotes = QUOTES.chars().map(|c| (c, QUOTE));
        let puncts = PUNCTS.chars().map(|c| (c, PUNCT));
        for (c, flag) in currencies.chain(quotes).chain(puncts) {
            basic[c as usize] |= flag;
        }
        for (code, flag) in ODD_CASES {
            basic[code as usize] |= flag;
        }
        Self { basic }
    }

    /// The flags of `c`.
    #[inline]
    pub(super) fn of(&self, c: char) -> u8 {
        match self.basic.get(c as usize) {
            Some(&flags) => flags,
            None => ranged_flags(c as u32),
        }
    }

    /// The flags of the ASCII character `byte`.
    #[inline]
    pub(super) fn of_ascii(&self, byte: u8) -> u8 {
        self.basic[byte as usize]
    }

    /// Whether `c` has any of `flags`.
    #[inline]
    pub(super) fn is(&self, c: char, flags: u8) -> bool {
        self.of(c) & flags != 0
    }
}

/// Flags that depend on ranges alone: all that characters beyond the basic plane have.
fn ranged_flags(code: u32) -> u8 {
    let uncased = if contains(UNCASED, code) { LOWER | UPPER | ALPHA } else { 0 };
    let icon = if contains(ICONS, code) { ICON } else { 0 };
    uncased | icon
}

/// Whether `code` is in one of `ranges`: inclusive, disjoint and in order.
pub(super) fn contains(ranges: &[(u32, u32)], code: u32) -> bool {
    let after = ranges.partition_point(|&(first, _)| first <= code);
    after > 0 && code <= ranges[after - 1].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_quotes_and_symbols_are_told_apart() {
        let classes = Classes::build();
        for (c, flags) in [
            ('a', LOWER | ALPHA),
            ('Ż', UPPER | ALPHA),
            ('ǅ', ALPHA),
            ('ж', LOWER | ALPHA),
            ('木', LOWER | UPPER | ALPHA),
            ('𠀀', LOWER | UPPER | ALPHA),
            ('7', 0),
            ('ª', 0),
            (',', QUOTE | PUNCT),
            ('’', QUOTE),
            ('…', PUNCT),
            ('$', CURRENCY),
            ('₹', CURRENCY),
            ('™', ICON),
            ('😀', ICON),
            ('%', 0),
            ('\u{1F}', SPACE),
            ('\u{A0}', SPACE),
            ('\u{200B}', 0),
        ] {
            assert_eq!(classes.of(c), flags, "{c:?}");
        }
    }

    #[test]
    fn range_tables_are_in_order_and_disjoint() {
        for ranges in [CASED, UNCASED, ICONS] {
            assert!(ranges.iter().all(|(first, last)| first <= last));
            assert!(ranges.windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
    }
}
