//! Chunks and content encodings.

use std::borrow::Cow;
use std::io::Read;

use flate2::{Decompress, FlushDecompress, Status};
use memchr::memchr;

use super::super::gzip::{GzipHeader, Inflater, StepState, TRAILER_BYTES, parse_header};
use super::sniff::looks_like_text;
use super::{Head, HttpError};

/// Content encodings that are undone one after the other; no server means more.
const MAX_ENCODINGS: usize = 4;
/// Largest window of zstd as a content encoding: 8 MiB (RFC 9659), as a power of two.
const ZSTD_WINDOW_LOG: u32 = 23;
/// Bytes decoded at a time.
const STEP_BYTES: usize = 32 << 10;

/// A decoded body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body<'a> {
    /// Its bytes; borrowed where nothing was to be decoded.
    pub bytes: Cow<'a, [u8]>,
    /// Whether chunks or compressed data broke off or were damaged before their end.
    pub truncated: bool,
}

/// Undoes transfer and content encodings of a response's body.
///
/// `max_body_bytes` bounds the decoded body and every step on the way.
///
/// # Errors
/// `bad_chunk`, `bad_content_encoding`, `body_over_cap`.
pub fn decode_body<'a>(
    head: &Head,
    block: &'a [u8],
    max_body_bytes: usize,
) -> Result<Body<'a>, HttpError> {
    let mut body = Body {
        bytes: Cow::Borrowed(block.get(head.body_start..).unwrap_or_default()),
        truncated: false,
    };
    let transfer = encodings(head, "Transfer-Encoding");
    if transfer.iter().any(|name| name == "chunked") && !body.bytes.is_empty() {
        body = match unchunk(&body.bytes) {
            Unchunked::NotChunked => body,
            Unchunked::Nothing(message) => {
                return Err(HttpError { kind: "bad_chunk", message });
            }
            Unchunked::Data { bytes, whole } => {
                Body { bytes: Cow::Owned(bytes), truncated: !whole }
            }
        };
    }
    let content = encodings(head, "Content-Encoding");
    // Named in the order in which they were applied.
    let names = content.iter().chain(&transfer).rev();
    for name in names.filter(|name| *name != "chunked").take(MAX_ENCODINGS) {
        if body.bytes.is_empty() {
            break;
        }
        if let Some(decoded) = undo(name, &body.bytes, max_body_bytes)? {
            body.truncated |= !decoded.whole;
            body.bytes = Cow::Owned(decoded.bytes);
        }
    }
    if body.bytes.len() > max_body_bytes {
        return Err(over_cap(max_body_bytes));
    }
    Ok(body)
}

/// The names in a field's values, in lower case.
fn encodings(head: &Head, field: &str) -> Vec<String> {
    head.fields
        .all(field)
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect()
}

fn over_cap(max_body_bytes: usize) -> HttpError {
    HttpError {
        kind: "body_over_cap",
        message: format!("the decoded body is larger than {max_body_bytes} bytes"),
    }
}

enum Unchunked {
    /// The first line is no chunk's size: the crawler has taken the chunks apart.
    NotChunked,
    /// Not a byte of data.
    Nothing(String),
    Data {
        bytes: Vec<u8>,
        whole: bool,
    },
}

fn unchunk(body: &[u8]) -> Unchunked {
    let mut bytes = Vec::new();
    let mut at = 0;
    loop {
        let Some((size, line)) = chunk_size(&body[at..]) else {
            return match at {
                0 => Unchunked::NotChunked,
                _ if bytes.is_empty() => Unchunked::Nothing("no chunk can be read".into()),
                _ => Unchunked::Data { bytes, whole: false },
            };
        };
        let first = at == 0;
        let start = at + line;
        if size == 0 {
            // Text may begin with a line "0"; then more than trailers follow.
            if first && body.len() - start > 2 {
                return Unchunked::NotChunked;
            }
            return Unchunked::Data { bytes, whole: true };
        }
        let end = start.saturating_add(size);
        let Some(data) = body.get(start..end) else {
            bytes.extend_from_slice(&body[start..]);
            return match bytes.is_empty() {
                true => Unchunked::Nothing("the body ends after a chunk's size".into()),
                false => Unchunked::Data { bytes, whole: false },
            };
        };
        let rest = &body[end..];
        // Chunks end as their size's line does.
        let line_end: &[u8] = match body[..start].ends_with(b"\r\n") {
            true => b"\r\n",
            false => b"\n",
        };
        let separator = if rest.starts_with(line_end) {
            line_end.len()
        } else if line_end.starts_with(rest) {
            rest.len()
        } else if first {
            return Unchunked::NotChunked;
        } else {
            0
        };
        bytes.extend_from_slice(data);
        at = end + separator;
        if at >= body.len() {
            // The last chunk of size zero is missing.
            return Unchunked::Data { bytes, whole: false };
        }
    }
}

/// Size of a chunk and bytes of its line: hexadecimal digits, blanks, perhaps an extension.
fn chunk_size(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = memchr(b'\n', &bytes[..bytes.len().min(1024)])?;
    let line = bytes[..end].trim_ascii_end();
    let digits = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let rest = line[digits..].trim_ascii_start();
    if !(1..=15).contains(&digits) || !(rest.is_empty() || rest[0] == b';') {
        return None;
    }
    let digits = std::str::from_utf8(&line[..digits]).ok()?;
    Some((usize::from_str_radix(digits, 16).ok()?, end + 1))
}

/// What a decoder made.
struct Decoded {
    bytes: Vec<u8>,
    /// Whether the data came to its end.
    whole: bool,
}

/// Undoes one content encoding; `None` where the body is taken as it is.
fn undo(name: &str, body: &[u8], cap: usize) -> Result<Option<Decoded>, HttpError> {
    let decoded = match name {
        "gzip" | "x-gzip" => gunzip(body, cap)?,
        "deflate" => inflate(body, cap)?,
        "br" => pull(brotli_decompressor::Decompressor::new(body, 4096), cap)?,
        "zstd" => unzstd(body, cap)?,
        // LZW and dictionaries of an earlier visit: nothing here can read them.
        "compress" | "x-compress" | "sdch" | "dcb" | "dcz" => {
            Decoded { bytes: Vec::new(), whole: false }
        }
        // "identity", and names of charsets and types, which servers put here by mistake.
        _ => return Ok(None),
    };
    if decoded.whole {
        return Ok(Some(decoded));
    }
    // Formats without a magic give a few bytes of anything, so text comes first.
    if looks_like_text(body) {
        return Ok(None);
    }
    if decoded.bytes.is_empty() {
        return Err(HttpError {
            kind: "bad_content_encoding",
            message: format!("the body is not {name}"),
        });
    }
    Ok(Some(decoded))
}

/// All members of gzip data; what follows the last is ignored.
fn gunzip(body: &[u8], cap: usize) -> Result<Decoded, HttpError> {
    let mut inflater = Inflater::new();
    let mut bytes = Vec::new();
    let mut rest = body;
    let mut whole = false;
    while let GzipHeader::Whole(header) = parse_header(rest) {
        rest = &rest[header..];
        inflater.reset();
        loop {
            let start = bytes.len();
            grow(&mut bytes, cap)?;
            let step = inflater.step(rest, &mut bytes[start..]);
            bytes.truncate(start + step.produced);
            rest = &rest[step.consumed..];
            match step.state {
                StepState::Done => break,
                StepState::More if step.consumed + step.produced > 0 => {}
                _ => return Ok(Decoded { bytes, whole: false }),
            }
        }
        let Some((trailer, after)) = rest.split_first_chunk::<TRAILER_BYTES>() else {
            return Ok(Decoded { bytes, whole: false });
        };
        whole = inflater.check(*trailer).is_ok();
        rest = after;
    }
    if bytes.len() > cap {
        return Err(over_cap(cap));
    }
    Ok(Decoded { bytes, whole })
}

/// "deflate" is zlib by the standard and raw deflate by some servers.
fn inflate(body: &[u8], cap: usize) -> Result<Decoded, HttpError> {
    let zlib = matches!(body, [method, check, ..]
        if method & 0x0f == 8 && u16::from_be_bytes([*method, *check]) % 31 == 0);
    if zlib {
        let decoded = inflate_as(Decompress::new(true), body, cap)?;
        if decoded.whole || !decoded.bytes.is_empty() {
            return Ok(decoded);
        }
    }
    inflate_as(Decompress::new(false), body, cap)
}

fn inflate_as(mut state: Decompress, body: &[u8], cap: usize) -> Result<Decoded, HttpError> {
    let mut bytes = Vec::new();
    let mut rest = body;
    loop {
        let start = bytes.len();
        grow(&mut bytes, cap)?;
        let (read, written) = (state.total_in(), state.total_out());
        let result = state.decompress(rest, &mut bytes[start..], FlushDecompress::None);
        let consumed = (state.total_in() - read) as usize;
        let produced = (state.total_out() - written) as usize;
        bytes.truncate(start + produced);
        rest = &rest[consumed..];
        match result {
            Ok(Status::StreamEnd) if bytes.len() > cap => return Err(over_cap(cap)),
            Ok(Status::StreamEnd) => return Ok(Decoded { bytes, whole: true }),
            Ok(_) if consumed + produced > 0 => {}
            _ => return Ok(Decoded { bytes, whole: false }),
        }
    }
}

/// Room for one more step; an error once there are more bytes than the cap.
fn grow(bytes: &mut Vec<u8>, cap: usize) -> Result<(), HttpError> {
    if bytes.len() > cap {
        return Err(over_cap(cap));
    }
    bytes.resize(bytes.len() + STEP_BYTES, 0);
    Ok(())
}

fn unzstd(body: &[u8], cap: usize) -> Result<Decoded, HttpError> {
    let Ok(mut decoder) = zstd::stream::read::Decoder::with_buffer(body) else {
        return Ok(Decoded { bytes: Vec::new(), whole: false });
    };
    // Only fails for a number out of range, which this is not; then the default holds.
    let _ = decoder.window_log_max(ZSTD_WINDOW_LOG);
    pull(decoder, cap)
}

/// Reads a decoder to its end, its first error or the cap.
fn pull(mut decoder: impl Read, cap: usize) -> Result<Decoded, HttpError> {
    let mut bytes = Vec::new();
    loop {
        let start = bytes.len();
        grow(&mut bytes, cap)?;
        let read = decoder.read(&mut bytes[start..]);
        bytes.truncate(start + read.as_ref().copied().unwrap_or(0));
        match read {
            Ok(0) => return Ok(Decoded { bytes, whole: true }),
            Ok(_) => {}
            Err(_) => return Ok(Decoded { bytes, whole: false }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::super::parse_head;
    use super::*;

    const CAP: usize = 1 << 20;
    const PAGE: &[u8] = b"<!doctype html><p>some words, some more words, and some words again";

    fn block(fields: &str, body: &[u8]) -> Vec<u8> {
        let mut block = format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n").into_bytes();
        block.extend_from_slice(body);
        block
    }

    fn decode(fields: &str, body: &[u8]) -> Result<(Vec<u8>, bool), &'static str> {
        decode_up_to(fields, body, CAP)
    }

    fn decode_up_to(
        fields: &str,
        body: &[u8],
        cap: usize,
    ) -> Result<(Vec<u8>, bool), &'static str> {
        let block = block(fields, body);
        let head = parse_head(&block).unwrap();
        match decode_body(&head, &block, cap) {
            Ok(body) => Ok((body.bytes.into_owned(), body.truncated)),
            Err(error) => Err(error.kind),
        }
    }

    fn whole(bytes: &[u8]) -> Result<(Vec<u8>, bool), &'static str> {
        Ok((bytes.to_vec(), false))
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// "hello world" in one uncompressed block.
    const BROTLI: &[u8] = b"\x0b\x05\x80hello world\x03";

    const CHUNKED: &str = "Transfer-Encoding: chunked";

    #[test]
    fn a_plain_body_is_borrowed() {
        let block = block("X-Crawl-Content-Encoding: gzip", PAGE);
        let head = parse_head(&block).unwrap();
        let body = decode_body(&head, &block, CAP).unwrap();
        assert!(matches!(body.bytes, Cow::Borrowed(bytes) if bytes == PAGE));
    }

    #[test]
    fn chunks_are_joined() {
        for body in [
            "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
            "05 ; name=value\r\nhello\r\n6  \r\n world\r\n0\r\nTrailer: x\r\n\r\n",
            "5\nhello\n6\n world\n0\n\n",
            "B\r\nhello world\r\n0\r\n",
        ] {
            assert_eq!(decode(CHUNKED, body.as_bytes()), whole(b"hello world"), "{body:?}");
        }
        assert_eq!(decode(CHUNKED, b"0\r\n\r\n"), whole(b""));
        assert_eq!(decode(CHUNKED, b""), whole(b""));
    }

    #[test]
    fn chunks_taken_apart_by_the_crawler_are_known() {
        for body in
            [PAGE, b"no size here", b"3\r\n45\r\n6 lines of numbers", b"0\r\n1\r\n2\r\n", b"42"]
        {
            assert_eq!(decode(CHUNKED, body), whole(body));
        }
    }

    #[test]
    fn chunks_that_break_off_are_kept() {
        for (body, kept) in [
            ("5\r\nhello\r\n6\r\n wo", "hello wo"),
            ("5\r\nhello\r\n", "hello"),
            ("5\r\nhello\r\nzz\r\n", "hello"),
            ("5\r\nhello\r\n6", "hello"),
            ("5\r\nhel", "hel"),
            ("5\r\nhello\r\nfffffffffffffff\r\nx", "hellox"),
        ] {
            let expected = Ok((kept.as_bytes().to_vec(), true));
            assert_eq!(decode(CHUNKED, body.as_bytes()), expected, "{body:?}");
        }
        assert_eq!(decode(CHUNKED, b"5\r\n"), Err("bad_chunk"));
    }

    #[test]
    fn content_encodings_are_undone() {
        for (name, body) in [
            ("gzip", gzip(PAGE)),
            ("X-GZIP", gzip(PAGE)),
            ("gzip", [gzip(&PAGE[..9]), gzip(&PAGE[9..])].concat()),
            ("gzip", [&gzip(PAGE)[..], b"\0\0trailing"].concat()),
            ("deflate", zlib(PAGE)),
            ("deflate", raw_deflate(PAGE)),
            ("zstd", zstd::stream::encode_all(PAGE, 1).unwrap()),
            ("gzip, gzip", gzip(&gzip(PAGE))),
            ("deflate, gzip", gzip(&zlib(PAGE))),
            ("identity", PAGE.to_vec()),
            ("utf-8", PAGE.to_vec()),
        ] {
            let fields = format!("Content-Encoding: {name}");
            assert_eq!(decode(&fields, &body), whole(PAGE), "{name}");
        }
        assert_eq!(decode("Content-Encoding: br", BROTLI), whole(b"hello world"));
    }

    #[test]
    fn both_kinds_of_encoding_are_undone_in_order() {
        let body = gzip(PAGE);
        let chunked =
            [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
        for fields in [
            "Content-Encoding: gzip\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: gzip, chunked",
        ] {
            assert_eq!(decode(fields, &chunked), whole(PAGE), "{fields}");
        }
    }

    #[test]
    fn a_body_that_is_not_encoded_is_taken_as_it_is() {
        for name in ["gzip", "deflate", "br", "zstd", "compress", "gzip, br"] {
            let fields = format!("Content-Encoding: {name}");
            assert_eq!(decode(&fields, PAGE), whole(PAGE), "{name}");
            let latin_1 = b"<html><p>caf\xe9";
            assert_eq!(decode(&fields, latin_1), whole(latin_1), "{name}");
            assert_eq!(decode(&fields, b""), whole(b""), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_decoded_is_an_error() {
        let noise = b"\x00\xff\xfe\x01\x02\x93\x80\x81";
        for name in ["gzip", "deflate", "zstd", "compress"] {
            let fields = format!("Content-Encoding: {name}");
            assert_eq!(decode(&fields, noise), Err("bad_content_encoding"), "{name}");
        }
    }

    #[test]
    fn compressed_data_that_breaks_off_is_kept() {
        let text: Vec<u8> =
            (0..20_000_u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        for (name, body) in
            [("gzip", gzip(&text)), ("deflate", zlib(&text)), ("deflate", raw_deflate(&text))]
        {
            let fields = format!("Content-Encoding: {name}");
            let (bytes, truncated) = decode(&fields, &body[..body.len() / 2]).unwrap();
            assert!(truncated && bytes.len() > 1000, "{name}");
            assert!(text.starts_with(&bytes), "{name}");
        }
        let mut wrong_sum = gzip(PAGE);
        let at = wrong_sum.len() - 6;
        wrong_sum[at] ^= 1;
        assert_eq!(decode("Content-Encoding: gzip", &wrong_sum), Ok((PAGE.to_vec(), true)));
        let cut = &BROTLI[..8];
        assert!(matches!(decode("Content-Encoding: br", cut), Ok((_, true)) | Err(_)));
    }

    #[test]
    fn bombs_are_capped() {
        let zeros = vec![0; 10 << 20];
        for (name, body) in [
            ("gzip", gzip(&zeros)),
            ("deflate", zlib(&zeros)),
            ("deflate", raw_deflate(&zeros)),
            ("zstd", zstd::stream::encode_all(&zeros[..], 1).unwrap()),
            ("gzip, gzip", gzip(&gzip(&zeros))),
            ("identity", zeros.clone()),
        ] {
            let fields = format!("Content-Encoding: {name}");
            assert_eq!(decode(&fields, &body), Err("body_over_cap"), "{name}");
        }
        let fields = "Content-Encoding: gzip";
        assert_eq!(decode_up_to(fields, &gzip(PAGE), PAGE.len()), whole(PAGE));
        let over = decode_up_to(fields, &gzip(PAGE), PAGE.len() - 1);
        assert_eq!(over, Err("body_over_cap"));
    }
}
