//! Files are built here, record by record, so that every offset is known.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::super::FAILURE_KINDS;
use super::*;

/// A whole record whose id is `urn:test:<id>`.
fn record(id: &str, block: &[u8]) -> Vec<u8> {
    record_of_length(id, block, &block.len().to_string())
}

/// A record with any Content-Length.
fn record_of_length(id: &str, block: &[u8], length: &str) -> Vec<u8> {
    let mut bytes = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:test:{id}>\r\n\
         WARC-Target-URI: http://test/{id}\r\nContent-Length: {length}\r\n\r\n"
    )
    .into_bytes();
    bytes.extend_from_slice(block);
    bytes.extend_from_slice(b"\r\n\r\n");
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Gives a few bytes at a time, as a slow network does.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.0.len().min(buffer.len()).min(7);
        buffer[..length].copy_from_slice(&self.0[..length]);
        self.0 = &self.0[length..];
        Ok(length)
    }
}

fn items(input: impl Read, limits: Limits) -> Vec<Item> {
    let mut reader = Reader::new(input, limits);
    let mut items = Vec::new();
    while let Some(item) = reader.next().unwrap() {
        if let Item::Failure(failure) = &item {
            let known = FAILURE_KINDS.iter().any(|(kind, _)| *kind == failure.kind);
            assert!(known, "{} is not documented", failure.kind);
        }
        items.push(item);
    }
    assert!(reader.next().unwrap().is_none());
    items
}

/// Every item in a few words: `id@offset+length` or `kind(id)@offset+length`.
fn seen_with(bytes: &[u8], limits: Limits) -> Vec<String> {
    let whole = items(bytes, limits);
    assert_eq!(whole, items(Trickle(bytes), limits), "arrival matters");
    let place = |offset: u64, length: Option<u64>| match length {
        Some(length) => format!("@{offset}+{length}"),
        None => format!("@{offset}"),
    };
    let id = |id: Option<&str>| id.unwrap_or("?").trim_start_matches("urn:test:").to_owned();
    whole
        .iter()
        .map(|item| match item {
            Item::Record(r) => id(r.record_id()) + &place(r.offset, r.length),
            Item::Failure(f) => {
                let name = id(f.record_id.as_deref());
                format!("{}({name}){}", f.kind, place(f.offset, f.length))
            }
        })
        .collect()
}

fn seen(bytes: &[u8]) -> Vec<String> {
    seen_with(bytes, Limits::default())
}

/// The ids and kinds of [`seen`] without places.
fn names(bytes: &[u8]) -> Vec<String> {
    let cut = |item: &String| item.split('@').next().unwrap().to_owned();
    seen(bytes).iter().map(cut).collect()
}

fn small(max_record_bytes: u64, max_header_bytes: usize) -> Limits {
    Limits { max_record_bytes, max_header_bytes }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Layout {
    Plain,
    OwnMembers,
    OneMember,
    /// Members that begin and end anywhere.
    Blocks,
}

const LAYOUTS: [Layout; 4] = [Layout::Plain, Layout::OwnMembers, Layout::OneMember, Layout::Blocks];

fn file(layout: Layout, records: &[Vec<u8>]) -> Vec<u8> {
    match layout {
        Layout::Plain => records.concat(),
        Layout::OwnMembers => records.iter().flat_map(|r| gzip(r)).collect(),
        Layout::OneMember => gzip(&records.concat()),
        Layout::Blocks => records.concat().chunks(61).flat_map(gzip).collect(),
    }
}

fn three() -> [Vec<u8>; 3] {
    [record("a", b"first"), record("b", b"HTTP/1.1 200 OK\r\n\r\n<html>"), record("c", b"")]
}

#[test]
fn every_layout_gives_every_record() {
    for layout in LAYOUTS {
        assert_eq!(names(&file(layout, &three())), ["a", "b", "c"], "{layout:?}");
    }
}

#[test]
fn fields_are_read() {
    let file = b"WARC/1.1\r\nwarc-type: Conversion\r\nWARC-Record-ID: <urn:test:a>\r\n\
        WARC-Target-URI: <http://test/a b>\r\nWARC-Date: 1970-01-01T00:00:01Z\r\n\
        Content-Type: text/plain\r\nWARC-Payload-Digest: sha1:X\r\nX: 1\r\n  2\r\n\
        CONTENT-LENGTH: 2\r\n\r\nhi\r\n\r\n";
    let Some(Item::Record(record)) = items(&file[..], Limits::default()).pop() else {
        panic!("no record");
    };
    assert_eq!(record.version, "1.1");
    assert_eq!(record.kind, RecordKind::Conversion);
    assert_eq!(record.record_id(), Some("urn:test:a"));
    assert_eq!(record.target_uri(), Some("http://test/a b"));
    assert_eq!(record.date_us(), Some(1_000_000));
    assert_eq!(record.content_type(), Some("text/plain"));
    assert_eq!(record.payload_digest(), Some("sha1:X"));
    assert_eq!(record.field("x"), Some("1 2"));
    assert_eq!(record.block, b"hi");
    assert_eq!((record.offset, record.length), (0, Some(file.len() as u64)));
}

#[test]
fn old_versions_and_bare_line_feeds() {
    for version in ["0.17", "0.18", "1.0", "1.1"] {
        let text =
            format!("WARC/{version}\nWARC-Type: x\nWARC-Record-ID: a\nContent-Length: 2\n\nhi\n\n");
        let both = text.repeat(2);
        let end = text.len();
        let expected = [format!("a@0+{end}"), format!("a@{end}+{end}")];
        assert_eq!(seen(both.as_bytes()), expected);
    }
}

#[test]
fn blank_lines_between_records_may_be_missing_or_many() {
    let full = record("a", b"x");
    for end in ["", "\r\n", "\n", "\r\n\r\n\r\n\n", "\0\0\0"] {
        let mut one = full[..full.len() - 4].to_vec();
        one.extend_from_slice(end.as_bytes());
        let file = [&one[..], &one, &full].concat();
        assert_eq!(names(&file), ["a", "a", "a"], "{end:?}");
        assert_eq!(names(&gzip(&file)), ["a", "a", "a"], "{end:?}");
    }
}

#[test]
fn a_block_that_quotes_a_record_is_one_block() {
    let inner = record("inner", b"x");
    let quoting = [record("a", &[&b"\r\n\r\n"[..], &inner].concat()), record("b", &gzip(&inner))];
    for layout in LAYOUTS {
        assert_eq!(names(&file(layout, &quoting)), ["a", "b"], "{layout:?}");
    }
}

// Offsets.

fn blocks() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let line = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        Just(b"\r\nWARC/1.0\r\nWARC-Type: response\r\n\r\n".to_vec()),
        Just(b"\r\n\r\n".to_vec()),
        Just(vec![b'a'; 100_000]),
    ];
    let block = proptest::collection::vec(line, 0..4).prop_map(|lines| lines.concat());
    proptest::collection::vec(block, 1..8)
}

/// The same cases on every run.
fn seeded(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(seeded(48))]

    #[test]
    fn records_come_back_with_their_places(blocks in blocks()) {
        let records: Vec<_> = blocks
            .iter()
            .enumerate()
            .map(|(i, block)| record(&i.to_string(), block))
            .collect();
        for layout in LAYOUTS {
            let bytes = file(layout, &records);
            let mut offset = 0;
            let read = items(&bytes[..], Limits::default());
            prop_assert_eq!(read.len(), records.len());
            for (i, item) in read.iter().enumerate() {
                let Item::Record(found) = item else {
                    panic!("{layout:?}: {item:?}");
                };
                prop_assert_eq!(found.record_id().unwrap(), format!("urn:test:{i}"));
                prop_assert!(found.block == blocks[i]);
                let length = match layout {
                    Layout::Plain => Some(records[i].len() as u64),
                    Layout::OwnMembers => Some(gzip(&records[i]).len() as u64),
                    Layout::OneMember if records.len() == 1 => Some(bytes.len() as u64),
                    Layout::OneMember => None,
                    Layout::Blocks => continue,
                };
                prop_assert_eq!((found.offset, found.length), (offset, length));
                offset += length.unwrap_or(0);
            }
        }
    }

}

proptest! {
    #![proptest_config(seeded(400))]

    #[test]
    fn damage_in_one_member_leaves_the_others(
        blocks in proptest::collection::vec(
            proptest::collection::vec(0..32_u8, 0..20_000),
            3..8,
        ),
        hit in any::<prop::sample::Index>(),
        range in (any::<prop::sample::Index>(), 1_usize..300),
        noise in proptest::collection::vec(any::<u8>(), 300),
    ) {
        let members: Vec<_> = blocks
            .iter()
            .enumerate()
            .map(|(i, block)| gzip(&record(&i.to_string(), block)))
            .collect();
        let hit = hit.index(members.len());
        let mut damaged = members.clone();
        let start = range.0.index(damaged[hit].len());
        let end = damaged[hit].len().min(start + range.1);
        damaged[hit][start..end].copy_from_slice(&noise[..end - start]);
        let found = seen(&damaged.concat());
        let mut offset = 0;
        for (i, member) in members.iter().enumerate() {
            let expected = format!("{i}@{offset}+{}", member.len());
            prop_assert!(i == hit || found.contains(&expected), "{} not in {:?}", expected, found);
            offset += member.len();
        }
        prop_assert!(found.len() >= members.len());
    }

    #[test]
    fn arbitrary_bytes_terminate(
        parts in proptest::collection::vec(
            prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..100),
                Just(b"WARC/1.0\r\n".to_vec()),
                Just(b"WARC-Type: x\r\n".to_vec()),
                Just(b"Content-Length: 20\r\n".to_vec()),
                Just(b"Content-Length: 99999\r\n".to_vec()),
                Just(b"\r\n\r\n".to_vec()),
                Just(b"\x1f\x8b\x08\0\0\0\0\0\0\0".to_vec()),
                Just(record("a", b"x")),
                Just(gzip(&record("a", b"x"))),
                Just(gzip(b"")),
            ],
            0..12,
        ),
        flip in any::<prop::sample::Index>(),
        cap in 0_u64..200,
    ) {
        let mut bytes = parts.concat();
        if !bytes.is_empty() {
            let at = flip.index(bytes.len());
            bytes[at] ^= 1;
        }
        let mut last = 0;
        for item in items(&bytes[..], small(cap, 100)) {
            let (offset, length) = match item {
                Item::Record(record) => (record.offset, record.length),
                Item::Failure(failure) => (failure.offset, failure.length),
            };
            prop_assert!(offset >= last);
            prop_assert!(offset + length.unwrap_or(0) <= bytes.len() as u64);
            last = offset;
        }
    }
}

// Damage.

#[test]
fn a_cut_anywhere_costs_what_is_cut_and_one_failure() {
    let records = three();
    for layout in [Layout::Plain, Layout::OwnMembers] {
        let bytes = file(layout, &records);
        let all = seen(&bytes);
        let length = |r: &Vec<u8>| match layout {
            Layout::Plain => (r.len(), r.len() - 4),
            _ => (gzip(r).len(), gzip(r).len()),
        };
        for cut in 0..bytes.len() {
            let (mut end, mut whole, mut clean) = (0, 0, cut == 0);
            for record in &records {
                let (length, needed) = length(record);
                whole += usize::from(cut >= end + needed);
                clean |= cut >= end + needed && cut <= end + length;
                end += length;
            }
            let found = names(&bytes[..cut]);
            let records = found.iter().filter(|name| !name.contains('(')).count();
            assert_eq!(records, whole, "{layout:?} cut at {cut}: {found:?}");
            let failures = found.len() - records;
            assert_eq!(failures, usize::from(!clean), "{layout:?} cut at {cut}: {found:?}");
        }
        assert_eq!(all.len(), 3);
    }
}

#[test]
fn a_cut_shared_member_gives_what_was_inflated() {
    // Records that do not compress, so that inflating shows them one after the other.
    let noise = |seed: u32| -> Vec<u8> {
        let mut x = seed;
        let next = move || {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 24) as u8
        };
        std::iter::repeat_with(next).take(3000).collect()
    };
    let records: Vec<_> = (0..5).map(|i| record(&i.to_string(), &noise(i))).collect();
    let bytes = file(Layout::OneMember, &records);
    for cut in 1..bytes.len() {
        let mut inflated = Vec::new();
        let mut decoder = flate2::write::DeflateDecoder::new(&mut inflated);
        let data = bytes[..cut].get(10..).unwrap_or_default();
        let _ = decoder.write_all(data).and_then(|()| decoder.flush());
        drop(decoder);
        // A record counts when its blank line is there and it does not begin the member.
        let sizes = records.iter().scan(0, |end, record| {
            *end += record.len();
            Some(*end)
        });
        let mut whole = sizes.filter(|end| inflated.len() >= *end).count();
        if whole == 1 && inflated.len() == records[0].len() {
            whole = 0;
        }
        let found = items(&bytes[..cut], Limits::default());
        let (records, failures): (Vec<_>, Vec<_>) =
            found.iter().partition(|item| matches!(item, Item::Record(_)));
        assert_eq!(records.len(), whole, "cut at {cut}");
        assert_eq!(failures.len(), 1, "cut at {cut}: {failures:?}");
    }
}

#[test]
fn a_flipped_bit_in_a_member_costs_that_record_alone() {
    let records = three();
    let bytes = file(Layout::OwnMembers, &records);
    let ends: Vec<_> = records
        .iter()
        .scan(0, |end, record| {
            *end += gzip(record).len();
            Some(*end)
        })
        .collect();
    for at in 0..bytes.len() {
        let hit = ends.iter().position(|end| at < *end).unwrap();
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            let found = names(&damaged);
            // Bits of the time, the system and the like in a header mean nothing.
            assert_eq!(found.len(), 3, "bit {bit} of byte {at}: {found:?}");
            for (i, name) in ["a", "b", "c"].iter().enumerate() {
                if i != hit || !found[i].contains('(') {
                    assert_eq!(found[i], *name, "bit {bit} of byte {at}");
                }
            }
        }
    }
}

#[test]
fn a_flipped_bit_in_a_plain_file_costs_that_record_alone() {
    let records = three();
    let bytes = file(Layout::Plain, &records);
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            let found = names(&damaged);
            // A name may change with its bit; that of the record after it may not.
            let whole = found.iter().filter(|name| !name.contains('(')).count();
            assert!((2..=3).contains(&whole), "bit {bit} of byte {at}: {found:?}");
            assert!((3..=4).contains(&found.len()), "bit {bit} of byte {at}: {found:?}");
        }
    }
}

#[test]
fn empty_members_are_nothing() {
    let [a, b, _] = three().map(|r| gzip(&r));
    let file = [&gzip(b"")[..], &a, &gzip(b""), &gzip(b""), &b, &gzip(b"")].concat();
    let at = gzip(b"").len();
    let expected = [format!("a@{at}+{}", a.len()), format!("b@{}+{}", 3 * at + a.len(), b.len())];
    assert_eq!(seen(&file), expected);
}

#[test]
fn a_cut_last_member_is_no_record() {
    let [a, b, _] = three().map(|r| gzip(&r));
    for cut in 1..b.len() {
        let file = [&a[..], &b[..cut]].concat();
        let found = seen(&file);
        assert_eq!(found.len(), 2, "{cut}");
        assert_eq!(found[0], format!("a@0+{}", a.len()));
        assert!(found[1].starts_with("truncated_gzip("), "{cut}: {}", found[1]);
        assert!(found[1].ends_with(&format!(")@{}+{cut}", a.len())), "{}", found[1]);
    }
}

#[test]
fn a_corrupt_member_is_named_and_passed_over() {
    let [a, b, c] = three().map(|r| gzip(&r));
    // In the block's data, after the header was inflated.
    let mut corrupt = b.clone();
    let at = corrupt.len() - 10;
    corrupt[at] ^= 0xff;
    let found = seen(&[&a[..], &corrupt, &c].concat());
    let places = [a.len(), b.len(), a.len() + b.len(), c.len()];
    assert!(found[1].contains("(b)") || found[1].contains("(?)"), "{found:?}");
    assert!(found[1].ends_with(&format!("@{}+{}", places[0], places[1])), "{found:?}");
    assert_eq!(found[2], format!("c@{}+{}", places[2], places[3]));

    // The checksum alone.
    let mut corrupt = b.clone();
    let at = corrupt.len() - 5;
    corrupt[at] ^= 1;
    let found = seen(&[&a[..], &corrupt, &c].concat());
    assert_eq!(found[1], format!("bad_checksum(b)@{}+{}", places[0], places[1]));
    assert_eq!(found.len(), 3);

    // The first bytes.
    let mut corrupt = b.clone();
    corrupt[1] = 0;
    let found = seen(&[&a[..], &corrupt, &c].concat());
    assert_eq!(found[1], format!("garbage(?)@{}+{}", places[0], places[1]));
    assert_eq!(found.len(), 3);
}

#[test]
fn a_corrupt_shared_member_gives_the_records_before() {
    let records: Vec<_> =
        (0..50).map(|i| record(&i.to_string(), format!("{i} ").repeat(2000).as_bytes())).collect();
    let mut member = file(Layout::OneMember, &records);
    let at = member.len() / 2;
    member[at..at + 8].fill(0xff);
    let found = names(&[&member[..], &gzip(&record("z", b"x"))].concat());
    // What follows the damage is inflated to anything, and said to be so.
    assert!(found.iter().any(|name| name.contains('(')), "{found:?}");
    assert_eq!(found[found.len() - 1], "z");
    for (i, name) in found[..20].iter().enumerate() {
        assert_eq!(*name, i.to_string());
    }
}

// Wrong lengths.

#[test]
fn a_length_beyond_the_record_swallows_nothing() {
    for length in ["10", "14", "40", "200", "30000000", "99999999999", "18446744073709551615"] {
        let records = [
            record("a", b"first"),
            record_of_length("b", b"short", length),
            record("c", b"third"),
            record("d", b""),
        ];
        let expected = ["a", "content_length_too_long(b)", "c", "d"];
        for layout in LAYOUTS {
            let found = names(&file(layout, &records));
            assert_eq!(found, expected, "{layout:?}, {length}");
        }
        let found = names(&file(Layout::Plain, &records[..2]));
        assert_eq!(found, ["a", "truncated_record(b)"], "{length}");
    }
}

#[test]
fn a_length_beyond_its_member_is_said_to_be_so() {
    let [a, b, c] =
        [record("a", b"first"), record_of_length("b", b"short", "100"), record("c", b"third")]
            .map(|r| gzip(&r));
    let found = seen(&[&a[..], &b, &c].concat());
    let expected = format!("content_length_too_long(b)@{}+{}", a.len(), b.len());
    assert_eq!(found[1], expected);
    assert_eq!(names(&[&a[..], &b].concat()), ["a", "content_length_too_long(b)"]);
}

#[test]
fn a_member_of_its_own_is_not_searched_for_quotations() {
    let quoting = record("inner", b"x");
    let records = [
        record("a", b"first"),
        record_of_length("b", &quoting, "9999"),
        record_of_length("c", &[&b"12345"[..], &quoting].concat(), "2"),
        record("d", b""),
    ];
    let expected = ["a", "content_length_too_long(b)", "content_length_too_short(c)", "d"];
    assert_eq!(names(&file(Layout::OwnMembers, &records)), expected);
}

#[test]
fn a_length_that_ends_at_a_blank_line_is_short_all_the_same() {
    let page = b"HTTP/1.1 200 OK\r\n\r\n<html>";
    let records = [record("a", b"first"), record_of_length("b", page, "15"), record("c", b"")];
    let found = names(&file(Layout::OwnMembers, &records));
    assert_eq!(found, ["a", "content_length_too_short(b)", "c"]);
    // Without members there is no telling; what is cut off is reported at least.
    let found = names(&file(Layout::Plain, &records));
    assert_eq!(found, ["a", "b", "garbage(?)", "c"]);
}

#[test]
fn the_largest_limits_are_no_danger() {
    let limits = small(u64::MAX, usize::MAX);
    let lie = record_of_length("a", b"x", "18446744073709551615");
    let found = seen_with(&[lie, record("b", b"")].concat(), limits);
    assert!(found[0].starts_with("content_length_too_long(a)"), "{found:?}");
    assert!(found[1].starts_with("b@"), "{found:?}");
}

#[test]
fn a_length_short_of_the_record_costs_that_record() {
    let records = [
        record("a", b"first"),
        record_of_length("b", b"longer than that", "3"),
        record("c", b"third"),
    ];
    for layout in LAYOUTS {
        let found = names(&file(layout, &records));
        assert_eq!(found, ["a", "content_length_too_short(b)", "c"], "{layout:?}");
    }
}

#[test]
fn a_missing_or_senseless_length_costs_that_record() {
    for length in ["", "-5", "five", "5 5"] {
        let records =
            [record("a", b"first"), record_of_length("b", b"short", length), record("c", b"third")];
        for layout in LAYOUTS {
            let found = names(&file(layout, &records));
            assert_eq!(found, ["a", "bad_content_length(b)", "c"], "{layout:?}");
        }
    }
}

// Headers.

#[test]
fn bad_headers_cost_that_record() {
    let record = |id: &str| {
        let text = String::from_utf8(record(id, b"block")).unwrap();
        assert!(text.starts_with("WARC/1.0"));
        text
    };
    for (from, to, kind) in [
        ("WARC/1.0", "WARC/1.x", "bad_header(b)"),
        ("WARC/1.0", "WARC/", "bad_header(b)"),
        ("WARC-Type: response\r\n", "", "bad_header(b)"),
        ("\r\n\r\nblock\r\n\r\n", "\r\n", "bad_header(b)"),
        ("WARC/1.0", "WERC/1.0", "garbage(?)"),
    ] {
        let bad = record("b").replacen(from, to, 1);
        let records = [record("a"), bad, record("c")].map(String::into_bytes);
        for layout in LAYOUTS {
            let found = names(&file(layout, &records));
            // Where its member ends inside a header, no other record is seen there.
            let kind = match (layout, to) {
                (Layout::OwnMembers, "\r\n") => "truncated_record(b)",
                _ => kind,
            };
            assert_eq!(found, ["a", kind, "c"], "{layout:?}, {to}");
        }
    }
}

#[test]
fn headers_over_the_cap_are_passed_over() {
    let long = "X: ".to_owned() + &"y".repeat(5000) + "\r\nContent-Length";
    let text = String::from_utf8(record("b", b"block")).unwrap();
    let records = [
        record("a", b"first"),
        text.replacen("Content-Length", &long, 1).into_bytes(),
        record("c", b"third"),
    ];
    for layout in LAYOUTS {
        let bytes = file(layout, &records);
        let found = seen_with(&bytes, small(1000, 1000)).join(" ");
        assert!(found.contains("header_over_cap(b)"), "{layout:?}: {found}");
        assert!(found.starts_with("a@") && found.contains(" c@"), "{found}");
        assert_eq!(seen_with(&bytes, small(1000, 10_000)).len(), 3);
    }
}

// Caps.

#[test]
fn blocks_over_the_cap_are_passed_over_and_named() {
    let records = [record("a", b"first"), record("b", &[b'x'; 1001]), record("c", &[b'x'; 1000])];
    for layout in LAYOUTS {
        let bytes = file(layout, &records);
        let found = seen_with(&bytes, small(1000, 1000)).join(" ");
        assert!(found.contains("record_over_cap(b)"), "{layout:?}: {found}");
        assert!(found.starts_with("a@") && found.contains(" c@"), "{found}");
        assert_eq!(found.split(' ').count(), 3);
    }
    let bytes = file(Layout::OwnMembers, &records);
    let sizes = records.map(|r| gzip(&r).len());
    let expected = format!("record_over_cap(b)@{}+{}", sizes[0], sizes[1]);
    assert_eq!(seen_with(&bytes, small(1000, 1000))[1], expected);
}

#[test]
fn a_quotation_in_a_block_over_the_cap_is_not_a_record() {
    let inner = record("inner", b"x");
    let block = [&[b'x'; 2000][..], b"\r\n\r\n", &inner, &[b'y'; 500]].concat();
    let records = [record("a", b""), record("b", &block), record("c", b"")];
    for layout in LAYOUTS {
        let found = seen_with(&file(layout, &records), small(1000, 1000)).join(" ");
        assert!(!found.contains("inner"), "{layout:?}: {found}");
        assert!(found.contains("record_over_cap(b)"), "{layout:?}: {found}");
        assert_eq!(found.split(' ').count(), 3);
    }
}

#[test]
fn many_lies_cost_little_time() {
    // Each claims more than the file has; reading ahead for one must not be repeated for the next.
    let lie = record_of_length("a", b"x", "33000000");
    let bytes = lie.repeat(20_000);
    let found = items(&bytes[..], Limits::default());
    assert_eq!(found.len(), 20_000);
    // Headers without end, and members without end.
    let bytes = b"WARC/1.0\nA:\n".repeat(50_000);
    assert_eq!(items(&bytes[..], Limits::default()).len(), 50_000);
    let bytes = b"\x1f\x8b\x08\0\0\0\0\0\0\0".repeat(50_000);
    assert_eq!(items(&bytes[..], Limits::default()).len(), 1);
    // Members inside each other: every one begins a record, none of them ends.
    let member = b"\x1f\x8b\x08\0\0\0\0\0\0\0\0\xff\xff\0\0WARC/1.0\r\n";
    let bytes = member.repeat(40_000);
    assert!(!items(&bytes[..], Limits::default()).is_empty());
}

// What is between records, and what is no WARC.

#[test]
fn garbage_is_reported_once_and_passed_over() {
    let garbage = b"this is\nnothing at all\n";
    for layout in LAYOUTS {
        let records = [record("a", b"first"), garbage.to_vec(), record("b", b""), garbage.to_vec()];
        let found = names(&file(layout, &records));
        let expected = ["a", "garbage(?)", "b", "garbage(?)"];
        assert_eq!(found, expected, "{layout:?}");
    }
    let [a, b, _] = three().map(|r| gzip(&r));
    let found = seen(&[&a[..], garbage, &b, garbage].concat());
    let expected = [
        format!("a@0+{}", a.len()),
        format!("garbage(?)@{}+{}", a.len(), garbage.len()),
        format!("b@{}+{}", a.len() + garbage.len(), b.len()),
        format!("garbage(?)@{}+{}", a.len() + garbage.len() + b.len(), garbage.len()),
    ];
    assert_eq!(found, expected);
}

#[test]
fn garbage_before_every_member_costs_no_member() {
    let each = [b"junk\n", &gzip(&record("a", b"x"))[..]].concat();
    let found = items(&each.repeat(20_000)[..], Limits::default());
    assert_eq!(found.len(), 40_000);
    let records = found.iter().filter(|item| matches!(item, Item::Record(_)));
    assert_eq!(records.count(), 20_000);
}

#[test]
fn padding_is_nothing() {
    let [a, b, _] = three();
    let padding = [0; 5000];
    assert_eq!(names(&[&a[..], &padding, &b, &padding].concat()), ["a", "b"]);
    let [a, b] = [gzip(&a), gzip(&b)];
    assert_eq!(names(&[&a[..], &padding, &b, b"\r\n", &padding].concat()), ["a", "b"]);
    let long = [0; 300_000];
    assert_eq!(names(&[&a[..], &long, &b, &long].concat()), ["a", "b"]);
}

#[test]
fn plain_records_and_members_may_be_mixed() {
    let [a, b, c] = three();
    let shared = gzip(&[&b[..], &c].concat());
    let own = gzip(&a);
    let file = [&a[..], &own, &b, &c, &shared, &own, &a].concat();
    let mut at = 0;
    let mut next = |length: usize| {
        at += length;
        at - length
    };
    let expected = [
        format!("a@{}+{}", next(a.len()), a.len()),
        format!("a@{}+{}", next(own.len()), own.len()),
        format!("b@{}+{}", next(b.len()), b.len()),
        format!("c@{}+{}", next(c.len()), c.len()),
        format!("b@{at}", at = next(shared.len())),
        format!("c@{at}", at = file.len() - a.len() - own.len() - shared.len()),
        format!("a@{}+{}", next(own.len()), own.len()),
        format!("a@{}+{}", next(a.len()), a.len()),
    ];
    assert_eq!(seen(&file), expected);
}

#[test]
fn what_is_no_warc_is_one_failure() {
    let long_text = "crawl-data/CC-MAIN/a.warc.gz\n".repeat(10_000);
    let arc = b"filedesc://a.arc 127.0.0.1 20200101000000 text/plain 9\n1 0 test\n\n";
    let inner = record("a", b"x");
    for bytes in [
        arc.to_vec(),
        [gzip(arc), gzip(b"http://a/ 127.0.0.1 20200101000000 text/html 1\nx\n")].concat(),
        b"\x04\x22\x4d\x18 lz4".to_vec(),
        b"BZh9 bzip2".to_vec(),
        b"\x28\xb5\x2f\xfd zstd".to_vec(),
        b"\x5d\x2a\x4d\x18 zstd".to_vec(),
        [b"PK\x03\x04 zip", &gzip(&inner)[..]].concat(),
        long_text.clone().into_bytes(),
        gzip(long_text.as_bytes()),
        [gzip(long_text.as_bytes()), gzip(long_text.as_bytes())].concat(),
        b"W".to_vec(),
        b"x".to_vec(),
        b"\r\n".to_vec(),
        vec![0; 100_000],
    ] {
        let found = items(&bytes[..], Limits::default());
        let [Item::Failure(failure)] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!(failure.kind, "unsupported_format", "{failure:?}");
        assert_eq!(failure.offset, 0);
    }
}

#[test]
fn an_empty_file_holds_nothing() {
    assert!(items(&b""[..], Limits::default()).is_empty());
    assert!(items(&gzip(b"")[..], Limits::default()).is_empty());
}

#[test]
fn records_after_other_text_are_found() {
    let bytes = [b"some text\n\n".to_vec(), record("a", b"x")].concat();
    assert_eq!(names(&bytes), ["garbage(?)", "a"]);
}

#[test]
fn errors_of_the_environment_are_not_failures() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("disk on fire"))
        }
    }
    let a = record("a", b"x");
    let mut reader = Reader::new((&a[..]).chain(Broken), Limits::default());
    assert!(reader.next().is_err());
}
