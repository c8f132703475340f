//! Tokens, F1, and which tokens of a page are those of its gold text.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

/// Scripts that are written without spaces between words: each character is a token.
const UNSPACED: &str =
    r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}";

static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"[\w&&[{UNSPACED}]]\p{{M}}*|[\w--[{UNSPACED}]]+")).unwrap()
});

/// The tokens of a text, in lower case: runs of letters, marks, digits and connectors, or single
/// characters of scripts without spaces.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    TOKEN.find_iter(&lower).map(|token| token.as_str().to_owned()).collect()
}

/// F1 of the multisets of two texts' tokens; 1 where both have none.
pub(crate) fn f1(text: &str, gold: &str) -> f64 {
    let (text, gold) = (tokens(text), tokens(gold));
    if text.is_empty() && gold.is_empty() {
        return 1.0;
    }
    let mut counts: HashMap<&str, i64> = HashMap::new();
    for token in &gold {
        *counts.entry(token).or_default() += 1;
    }
    let mut common = 0_u32;
    for token in &text {
        if let Some(count) = counts.get_mut(token.as_str())
            && *count > 0
        {
            *count -= 1;
            common += 1;
        }
    }
    2.0 * f64::from(common) / (text.len() + gold.len()) as f64
}

/// Which tokens of a page are part of a longest common subsequence with its gold text.
///
/// Rows of the table of lengths are bits (a zero where the length grows), so that a page of n
/// tokens with a gold text of m takes n × m / 64 steps.
pub(crate) fn aligned(page: &[String], gold: &[String]) -> Vec<bool> {
    let width = gold.len().div_ceil(64).max(1);
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, token) in gold.iter().enumerate() {
        places.entry(token).or_default().push(place);
    }
    let mut rows = vec![!0_u64; width];
    rows.reserve(page.len() * width);
    let mut mask = vec![0_u64; width];
    for token in page {
        let places = places.get(token.as_str()).map_or(&[][..], Vec::as_slice);
        places.iter().for_each(|place| mask[place / 64] |= 1 << (place % 64));
        let above = rows.len() - width;
        let mut carry = 0;
        for word in 0..width {
            let row = rows[above + word];
            let matches = row & mask[word];
            let (sum, over) = row.overflowing_add(matches);
            let (sum, over_carry) = sum.overflowing_add(carry);
            carry = u64::from(over | over_carry);
            rows.push(sum | row & !mask[word]);
        }
        places.iter().for_each(|place| mask[place / 64] = 0);
    }
    let grows = |row: usize, place: usize| rows[row * width + place / 64] >> (place % 64) & 1 == 0;
    let mut is_gold = vec![false; page.len()];
    let (mut place, mut row) = (gold.len(), page.len());
    while place > 0 && row > 0 {
        if !grows(row, place - 1) {
            place -= 1;
        } else if grows(row - 1, place - 1) {
            row -= 1;
        } else {
            is_gold[row - 1] = true;
            (place, row) = (place - 1, row - 1);
        }
    }
    is_gold
}
