//! `NAME/NAME.chunk.NN.jsonl` for Lingua (`lingua/data.py`): JSON Lines, never compressed, in the
//! order in which they are to be read, with the text under `text`.
//!
//! A rank reads one chunk and starts it anew at its end. With several chunks, documents are dealt
//! to them in turn, as `split -n r/N` of Lingua's own preparation does. Lingua never comes out of a
//! chunk without a line for one of its ranks: there should be no fewer documents than ranks.

use serde::Serialize;

use super::jsonl::{Coding, Lines};
use super::parts::{Sealed, subdirectory};
use super::{CutDocument, Target, Writer};
use crate::store::{Output, StoreError};

pub(super) fn begin(target: &Target) -> Result<Box<dyn Writer>, StoreError> {
    let directory = subdirectory(target, &target.name)?;
    let chunks = (0..target.lingua_chunks.get()).map(|number| {
        let name = format!("{}.chunk.{number:02}.jsonl", target.name);
        Lines::create(directory.join(name), Coding::Plain)
    });
    let chunks = chunks.collect::<Result<Vec<Lines>, StoreError>>()?;
    Ok(Box::new(Lingua { chunks, next: 0, sealed: Sealed::new(target) }))
}

struct Lingua {
    chunks: Vec<Lines>,
    next: usize,
    sealed: Sealed,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    text: &'a str,
}

impl Writer for Lingua {
    fn write(&mut self, document: &CutDocument) -> Result<(), StoreError> {
        let row = Row { id: &document.document.id, text: &document.document.text };
        self.chunks[self.next].write(&row)?;
        self.next = (self.next + 1) % self.chunks.len();
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<Output>, StoreError> {
        for chunk in self.chunks {
            self.sealed.extend(vec![chunk.seal()?]);
        }
        self.sealed.put()
    }

    fn discard(self: Box<Self>) {
        drop(self);
    }
}
