//! Tokens → bytes.

use std::io::Write as _;
use std::path::Path;

use super::{CutDocument, wrong};
use crate::steps::TextTokenizer;
use crate::store::{StoreError, WholeFile};

/// Bytes of a token, little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    One,
    Two,
    Four,
}

impl Width {
    pub(super) fn bytes(self) -> u64 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
        }
    }
}

/// Puts tokens of one vocabulary into a file.
#[derive(Clone)]
pub(super) struct TokenBytes {
    pub(super) width: Width,
    vocabulary_size: u32,
    buffer: Vec<u8>,
}

impl TokenBytes {
    /// The width must hold the vocabulary.
    pub(super) fn new(width: Width, tokenizer: &TextTokenizer) -> Self {
        Self { width, vocabulary_size: tokenizer.vocabulary_size(), buffer: Vec::new() }
    }

    /// Appends tokens and says how many they were.
    pub(super) fn write(
        &mut self,
        tokens: impl Iterator<Item = u32>,
        file: &mut WholeFile,
    ) -> Result<u64, StoreError> {
        self.buffer.clear();
        for token in tokens {
            if token >= self.vocabulary_size {
                let size = self.vocabulary_size;
                let message = format!("token {token} is none of a vocabulary of {size}");
                return Err(wrong(file.place(), message));
            }
            let bytes = token.to_le_bytes();
            // Below the vocabulary's size, which the width holds, the other bytes are zero.
            self.buffer.extend_from_slice(match self.width {
                Width::One => &bytes[..1],
                Width::Two => &bytes[..2],
                Width::Four => &bytes,
            });
        }
        file.write_all(&self.buffer).map_err(|error| StoreError::new(file.place(), error))?;
        Ok(self.buffer.len() as u64 / self.width.bytes())
    }
}

/// The tokens of a document that is to go into this file.
pub(super) fn tokens<'d>(document: &'d CutDocument, place: &Path) -> Result<&'d [u32], StoreError> {
    // An empty list would be a document without text, silently.
    document.tokens.as_deref().ok_or_else(|| {
        wrong(place, format!("document {} comes without tokens", document.document.id))
    })
}
