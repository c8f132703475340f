//! Texts as the pieces of a `tokenizer.json`, for steps that look pieces up by their spelling.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value as Json;
use tokenizers::{NormalizedString, Normalizer, Tokenizer};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::steps::Build;
use crate::text::characters::strip;

/// A tokenizer that gives pieces as SentencePiece writes them.
pub(super) struct Pieces {
    tokenizer: Tokenizer,
    /// The number of the piece that stands for what a Unigram model does not know.
    unknown: Option<u32>,
    /// Whether a table of SentencePiece's normalises texts. Hugging Face's library puts characters
    /// to it one by one, so that Korean syllables written in parts stay apart.
    has_table: bool,
}

impl Pieces {
    /// Reads a `tokenizer.json`; `None` after a fault.
    pub(super) fn load(key: &'static str, path: &Path, build: &mut Build<'_>) -> Option<Self> {
        let (tokenizer, json) = build.tokenizer(key, path)?;
        let (unknown, has_table) = (unknown_of_unigram(&json), has_table(&json));
        Some(Self { tokenizer, unknown, has_table })
    }

    /// The pieces of a text between spaces; `None` where the tokenizer has none for a part of it.
    pub(super) fn joined(&self, text: &str) -> Option<String> {
        let text = self.as_sentencepiece_reads(text);
        let encoding = self.tokenizer.encode(&*text, false).ok()?;
        let mut joined = String::with_capacity(text.len() * 2);
        let pieces = encoding.get_ids().iter().zip(encoding.get_tokens());
        for ((id, piece), &(start, end)) in pieces.zip(encoding.get_offsets()) {
            joined.push(' ');
            match text.get(start..end).filter(|_| self.unknown == Some(*id)) {
                Some(spelling) => joined.push_str(&self.normalized(spelling)?),
                None => joined.push_str(piece),
            }
        }
        Some(joined)
    }

    /// SentencePiece composes what its table is put to, and gives no piece for spaces at either end.
    fn as_sentencepiece_reads<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match (self.has_table, strip(text)) {
            (false, _) => Cow::Borrowed(text),
            (true, stripped) if is_nfc(stripped) => Cow::Borrowed(stripped),
            (true, stripped) => Cow::Owned(stripped.nfc().collect()),
        }
    }

    /// A part of a text as the tokenizer saw it.
    fn normalized(&self, spelling: &str) -> Option<String> {
        let mut normalized = NormalizedString::from(spelling);
        if let Some(normalizer) = self.tokenizer.get_normalizer() {
            normalizer.normalize(&mut normalized).ok()?;
        }
        Some(normalized.get().to_owned())
    }
}

fn unknown_of_unigram(json: &Json) -> Option<u32> {
    let model = json.get("model").filter(|model| model["type"] == "Unigram")?;
    u32::try_from(model.get("unk_id")?.as_u64()?).ok()
}

fn has_table(json: &Json) -> bool {
    let is_table = |normalizer: &Json| normalizer["type"] == "Precompiled";
    let normalizer = &json["normalizer"];
    let parts = normalizer["normalizers"].as_array();
    is_table(normalizer) || parts.is_some_and(|parts| parts.iter().any(is_table))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Table;

    /// A Unigram model of `a`, `b` and their pair, with 0 for what it does not know.
    const TOKENIZER: &str = r#"{"version": "1.0", "truncation": {"direction": "Right",
        "max_length": 2, "strategy": "LongestFirst", "stride": 0}, "padding": null,
        "added_tokens": [{"id": 4, "content": "</s>", "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": false, "special": true}],
        "normalizer": {"type": "NFKC"}, "pre_tokenizer": {"type": "Metaspace",
        "replacement": "\u2581", "prepend_scheme": "always", "split": true},
        "post_processor": null, "decoder": null, "model": {"type": "Unigram", "unk_id": 0,
        "vocab": [["<unk>", 0], ["\u2581", -2], ["a", -3], ["ab", -3.5], ["b", -3]]}}"#;

    #[test]
    fn unknown_pieces_are_spelt_and_texts_are_not_cut_off() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("t.json"), TOKENIZER).unwrap();
        let (table, mut faults) = (Table::default(), Vec::new());
        let mut build = Build::new(&table, directory.path(), &[], &mut faults);
        let pieces = Pieces::load("tokenizer", "t.json".as_ref(), &mut build).unwrap();
        let joined = |text| pieces.joined(text).unwrap();
        assert_eq!(joined("ab aab"), " \u{2581} ab \u{2581} a ab");
        assert_eq!(joined("b \u{2122}b"), " \u{2581} b \u{2581} TM b");
        assert_eq!(
            joined("</s>a"),
            " \u{2581} </s> a",
            "special tokens are spelt as any other text"
        );
    }
}
