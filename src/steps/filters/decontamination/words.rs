//! The words that are compared, and hashes of runs of them.

use xxhash_rust::xxh3::xxh3_64;

use crate::text::characters::{is_alphanumeric, is_nonspacing_mark};

/// 2⁶¹ − 1, by which it is quick to divide.
const PRIME: u64 = (1 << 61) - 1;
/// Drawn once at random, below [`PRIME`].
const BASE: u64 = 0x1a3c_96e5_27b1_f04d;

/// The words of a text as a run of hashes of its beginnings, from which follow those of its n-grams:
/// the hash of words is a polynomial of their hashes, modulo a prime.
pub(super) struct Words {
    /// The hash of the first *i* words; one entry more than there are words.
    beginnings: Vec<u64>,
}

impl Words {
    /// The words of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut beginnings = Vec::with_capacity(text.len() / 5 + 1);
        beginnings.push(0);
        let mut hash = 0;
        each(text, |word| {
            // No word is 0, so that n-grams of different lengths differ.
            let word = xxh3_64(word.as_bytes()) % (PRIME - 1) + 1;
            hash = add(times(hash, BASE), word);
            beginnings.push(hash);
        });
        Self { beginnings }
    }

    /// Number of words.
    pub(super) fn len(&self) -> usize {
        self.beginnings.len() - 1
    }

    /// The hashes of all n-grams in order; none where there are fewer words.
    pub(super) fn ngrams(&self, n: usize) -> impl Iterator<Item = u64> {
        let power = (0..n).fold(1, |power, _| times(power, BASE));
        let ends = self.beginnings.get(n..).unwrap_or_default();
        let difference = move |(&end, &start): (&u64, &u64)| add(end, PRIME - times(start, power));
        ends.iter().zip(&self.beginnings).map(difference)
    }
}

/// The sum of two numbers up to [`PRIME`], below it.
fn add(a: u64, b: u64) -> u64 {
    let sum = a + b;
    if sum >= PRIME { sum - PRIME } else { sum }
}

/// The product of two numbers below [`PRIME`], below it.
fn times(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    add(product as u64 & PRIME, (product >> 61) as u64)
}

/// Passes each word on, in lower case.
pub(super) fn each(text: &str, mut pass: impl FnMut(&str)) {
    let mut word = String::new();
    let mut end = |word: &mut String| {
        if !word.is_empty() {
            pass(word);
            word.clear();
        }
    };
    for c in text.chars() {
        match c {
            'a'..='z' | '0'..='9' => word.push(c),
            'A'..='Z' => word.push(c.to_ascii_lowercase()),
            '\'' => {}
            _ if c.is_ascii() => end(&mut word),
            // Apostrophes, hyphens that are seen at line ends alone, and what has no width.
            '’' | '‘' | 'ʼ' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => {
            }
            // A mark on nothing, or on a letter that is a word by itself, does not count.
            _ if is_nonspacing_mark(c) && word.is_empty() => {}
            _ if is_nonspacing_mark(c) => word.push(c),
            // Vowel signs are letters to Rust, and not to Python.
            _ if !is_alphanumeric(c) && !c.is_alphanumeric() => end(&mut word),
            _ if is_unspaced(c) => {
                end(&mut word);
                word.push(c);
                end(&mut word);
            }
            _ => word.extend(c.to_lowercase()),
        }
    }
    end(&mut word);
}

/// Whether a letter is of a script that is written without spaces.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' // Burmese, Khmer
        | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' // kana
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        each(text, |word| words.push(word.to_owned()));
        words
    }

    #[test]
    fn words_are_letters_and_digits_in_lower_case() {
        assert_eq!(
            words("Don't – DON’T; 1,000 state-of-the-art_x"),
            ["dont", "dont", "1", "000", "state", "of", "the", "art", "x"]
        );
        assert_eq!(words(" co\u{ad}operate\n\nÉTÉ…e\u{301}"), ["cooperate", "été", "e\u{301}"]);
        assert_eq!(words("हिन्दी में"), ["हिन्दी", "में"]);
        assert_eq!(words("日本語ab カナ ไทย"), ["日", "本", "語", "ab", "カ", "ナ", "ไ", "ท", "ย"]);
        assert_eq!(words("ก่ ข้"), ["ก", "ข"]);
        assert_eq!(words("'!' \u{200b}"), [""; 0]);
    }

    proptest! {
        #[test]
        fn ngrams_have_one_hash_wherever_they_stand(
            before in "[ab ]{0,8}", ngram in "[ab]( [ab]){0,5}", after in "( [ab]){0,5}",
        ) {
            let text = format!("{before} {ngram}{after}");
            let (start, n) = (words(&before).len(), words(&ngram).len());
            let alone: Vec<u64> = Words::of(&ngram).ngrams(n).collect();
            prop_assert_eq!(alone.len(), 1);
            prop_assert_eq!(Words::of(&text).ngrams(n).nth(start), Some(alone[0]));
            prop_assert!(alone[0] < PRIME);
        }

        #[test]
        fn different_ngrams_have_different_hashes(
            one in "[ab]{1,2}( [ab]{1,2}){0,4}", other in "[ab]{1,2}( [ab]{1,2}){0,4}",
        ) {
            let hash = |text: &str| Words::of(text).ngrams(words(text).len()).next();
            prop_assert_eq!(hash(&one) == hash(&other), one == other);
        }
    }
}
