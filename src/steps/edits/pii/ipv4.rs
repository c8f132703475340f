//! IPv4 addresses in running text, as datatrove and Dolma find them.

/// Calls `found` with the start and end of every address of the text.
///
/// An address is four numbers of at most 255 with dots between. Nothing is asked of what stands
/// around it: `1234.5.6.7` holds `234.5.6.7`, and `1.2.3.256` holds `1.2.3.25`.
pub(super) fn addresses(text: &str, mut found: impl FnMut(usize, usize)) {
    let bytes = text.as_bytes();
    let (mut from, mut at) = (0, 0);
    while let Some(dot) = memchr::memchr(b'.', &bytes[at..]).map(|dot| at + dot) {
        at = dot + 1;
        if let (Some(start), Some(end)) = (first(bytes, from, dot), rest(bytes, at)) {
            found(start, end);
            (from, at) = (end, end);
        }
    }
}

/// Where the first number starts, which ends at the dot and starts at `from` at the earliest.
fn first(bytes: &[u8], from: usize, dot: usize) -> Option<usize> {
    let before = &bytes[from.max(dot.saturating_sub(3))..dot];
    let length = before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let length = (1..=length).rev().find(|&length| is_octet(&bytes[dot - length..dot]))?;
    Some(dot - length)
}

/// Where the address ends whose second number starts at `at`.
fn rest(bytes: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..2 {
        at = octet_before(bytes, at, b'.')? + 1;
    }
    // The longest number that fits; digits may follow it.
    (1..=3).rev().map(|length| at + length).find(|&end| bytes.get(at..end).is_some_and(is_octet))
}

/// Where the number ends that starts at `at`, if `end` stands there.
pub(super) fn octet_before(bytes: &[u8], at: usize, end: u8) -> Option<usize> {
    let digits = bytes[at..].iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let after = at + digits;
    (bytes.get(after) == Some(&end) && is_octet(&bytes[at..after])).then_some(after)
}

/// Whether these are one to three digits of at most 255; zeros may lead.
fn is_octet(digits: &[u8]) -> bool {
    digits.iter().all(u8::is_ascii_digit)
        && match digits {
            [_] | [_, _] | [b'0' | b'1', _, _] | [b'2', b'0'..=b'4', _] => true,
            [b'2', b'5', last] => *last <= b'5',
            _ => false,
        }
}

/// Whether Python's `ipaddress` takes the address: no number has a leading zero.
pub(super) fn parse(address: &str) -> Option<[u8; 4]> {
    address.parse::<std::net::Ipv4Addr>().ok().map(|address| address.octets())
}

/// Whether `is_global` of Python 3.11.7's `ipaddress` holds.
pub(super) fn is_public(address: [u8; 4]) -> bool {
    !matches!(
        address,
        [0 | 10 | 127 | 240..=255, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0, 0..=7 | 170 | 171]
            | [192, 0, 2, _]
            | [192, 168, ..]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        addresses(text, |start, end| found.push(&text[start..end]));
        found
    }

    #[test]
    fn an_address_is_found_wherever_it_stands() {
        assert_eq!(found("at 8.8.8.8, v1.22.133.255x"), ["8.8.8.8", "1.22.133.255"]);
        assert_eq!(found("1234.5.6.7 999.5.6.7"), ["234.5.6.7", "99.5.6.7"]);
        assert_eq!(found("1.2.3.256 1.2.3.300 1.2.3.1999"), ["1.2.3.25", "1.2.3.30", "1.2.3.199"]);
        assert_eq!(found("1.2.3.4.5.6.7.8.9"), ["1.2.3.4", "5.6.7.8"]);
        assert_eq!(found("01.002.3.04"), ["01.002.3.04"]);
        assert_eq!(found("1.2.3 1.2..3.4 1.256.3.4 1.2.0003.4 1.2.3. .1.2.3"), [""; 0]);
        assert_eq!(found("1.256.3.4.5.6"), ["56.3.4.5"]);
    }

    #[test]
    fn public_addresses_are_python_s() {
        let public = |text| parse(text).is_some_and(is_public);
        for address in ["8.8.8.8", "172.32.0.1", "192.0.0.8", "198.20.0.0", "224.0.0.1", "1.0.0.0"]
        {
            assert!(public(address), "{address}");
        }
        for address in [
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.0.1",
            "172.31.255.255",
            "192.0.0.7",
            "192.0.0.171",
            "192.0.2.1",
            "192.168.1.1",
            "198.19.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "240.0.0.1",
            "255.255.255.255",
            "08.8.8.8",
        ] {
            assert!(!public(address), "{address}");
        }
    }
}
