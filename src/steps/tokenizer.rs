//! Tokenizers that a parameter or the command line names, set to cut whole texts.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tiktoken_rs::CoreBPE;
use tokenizers::Tokenizer;

use crate::config::choice;
use crate::digest::sha256_hex;

use super::Build;

choice! {
    /// A vocabulary that is part of the program.
    pub enum Vocabulary {
        /// GPT-2 and the paper: 50,257 tokens
        R50k = "r50k_base",
        /// Codex: 50,281 tokens
        P50k = "p50k_base",
        /// GPT-4: 100,277 tokens
        Cl100k = "cl100k_base",
        /// GPT-4o: 200,019 tokens
        O200k = "o200k_base",
    }
}

/// What ends a text in the vocabularies of OpenAI.
const END_OF_TEXT: &str = "<|endoftext|>";
/// What ends a text in the `tokenizer.json` files of open models, the first found taken: OLMo, Qwen
/// and GPT-NeoX; Llama 3; Llama 2, Mistral and T5; Gemma; DeepSeek; the rest in others.
const ENDS_OF_TEXT: &[&str] =
    &[END_OF_TEXT, "<|end_of_text|>", "</s>", "<eos>", "<｜end▁of▁sentence｜>", "<|eos|>", "[EOS]"];

impl Vocabulary {
    fn model(self) -> &'static CoreBPE {
        match self {
            Self::R50k => tiktoken_rs::r50k_base_singleton(),
            Self::P50k => tiktoken_rs::p50k_base_singleton(),
            Self::Cl100k => tiktoken_rs::cl100k_base_singleton(),
            Self::O200k => tiktoken_rs::o200k_base_singleton(),
        }
    }

    /// One more than the greatest token, special ones included (`n_vocab` of OpenAI's `tiktoken`).
    fn size(self) -> u32 {
        match self {
            Self::R50k => 50_257,
            Self::P50k => 50_281,
            Self::Cl100k => 100_277,
            Self::O200k => 200_019,
        }
    }

    /// `<|endoftext|>` (OpenAI's `tiktoken_ext/openai_public.py`).
    fn end_of_text(self) -> u32 {
        match self {
            Self::R50k | Self::P50k => 50_256,
            Self::Cl100k => 100_257,
            Self::O200k => 199_999,
        }
    }
}

/// Why a tokenizer cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// Neither a name nor a file.
    #[error(
        "`{name}` is neither a vocabulary of the program ({}) nor a tokenizer.json: {source}",
        vocabulary_names()
    )]
    Open {
        /// What the user gave.
        name: String,
        /// Why it cannot be read as a file.
        source: std::io::Error,
    },
    /// A file of something else.
    #[error("`{name}` is no tokenizer.json: {message}")]
    Malformed {
        /// The file.
        name: String,
        /// What its reader says.
        message: String,
    },
    /// The token named by the user is none of the tokenizer's.
    #[error("`{name}` has no token `{token}`")]
    NoSuchToken {
        /// The tokenizer.
        name: String,
        /// The token.
        token: String,
    },
    /// No token is known to end a text.
    #[error(
        "`{name}` has no token that is known to end a text ({}); name the one that does",
        ENDS_OF_TEXT.join(", ")
    )]
    NoEndOfText {
        /// The tokenizer.
        name: String,
    },
    /// A text for which the tokenizer has no tokens.
    #[error("`{name}` has no tokens for a text: {message}")]
    Encode {
        /// The tokenizer.
        name: String,
        /// What its library says.
        message: String,
    },
}

fn vocabulary_names() -> String {
    let names: Vec<&str> = Vocabulary::CHOICES.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

enum Model {
    Embedded(&'static CoreBPE),
    File(Box<Tokenizer>),
}

/// Whole texts → tokens. Names of special tokens inside a text are ordinary text, and nothing is
/// added around it.
pub struct TextTokenizer {
    name: String,
    model: Model,
    sha256: Option<String>,
    vocabulary_size: u32,
    end_of_text: Option<u32>,
}

impl TextTokenizer {
    /// A vocabulary that is part of the program.
    pub fn embedded(vocabulary: Vocabulary) -> Self {
        Self {
            name: vocabulary.as_str().to_owned(),
            model: Model::Embedded(vocabulary.model()),
            sha256: None,
            vocabulary_size: vocabulary.size(),
            end_of_text: Some(vocabulary.end_of_text()),
        }
    }

    /// The tokenizer of a name (`r50k_base`) or of the path of a `tokenizer.json`.
    ///
    /// # Errors
    /// If it is neither.
    pub fn open(name: &str) -> Result<Self, TokenizerError> {
        let all = [Vocabulary::R50k, Vocabulary::P50k, Vocabulary::Cl100k, Vocabulary::O200k];
        if let Some(vocabulary) = all.into_iter().find(|one| one.as_str() == name) {
            return Ok(Self::embedded(vocabulary));
        }
        let path = PathBuf::from(name);
        let bytes = fs::read(&path)
            .map_err(|source| TokenizerError::Open { name: name.to_owned(), source })?;
        Self::from_json(name, &bytes)
    }

    /// The tokenizer of the bytes of a `tokenizer.json`; `name` is for messages.
    ///
    /// # Errors
    /// If they are none.
    pub fn from_json(name: &str, bytes: &[u8]) -> Result<Self, TokenizerError> {
        let tokenizer = whole_texts(bytes).map_err(|error| TokenizerError::Malformed {
            name: name.to_owned(),
            message: error.to_string(),
        })?;
        // Numbers may have gaps: the count of tokens would say too little.
        let vocabulary_size =
            tokenizer.get_vocab(true).into_values().max().map_or(0, |id| id.saturating_add(1));
        Ok(Self {
            name: name.to_owned(),
            sha256: Some(sha256_hex(bytes)),
            vocabulary_size,
            end_of_text: ENDS_OF_TEXT.iter().find_map(|token| tokenizer.token_to_id(token)),
            model: Model::File(Box::new(tokenizer)),
        })
    }

    /// The same tokenizer, whose texts end with the token of this spelling.
    ///
    /// # Errors
    /// If it has no such token.
    pub fn ending_with(mut self, token: &str) -> Result<Self, TokenizerError> {
        let id = match &self.model {
            // What else an embedded vocabulary has stands in the middle of texts.
            Model::Embedded(_) => self.end_of_text.filter(|_| token == END_OF_TEXT),
            Model::File(tokenizer) => tokenizer.token_to_id(token),
        };
        self.end_of_text = Some(id.ok_or_else(|| TokenizerError::NoSuchToken {
            name: self.name.clone(),
            token: token.to_owned(),
        })?);
        Ok(self)
    }

    /// The name of a vocabulary of the program, or the file as the user named it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of a `tokenizer.json` in hex; `None` of a vocabulary of the program, which its name
    /// and the program's version tell.
    pub fn sha256(&self) -> Option<&str> {
        self.sha256.as_deref()
    }

    /// One more than the greatest token, special ones included.
    pub fn vocabulary_size(&self) -> u32 {
        self.vocabulary_size
    }

    /// The token that ends a text.
    ///
    /// # Errors
    /// If none of the tokenizer's is known to.
    pub fn end_of_text(&self) -> Result<u32, TokenizerError> {
        self.end_of_text.ok_or_else(|| TokenizerError::NoEndOfText { name: self.name.clone() })
    }

    /// Tokens of a text.
    ///
    /// # Errors
    /// If a tokenizer without a token for the unknown refuses it.
    pub fn count(&self, text: &str) -> Result<u64, TokenizerError> {
        match &self.model {
            Model::Embedded(vocabulary) => Ok(vocabulary.count_ordinary(text) as u64),
            Model::File(tokenizer) => {
                let encoding = tokenizer.encode_fast(text, false);
                Ok(encoding.map_err(|error| self.refusal(&*error))?.len() as u64)
            }
        }
    }

    /// The tokens of a text, without one that ends it.
    ///
    /// # Errors
    /// If a tokenizer without a token for the unknown refuses it.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        match &self.model {
            Model::Embedded(vocabulary) => Ok(vocabulary.encode_ordinary(text)),
            Model::File(tokenizer) => {
                let encoding = tokenizer.encode_fast(text, false);
                Ok(encoding.map_err(|error| self.refusal(&*error))?.get_ids().to_vec())
            }
        }
    }

    fn refusal(&self, error: &dyn std::error::Error) -> TokenizerError {
        TokenizerError::Encode { name: self.name.clone(), message: error.to_string() }
    }
}

/// Reads a `tokenizer.json`: whatever it says of truncation and padding, whole texts count, and
/// names of special tokens in them are ordinary text.
fn whole_texts(bytes: &[u8]) -> tokenizers::Result<Tokenizer> {
    let mut tokenizer = Tokenizer::from_bytes(bytes)?;
    tokenizer.with_truncation(None)?;
    tokenizer.with_padding(None);
    tokenizer.set_encode_special_tokens(true);
    Ok(tokenizer)
}

impl Build<'_> {
    /// Reads a `tokenizer.json` and records its digest; `None` after a fault.
    ///
    /// Whatever the file says of truncation and padding, whole texts count, and names of special
    /// tokens in them are ordinary text. The file's JSON comes with it.
    pub fn tokenizer(&mut self, key: &'static str, path: &Path) -> Option<(Tokenizer, Json)> {
        let bytes = self.read(key, path)?;
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        match whole_texts(&bytes) {
            Ok(tokenizer) => Some((tokenizer, json)),
            Err(error) => {
                self.fault(key, format!("`{}` is no tokenizer.json: {error}", path.display()));
                None
            }
        }
    }

    /// Reads a `tokenizer.json` as what cuts texts and records its digest; `None` after a fault.
    pub fn text_tokenizer(&mut self, key: &'static str, path: &Path) -> Option<TextTokenizer> {
        let bytes = self.read(key, path)?;
        match TextTokenizer::from_json(&path.display().to_string(), &bytes) {
            Ok(tokenizer) => Some(tokenizer),
            Err(error) => {
                self.fault(key, error.to_string());
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of a list, with `specials` marked as special tokens.
    fn words(specials: &[(&str, u32)], vocabulary: &str) -> Vec<u8> {
        let added: Vec<String> = specials
            .iter()
            .map(|(token, id)| {
                format!(
                    r#"{{"id": {id}, "content": "{token}", "single_word": false, "lstrip": false,
                        "rstrip": false, "normalized": false, "special": true}}"#
                )
            })
            .collect();
        let json = format!(
            r#"{{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [{}],
                "normalizer": null, "pre_tokenizer": {{"type": "WhitespaceSplit"}},
                "post_processor": null, "decoder": null,
                "model": {{"type": "WordLevel", "vocab": {vocabulary}, "unk_token": "?"}}}}"#,
            added.join(", ")
        );
        json.into_bytes()
    }

    #[test]
    fn an_embedded_vocabulary_gives_the_published_tokens() {
        let tokenizer = TextTokenizer::open("r50k_base").unwrap();
        // OpenAI's own example for GPT-2.
        assert_eq!(tokenizer.encode("hello world").unwrap(), [31373, 995]);
        assert_eq!(tokenizer.end_of_text().unwrap(), 50_256);
        assert_eq!((tokenizer.name(), tokenizer.sha256()), ("r50k_base", None));
    }

    #[test]
    fn the_greatest_token_and_the_end_of_text_are_those_of_the_library() {
        for (name, _) in Vocabulary::CHOICES {
            let tokenizer = TextTokenizer::open(name).unwrap();
            let Model::Embedded(model) = &tokenizer.model else { unreachable!() };
            let end = tokenizer.end_of_text().unwrap();
            assert_eq!(model.encode_with_special_tokens(END_OF_TEXT), [end], "{name}");
            let size = tokenizer.vocabulary_size();
            assert!(model.decode_bytes(&[size - 1]).is_ok(), "{name}");
            assert!((size..size + 2000).all(|id| model.decode_bytes(&[id]).is_err()), "{name}");
        }
    }

    #[test]
    fn names_of_special_tokens_inside_a_text_are_ordinary_text() {
        for (name, _) in Vocabulary::CHOICES {
            let tokenizer = TextTokenizer::open(name).unwrap();
            let tokens = tokenizer.encode("a <|endoftext|> b").unwrap();
            assert!(!tokens.contains(&tokenizer.end_of_text().unwrap()), "{name}");
            assert_eq!(tokenizer.count("a <|endoftext|> b").unwrap(), tokens.len() as u64);
        }
        let json = words(&[("<eos>", 9)], r#"{"a": 0, "?": 1}"#);
        let tokenizer = TextTokenizer::from_json("words", &json).unwrap();
        assert_eq!(tokenizer.encode("a <eos> b").unwrap(), [0, 1, 1]);
    }

    #[test]
    fn a_file_says_how_great_its_tokens_are_and_what_ends_a_text() {
        let vocabulary = r#"{"a": 0, "?": 1, "[SEP]": 5, "</s>": 70000}"#;
        let json = words(&[("</s>", 70_000), ("[SEP]", 5)], vocabulary);
        let tokenizer = TextTokenizer::from_json("words", &json).unwrap();
        assert_eq!(tokenizer.end_of_text().unwrap(), 70_000);
        assert_eq!(tokenizer.vocabulary_size(), 70_001, "not the count, which is 4");
        assert_eq!(tokenizer.sha256(), Some(sha256_hex(&json).as_str()));
        assert_eq!(tokenizer.ending_with("[SEP]").unwrap().end_of_text().unwrap(), 5);
    }

    #[test]
    fn what_cannot_end_a_text_or_be_read_is_said() {
        let json = words(&[], r#"{"a": 0, "?": 1}"#);
        let tokenizer = TextTokenizer::from_json("words", &json).unwrap();
        let message = tokenizer.end_of_text().unwrap_err().to_string();
        assert!(message.contains("`words`") && message.contains("</s>"), "{message}");
        let message = tokenizer.ending_with("<end>").err().unwrap().to_string();
        assert_eq!(message, "`words` has no token `<end>`");
        let message = TextTokenizer::open("r50k").err().unwrap().to_string();
        assert!(message.contains("r50k_base, p50k_base"), "{message}");
        let message = TextTokenizer::from_json("words", b"{}").err().unwrap().to_string();
        assert!(message.starts_with("`words` is no tokenizer.json"), "{message}");
    }
}
