//! What the text of a block looks like: counts of its words, letters and marks.

use super::blocks::Block;

/// Counts over the text of one block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Measures {
    /// Words: runs of letters and digits, or single characters of scripts without spaces.
    pub(super) words: u32,
    /// Of them characters of scripts without spaces (Han, Kana, Thai, …).
    pub(super) unspaced: u32,
    /// Characters without white space.
    pub(super) chars: u32,
    /// Letters with a case.
    pub(super) cased: u32,
    /// Upper-case letters.
    pub(super) upper: u32,
    /// Words that start in upper case.
    pub(super) capitalised: u32,
    /// Words of at most three letters in lower case: mostly function words.
    pub(super) short_lower: u32,
    /// Digits.
    pub(super) digits: u32,
    /// Marks that end sentences.
    pub(super) stops: u32,
    /// Commas and semicolons.
    pub(super) commas: u32,
    /// Other characters that are neither letters nor digits.
    pub(super) symbols: u32,
    /// Characters beyond ASCII.
    pub(super) beyond_ascii: u32,
    /// The first character.
    pub(super) first: char,
    /// The last character that is no closing quote or bracket.
    pub(super) last: char,
    /// Hash of its words in lower case, in order.
    pub(super) hash: u64,
}

/// A hash of a word in lower case.
pub(super) type WordHash = u32;

const EMPTY_WORD: WordHash = 0x811C_9DC5;

fn hash_char(hash: WordHash, character: u32) -> WordHash {
    (hash ^ character).wrapping_mul(0x0100_0193)
}

/// The hash under which a word is known; `word` in lower case.
pub(super) fn word_hash(word: &str) -> WordHash {
    word.chars().fold(EMPTY_WORD, |hash, character| hash_char(hash, character as u32))
}

/// Whether a character is of a script that is written without spaces between words.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c as u32,
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x31F0..=0x31FF
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x2FA1F)
}

/// A word in the making.
#[derive(Clone, Copy)]
struct Word {
    hash: WordHash,
    letters: u32,
    starts_upper: bool,
    all_lower: bool,
}

const NO_WORD: Word = Word { hash: EMPTY_WORD, letters: 0, starts_upper: false, all_lower: true };

impl Measures {
    /// Measures a text and passes on the hash of each word.
    pub(super) fn of(text: &str, mut each_word: impl FnMut(WordHash)) -> Self {
        let mut m = Self { first: ' ', last: ' ', ..Self::default() };
        let mut word = NO_WORD;
        for c in text.chars() {
            if c.is_ascii_lowercase() {
                word.hash = hash_char(word.hash, c as u32);
                word.letters += 1;
                m.cased += 1;
                m.chars += 1;
                m.last = c;
                if m.chars == 1 {
                    m.first = c;
                }
                continue;
            }
            if c == ' ' || c.is_whitespace() {
                m.end_word(&mut word, &mut each_word);
                continue;
            }
            m.chars += 1;
            if m.chars == 1 {
                m.first = c;
            }
            if !matches!(c, '"' | '\'' | ')' | ']' | '”' | '’' | '»' | '」') {
                m.last = c;
            }
            if c.is_ascii() {
                m.ascii(c, &mut word, &mut each_word);
            } else {
                m.beyond_ascii(c, &mut word, &mut each_word);
            }
        }
        m.end_word(&mut word, &mut each_word);
        m
    }

    fn ascii(&mut self, c: char, word: &mut Word, each_word: &mut impl FnMut(WordHash)) {
        match c {
            'A'..='Z' => self.letter(c.to_ascii_lowercase(), true, true, word),
            '0'..='9' => {
                self.digits += 1;
                word.hash = hash_char(word.hash, c as u32);
                word.letters += 1;
                word.all_lower = false;
            }
            '\'' if word.letters > 0 => {}
            _ => {
                self.end_word(word, each_word);
                match c {
                    '.' | '!' | '?' => self.stops += 1,
                    ',' | ';' => self.commas += 1,
                    _ => self.symbols += 1,
                }
            }
        }
    }

    fn beyond_ascii(&mut self, c: char, word: &mut Word, each_word: &mut impl FnMut(WordHash)) {
        self.beyond_ascii += 1;
        if is_unspaced(c) {
            self.end_word(word, each_word);
            self.unspaced += 1;
            self.words += 1;
            each_word(hash_char(EMPTY_WORD, c as u32));
        } else if c.is_alphanumeric() {
            let upper = c.is_uppercase();
            let lower = c.to_lowercase().next().unwrap_or(c);
            self.letter(lower, upper, upper || c.is_lowercase(), word);
        } else if c == '’' && word.letters > 0 {
        } else {
            self.end_word(word, each_word);
            match c {
                '。' | '！' | '？' | '…' | '؟' | '।' | '۔' => self.stops += 1,
                '，' | '、' | '；' | '،' => self.commas += 1,
                _ => self.symbols += 1,
            }
        }
    }

    fn letter(&mut self, lower: char, upper: bool, cased: bool, word: &mut Word) {
        self.cased += u32::from(cased);
        self.upper += u32::from(upper);
        word.starts_upper |= upper && word.letters == 0;
        word.all_lower &= !upper;
        word.hash = hash_char(word.hash, lower as u32);
        word.letters += 1;
    }

    fn end_word(&mut self, word: &mut Word, each_word: &mut impl FnMut(WordHash)) {
        if word.letters == 0 {
            return;
        }
        self.words += 1;
        self.capitalised += u32::from(word.starts_upper);
        self.short_lower += u32::from(word.all_lower && word.letters <= 3);
        self.hash =
            (self.hash.rotate_left(5) ^ u64::from(word.hash)).wrapping_mul(0x517C_C1B7_2722_0A95);
        each_word(word.hash);
        *word = NO_WORD;
    }

    /// The share of the characters that are part of links, 0 to 1.
    pub(super) fn linked_share(text_bytes: usize, block: &Block) -> f32 {
        (block.linked_bytes as f32 / text_bytes.max(1) as f32).min(1.0)
    }
}
