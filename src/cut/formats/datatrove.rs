//! `data/part-NNNNN.ds` for datatrove and nanotron (`datatrove/pipeline/tokens/tokenizer.py`):
//! tokens, each document ended by its end of text; `.ds.index`, where each document ends in tokens
//! as u64; `.ds.metadata`, the tokenizer with the bytes of a token, and the number of tokens.
//!
//! A token has 2 bytes where the vocabulary has 65,536 at most, else 4 (`token_size`): what
//! `DatatroveFolderDataset` is to be given.

use std::io::Write as _;
use std::path::PathBuf;

use super::parts::{Part, Parts, subdirectory};
use super::tokens::{TokenBytes, Width, tokens};
use super::{CutDocument, Target, Writer, wrong};
use crate::steps::TextTokenizer;
use crate::store::{SealedFile, StoreError, WholeFile};

pub(super) fn begin(
    target: &Target,
    tokenizer: &TextTokenizer,
) -> Result<Box<dyn Writer>, StoreError> {
    let directory = subdirectory(target, "data")?;
    let two = tokenizer.vocabulary_size() <= 1 << 16;
    let tokens = TokenBytes::new(if two { Width::Two } else { Width::Four }, tokenizer);
    let end_of_text = tokenizer.end_of_text().map_err(|e| wrong(&directory, e.to_string()))?;
    // Its reader splits the first line at the bar.
    let tokenizer = tokenizer.name().replace(['|', '\n', '\r'], "_");
    Parts::begin(target, target.part_bytes, move |number| {
        let place = |suffix: &str| directory.join(format!("part-{number:05}.ds{suffix}"));
        Ok(DatatrovePart {
            tokens: tokens.clone(),
            end_of_text,
            tokenizer: tokenizer.clone(),
            data: WholeFile::create(place(""))?,
            index: WholeFile::create(place(".index"))?,
            metadata: place(".metadata"),
            count: 0,
            end: 0,
        })
    })
}

struct DatatrovePart {
    tokens: TokenBytes,
    end_of_text: u32,
    tokenizer: String,
    data: WholeFile,
    index: WholeFile,
    metadata: PathBuf,
    count: u64,
    /// Tokens so far.
    end: u64,
}

impl Part for DatatrovePart {
    fn write(&mut self, document: &CutDocument) -> Result<(), StoreError> {
        let list = tokens(document, self.data.place())?;
        let with_end = list.iter().copied().chain([self.end_of_text]);
        self.end += self.tokens.write(with_end, &mut self.data)?;
        self.count += 1;
        let end = self.end.to_le_bytes();
        self.index.write_all(&end).map_err(|error| StoreError::new(self.index.place(), error))
    }

    fn seal(self) -> Result<Vec<SealedFile>, StoreError> {
        let mut metadata = WholeFile::create(self.metadata)?;
        let text = format!("{}|{}\n{}\n", self.tokenizer, self.tokens.width.bytes(), self.end);
        metadata
            .write_all(text.as_bytes())
            .map_err(|error| StoreError::new(metadata.place(), error))?;
        let rows = self.count;
        Ok(vec![self.data.seal(rows)?, self.index.seal(rows)?, metadata.seal(rows)?])
    }
}
