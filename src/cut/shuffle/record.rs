//! A document as the shuffle holds it: its place in the order, and all of it as bytes.
//!
//! Every field follows the one before: numbers in LEB128, texts with their lengths before them, and
//! before what can be absent a 0 or a 1. The id comes first, for the order asks for it.

use std::cmp::Ordering;
use std::io;

use super::super::formats::CutDocument;
use crate::document::{Document, Location, day, days};

/// What a record takes beside its bytes: itself, its place in a vector that grows by doubling, and
/// the allocator's share.
const OVERHEAD_BYTES: usize = 3 * size_of::<Record>() + 16;

/// A document with its place in the order: priority, id, ordinal, then whatever makes a difference.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) priority: u64,
    pub(super) ordinal: u32,
    pub(super) bytes: Box<[u8]>,
}

impl Record {
    pub(super) fn new(priority: u64, ordinal: u32, document: &CutDocument) -> Self {
        Self { priority, ordinal, bytes: encode(document).into_boxed_slice() }
    }

    /// What it takes in memory.
    pub(super) fn memory_bytes(&self) -> usize {
        self.bytes.len() + OVERHEAD_BYTES
    }

    /// The document; an error if the bytes are not those of one.
    pub(super) fn document(&self) -> io::Result<CutDocument> {
        decode(&self.bytes).ok_or_else(|| damaged("a document"))
    }

    fn id(&self) -> &[u8] {
        Fields(&self.bytes).bytes().unwrap_or_default()
    }
}

impl Ord for Record {
    fn cmp(&self, other: &Self) -> Ordering {
        self.priority
            .cmp(&other.priority)
            .then_with(|| self.id().cmp(other.id()))
            .then_with(|| self.ordinal.cmp(&other.ordinal))
            .then_with(|| self.bytes.cmp(&other.bytes))
    }
}

impl PartialOrd for Record {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What was read back is not what was written.
pub(super) fn damaged(what: &str) -> io::Error {
    let message = format!("{what} of a spill file is damaged");
    io::Error::new(io::ErrorKind::InvalidData, message)
}

fn encode(document: &CutDocument) -> Vec<u8> {
    // Without `..`: a field that is added and not written does not compile.
    let CutDocument {
        document:
            Document {
                id,
                url,
                date_us,
                location: Location { file, offset, length },
                status,
                mime,
                charset,
                digest,
                truncated,
                title,
                author,
                published,
                text,
            },
        host,
        domain,
        cluster_sizes,
        tokens,
    } = document;
    let texts = [url, mime, charset, digest, truncated, title, author, host, domain];
    let lengths: usize = texts.iter().map(|text| text.as_ref().map_or(1, |t| t.len() + 3)).sum();
    let mut bytes = Vec::with_capacity(id.len() + file.len() + text.len() + lengths + 64);
    put_text(&mut bytes, id);
    for text in texts {
        put_option(&mut bytes, text.as_deref(), put_text);
    }
    put_option(&mut bytes, *date_us, |bytes, date| bytes.extend(date.to_le_bytes()));
    put_option(&mut bytes, *published, |bytes, date| bytes.extend(days(date).to_le_bytes()));
    put_option(&mut bytes, *offset, put_number);
    put_option(&mut bytes, *length, put_number);
    put_option(&mut bytes, status.map(u64::from), put_number);
    put_number(&mut bytes, cluster_sizes.len() as u64);
    for &size in cluster_sizes {
        put_number(&mut bytes, size);
    }
    put_text(&mut bytes, file);
    put_option(&mut bytes, tokens.as_deref(), |bytes, tokens: &[u32]| {
        put_number(bytes, tokens.len() as u64);
        tokens.iter().for_each(|&token| put_number(bytes, u64::from(token)));
    });
    put_text(&mut bytes, text);
    bytes
}

fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_number(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

fn put_option<T>(bytes: &mut Vec<u8>, value: Option<T>, put: impl FnOnce(&mut Vec<u8>, T)) {
    bytes.push(u8::from(value.is_some()));
    if let Some(value) = value {
        put(bytes, value);
    }
}

fn decode(bytes: &[u8]) -> Option<CutDocument> {
    let mut fields = Fields(bytes);
    let id = fields.text()?;
    let url = fields.option(Fields::text)?;
    let mime = fields.option(Fields::text)?;
    let charset = fields.option(Fields::text)?;
    let digest = fields.option(Fields::text)?;
    let truncated = fields.option(Fields::text)?;
    let title = fields.option(Fields::text)?;
    let author = fields.option(Fields::text)?;
    let host = fields.option(Fields::text)?;
    let domain = fields.option(Fields::text)?;
    let date_us =
        fields.option(|fields| fields.take(8)?.try_into().ok().map(i64::from_le_bytes))?;
    let published =
        fields.option(|fields| day(fields.take(4)?.try_into().ok().map(i32::from_le_bytes)?))?;
    let offset = fields.option(Fields::number)?;
    let length = fields.option(Fields::number)?;
    let status = fields.option(|fields| u16::try_from(fields.number()?).ok())?;
    let mut cluster_sizes = Vec::new();
    for _ in 0..fields.number()? {
        cluster_sizes.push(fields.number()?);
    }
    let location = Location { file: fields.text()?, offset, length };
    let tokens = fields.option(|fields| {
        // Not reserved beforehand: the number may be damaged.
        let number = fields.number()?;
        (0..number).map(|_| u32::try_from(fields.number()?).ok()).collect::<Option<Vec<u32>>>()
    })?;
    let text = fields.text()?;
    let document = Document {
        id,
        url,
        date_us,
        location,
        status,
        mime,
        charset,
        digest,
        truncated,
        title,
        author,
        published,
        text,
    };
    fields.0.is_empty().then_some(CutDocument { document, host, domain, cluster_sizes, tokens })
}

/// What is left to read; `None` where it is not what was written.
struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    fn take(&mut self, bytes: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = *self.take(1)?.first()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn bytes(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    fn text(&mut self) -> Option<String> {
        std::str::from_utf8(self.bytes()?).ok().map(str::to_owned)
    }

    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.take(1)? {
            [0] => Some(None),
            [1] => read(self).map(Some),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::document;
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 300,
            rng_seed: RngSeed::Fixed(1),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn every_document_comes_back(document in document()) {
            let bytes = encode(&document);
            prop_assert_eq!(Fields(&bytes).bytes(), Some(document.document.id.as_bytes()));
            prop_assert_eq!(decode(&bytes), Some(document));
            prop_assert_eq!(decode(&bytes[..bytes.len() - 1]), None);
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            decode(&bytes);
        }
    }

    #[test]
    fn a_document_takes_little_more_than_its_fields() {
        let text = "x".repeat(1000);
        let document = Document { id: "urn:uuid:1".into(), text, ..Document::default() };
        let bytes = encode(&CutDocument { document, ..CutDocument::default() });
        assert_eq!(bytes.len(), 1010 + 1 + 2 + 14 + 1 + 1 + 1);
    }

    #[test]
    fn damage_is_an_error() {
        let record = Record { priority: 0, ordinal: 0, bytes: [0xff; 40].into() };
        let error = record.document().expect_err("no document");
        assert_eq!(error.to_string(), "a document of a spill file is damaged");
    }
}
