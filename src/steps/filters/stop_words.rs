//! Stop words: the frequent small words of a language, whose absence shows that a text is none.

use rustc_hash::FxHashMap;

/// Longest stop word in bytes: words are put into lower case in a buffer of this size.
pub(crate) const MAX_BYTES: usize = 64;

/// A list of stop words.
#[derive(Debug, Clone)]
pub(crate) struct StopWords {
    numbers: FxHashMap<Box<str>, usize>,
    longest_bytes: usize,
}

impl StopWords {
    /// The list; of equal words one counts. Words longer than [`MAX_BYTES`] are never found.
    pub(crate) fn new(words: &[String]) -> Self {
        let mut numbers = FxHashMap::default();
        for word in words {
            let next = numbers.len();
            numbers.entry(word.as_str().into()).or_insert(next);
        }
        let longest_bytes = words.iter().map(String::len).max().unwrap_or(0).min(MAX_BYTES);
        Self { numbers, longest_bytes }
    }

    /// Number of different words.
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The number of a stop word, below [`StopWords::len`], as it is written.
    #[inline]
    pub(crate) fn find(&self, word: &str) -> Option<usize> {
        if word.len() > self.longest_bytes {
            return None;
        }
        self.numbers.get(word).copied()
    }

    /// Whether the word in lower case is a stop word.
    #[inline]
    pub(crate) fn contains_lowercase(&self, word: &str) -> bool {
        // No word in lower case is shorter than a third of what it was made of.
        if word.len() > 3 * self.longest_bytes {
            return false;
        }
        let mut buffer = [0; MAX_BYTES];
        let mut length = 0;
        for c in word.chars().flat_map(char::to_lowercase) {
            let Some(rest) = buffer.get_mut(length..length + c.len_utf8()) else { return false };
            c.encode_utf8(rest);
            length += c.len_utf8();
        }
        std::str::from_utf8(&buffer[..length]).is_ok_and(|word| self.find(word).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_found_as_written_or_in_any_case() {
        let stop_words = StopWords::new(&["the".into(), "été".into(), "the".into()]);
        assert_eq!(stop_words.len(), 2);
        assert_eq!(stop_words.find("the"), Some(0));
        assert_eq!(stop_words.find("The"), None);
        assert!(stop_words.contains_lowercase("ÉTÉ") && stop_words.contains_lowercase("tHe"));
        assert!(!stop_words.contains_lowercase("then"));
        assert!(!stop_words.contains_lowercase(&"É".repeat(90)));
    }
}
