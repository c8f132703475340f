//! Encodings that crawls use, as far as tests have to write them.
//!
//! What is "stored" here is framed but not compressed, so that its bytes are the same with every
//! version of every library.

use std::io::Write;

use flate2::{Compression, Crc, GzBuilder};

/// The header of all gzip members written here: no name, no time.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// One gzip member. Its bytes may change with the version of the library.
pub(crate) fn gzip(contents: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(contents).expect("a vector takes all bytes");
    encoder.finish().expect("a vector takes all bytes")
}

/// One gzip member, stored. At most 65,535 bytes.
pub(crate) fn gzip_stored(contents: &[u8]) -> Vec<u8> {
    let mut member = GZIP_HEADER.to_vec();
    deflate_stored(&mut member, contents, true);
    gzip_trailer(&mut member, contents);
    member
}

/// A gzip member whose deflate data goes wrong half-way: a block of a type that does not exist.
pub(crate) fn gzip_corrupt(contents: &[u8]) -> Vec<u8> {
    let (sound, rest) = contents.split_at(contents.len() / 2);
    let mut member = GZIP_HEADER.to_vec();
    deflate_stored(&mut member, sound, false);
    member.push(0b111);
    member.extend_from_slice(rest);
    gzip_trailer(&mut member, contents);
    member
}

fn deflate_stored(out: &mut Vec<u8>, contents: &[u8], last: bool) {
    let length = u16::try_from(contents.len()).expect("a stored block holds 65,535 bytes");
    out.push(u8::from(last));
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(contents);
}

fn gzip_trailer(out: &mut Vec<u8>, contents: &[u8]) {
    let mut crc = Crc::new();
    crc.update(contents);
    out.extend_from_slice(&crc.sum().to_le_bytes());
    out.extend_from_slice(&crc.amount().to_le_bytes());
}

/// A brotli stream, stored (RFC 7932, section 9.2). From 1 to 65,536 bytes.
pub(crate) fn brotli_stored(contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len() - 1).expect("a stored meta-block holds 64 KiB");
    // From the lowest bit: a window of 64 KiB (0), not the last block (0), four nibbles of length
    // (00), the length less one, uncompressed (1).
    let head = u32::from(length) << 4 | 1 << 20;
    let mut stream = head.to_le_bytes()[..3].to_vec();
    stream.extend_from_slice(contents);
    // The last meta-block (1), an empty one (1).
    stream.push(0b11);
    stream
}

/// `Transfer-Encoding: chunked`, in chunks of so many bytes.
pub(crate) fn chunked(body: &[u8], chunk_bytes: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in body.chunks(chunk_bytes) {
        out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

/// A digest as crawls write it: `sha1:` and Base32.
pub(crate) fn sha1_digest(bytes: &[u8]) -> String {
    format!("sha1:{}", base32(&sha1(bytes)))
}

/// SHA-1 (FIPS 180-4); here it names contents and protects nothing.
fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut message = bytes.to_vec();
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend_from_slice(&(bytes.len() as u64 * 8).to_be_bytes());

    let mut state: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in message.as_chunks::<64>().0 {
        let mut words = [0_u32; 80];
        for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        for at in 16..80 {
            let mixed = words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16];
            words[at] = mixed.rotate_left(1);
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (round, word) in words.into_iter().enumerate() {
            let (choice, constant) = match round {
                0..20 => ((b & c) | (!b & d), 0x5a82_7999),
                20..40 => (b ^ c ^ d, 0x6ed9_eba1),
                40..60 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6_u32),
            };
            let next =
                [choice, e, constant, word].into_iter().fold(a.rotate_left(5), u32::wrapping_add);
            (a, b, c, d, e) = (next, a, b.rotate_left(30), c, d);
        }
        for (sum, part) in state.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(part);
        }
    }
    let mut digest = [0; 20];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    digest
}

/// Base32 (RFC 4648) of whole groups of five bytes.
fn base32(bytes: &[u8; 20]) -> String {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    for group in bytes.as_chunks::<5>().0 {
        let bits = group.iter().fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
        for digit in (0..8).rev() {
            text.push(char::from(DIGITS[(bits >> (5 * digit) & 31) as usize]));
        }
    }
    text
}
