//! Tokenizers that a parameter names, set to cut whole texts.

use std::path::Path;

use serde_json::Value as Json;
use tokenizers::Tokenizer;

use super::Build;

impl Build<'_> {
    /// Reads a `tokenizer.json` and records its digest; `None` after a fault.
    ///
    /// Whatever the file says of truncation and padding, whole texts count, and names of special
    /// tokens in them are ordinary text. The file's JSON comes with it.
    pub fn tokenizer(&mut self, key: &'static str, path: &Path) -> Option<(Tokenizer, Json)> {
        let bytes = self.read(key, path)?;
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        let read = Tokenizer::from_bytes(bytes).and_then(|mut tokenizer| {
            tokenizer.with_truncation(None)?;
            tokenizer.with_padding(None);
            tokenizer.set_encode_special_tokens(true);
            Ok(tokenizer)
        });
        match read {
            Ok(tokenizer) => Some((tokenizer, json)),
            Err(error) => {
                self.fault(key, format!("`{}` is no tokenizer.json: {error}", path.display()));
                None
            }
        }
    }
}
