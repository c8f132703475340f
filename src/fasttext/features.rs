//! Text → rows of the input matrix: words, their character n-grams, and word n-grams.

use super::cache::WordCache;
use super::dictionary::{Dictionary, LABEL_PREFIX};
use super::hashing::{Modulus, fnv, fnv_start, fnv_step, mix_word, widen};
use super::header::Header;

/// The token that ends a line; in a text it hides what follows.
const END_OF_LINE: &[u8] = b"</s>";

/// How a model turns text into rows.
#[derive(Debug)]
pub(super) struct Features {
    pub(super) dictionary: Dictionary,
    min_chars: u32,
    max_chars: u32,
    word_ngrams: usize,
    bucket: Modulus,
    /// The digest of the model, if words and their rows are remembered from text to text.
    cached: Option<String>,
}

/// Buffers of [`Features::each_row`], kept from text to text.
#[derive(Debug, Default)]
pub(super) struct FeatureScratch {
    /// The hash of every word of the text, if word n-grams are used.
    hashes: Vec<u32>,
    /// A word between its marks `<` and `>`.
    marked: Vec<u8>,
    /// Buckets of n-grams that are still to be looked up.
    buckets: Vec<u32>,
    /// The rows of a word that are to be remembered.
    rows: Vec<u32>,
    /// Words of a pruned model with character n-grams.
    cache: WordCache,
}

/// N-grams are hashed and looked up in batches of about this many: the two kinds of work run
/// faster apart than in turns.
const BATCH_NGRAMS: usize = 512;

impl Features {
    /// `digest` tells this model from others.
    pub(super) fn new(header: &Header, dictionary: Dictionary, digest: &str) -> Self {
        let is_cached = header.max_chars > 0 && dictionary.is_pruned();
        Self {
            cached: is_cached.then(|| digest.to_owned()),
            dictionary,
            min_chars: header.min_chars,
            max_chars: header.max_chars,
            word_ngrams: header.word_ngrams as usize,
            bucket: Modulus::new(header.bucket),
        }
    }

    /// Calls `emit` with every row of the text, in the order of the reference.
    ///
    /// The text is one line: line ends in it are white space, and the end-of-line token follows
    /// its last word.
    pub(super) fn each_row(
        &self,
        text: &str,
        scratch: &mut FeatureScratch,
        mut emit: impl FnMut(u32),
    ) {
        scratch.hashes.clear();
        if let Some(digest) = &self.cached {
            scratch.cache.set_model(digest);
        }
        let mut ended = false;
        for token in tokens(text.as_bytes()) {
            self.token_rows(token, scratch, &mut emit);
            if token == END_OF_LINE {
                ended = true;
                break;
            }
        }
        if !ended {
            self.token_rows(END_OF_LINE, scratch, &mut emit);
        }
        self.word_ngram_rows(scratch, &mut emit);
    }

    #[inline]
    fn token_rows(&self, token: &[u8], scratch: &mut FeatureScratch, emit: &mut impl FnMut(u32)) {
        let hash = fnv(token);
        if self.cached.is_some()
            && let Some(rows) = scratch.cache.rows(token, hash)
        {
            rows.iter().for_each(|&row| emit(row));
        } else {
            let id = self.dictionary.id(token, hash);
            let is_label = match id {
                Some(id) => id >= self.dictionary.word_count(),
                None => token.starts_with(LABEL_PREFIX.as_bytes()),
            };
            if is_label {
                return;
            }
            let FeatureScratch { marked, buckets, rows, cache, .. } = scratch;
            if self.cached.is_some() && WordCache::takes(token) {
                rows.clear();
                self.word_rows(token, id, marked, buckets, &mut |row| rows.push(row));
                cache.remember(token, hash, rows);
                rows.iter().for_each(|&row| emit(row));
            } else {
                self.word_rows(token, id, marked, buckets, emit);
            }
        }
        if self.word_ngrams > 1 {
            scratch.hashes.push(hash);
        }
    }

    /// Rows of one word: its own, if it is known, then those of its character n-grams.
    fn word_rows(
        &self,
        token: &[u8],
        id: Option<u32>,
        marked: &mut Vec<u8>,
        buckets: &mut Vec<u32>,
        emit: &mut impl FnMut(u32),
    ) {
        if let Some(id) = id {
            emit(id);
        }
        if self.max_chars > 0 && token != END_OF_LINE {
            marked.clear();
            marked.push(b'<');
            marked.extend_from_slice(token);
            marked.push(b'>');
            self.char_ngram_rows(marked, buckets, emit);
        }
    }

    /// Rows of the n-grams of a marked word; each mark alone is not one of them.
    fn char_ngram_rows(&self, marked: &[u8], buckets: &mut Vec<u32>, emit: &mut impl FnMut(u32)) {
        buckets.clear();
        for start in 0..marked.len() {
            if is_continuation(marked[start]) {
                continue;
            }
            let mut hash = fnv_start();
            let mut end = start;
            for chars in 1..=self.max_chars {
                if end == marked.len() {
                    break;
                }
                hash = fnv_step(hash, marked[end]);
                end += 1;
                while end < marked.len() && is_continuation(marked[end]) {
                    hash = fnv_step(hash, marked[end]);
                    end += 1;
                }
                let is_mark = chars == 1 && (start == 0 || end == marked.len());
                if chars >= self.min_chars && !is_mark {
                    buckets.push(self.bucket.of(hash));
                }
            }
            if buckets.len() >= BATCH_NGRAMS {
                self.dictionary.each_ngram_row(buckets, emit);
                buckets.clear();
            }
        }
        self.dictionary.each_ngram_row(buckets, emit);
    }

    fn word_ngram_rows(&self, scratch: &mut FeatureScratch, emit: &mut impl FnMut(u32)) {
        let FeatureScratch { hashes, buckets, .. } = scratch;
        buckets.clear();
        for (start, &first) in hashes.iter().enumerate() {
            let mut ngram = widen(first);
            for &next in hashes[start + 1..].iter().take(self.word_ngrams.saturating_sub(1)) {
                ngram = mix_word(ngram, next);
                buckets.push(self.bucket.of_wide(ngram));
            }
            if buckets.len() >= BATCH_NGRAMS {
                self.dictionary.each_ngram_row(buckets, emit);
                buckets.clear();
            }
        }
        self.dictionary.each_ngram_row(buckets, emit);
    }
}

/// Whether a byte continues a UTF-8 character.
fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// The white space of fastText: of Unicode's it knows only ASCII's, and NUL is part of it.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | 0)
}

fn tokens(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| is_space(byte)).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_at_ascii_white_space_and_nul_alone() {
        let text = "a\tb\nc\x0bd\x0ce\rf\0g  h\u{a0}i\u{3000}j\u{85}k\u{1c}l";
        let words: Vec<&[u8]> = tokens(text.as_bytes()).collect();
        let expected = ["a", "b", "c", "d", "e", "f", "g", "h\u{a0}i\u{3000}j\u{85}k\u{1c}l"];
        assert_eq!(words, expected.map(str::as_bytes));
        assert_eq!(tokens(b" \n\0").count(), 0);
    }
}
