//! Numbers as people write them: `10k`, `1.5M`, `2B`; sizes: `32MiB`, `2 GB`.

/// Reads a count: digits with an optional fraction and `k`, `M`, `B` (10^3, 10^6, 10^9) or `T`.
///
/// # Errors
/// A sentence that names the text.
pub fn parse_count(text: &str) -> Result<u64, String> {
    let trimmed = text.trim().replace('_', "");
    let (digits, factor) = match trimmed.char_indices().last() {
        Some((at, 'k' | 'K')) => (&trimmed[..at], 1e3),
        Some((at, 'm' | 'M')) => (&trimmed[..at], 1e6),
        Some((at, 'b' | 'B' | 'g' | 'G')) => (&trimmed[..at], 1e9),
        Some((at, 't' | 'T')) => (&trimmed[..at], 1e12),
        _ => (trimmed.as_str(), 1.0),
    };
    scaled(digits, factor).ok_or_else(|| format!("`{text}` is not a count; write 500, 10k, 1.5M"))
}

/// Reads a size in bytes: `65536`, `64k`, `32MiB`, `2GB` (`k`, `M`, `G`, `T` are powers of 1,000,
/// with an `i` powers of 1,024).
///
/// # Errors
/// A sentence that names the text.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let fault = || format!("`{text}` is not a size; write 65536, 64kB, 32MiB, 2GiB");
    let trimmed = text.trim();
    let split = trimmed.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(trimmed.len());
    let (digits, unit) = trimmed.split_at(split);
    let factor = match unit.to_ascii_lowercase().trim_end_matches('b') {
        "" => 1.0,
        "k" => 1e3,
        "m" => 1e6,
        "g" => 1e9,
        "t" => 1e12,
        "ki" => 1024.0,
        "mi" => 1024.0 * 1024.0,
        "gi" => 1024.0 * 1024.0 * 1024.0,
        "ti" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return Err(fault()),
    };
    scaled(digits.trim().replace('_', "").as_str(), factor).ok_or_else(fault)
}

fn scaled(digits: &str, factor: f64) -> Option<u64> {
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let number: f64 = digits.parse().ok()?;
    let value = number * factor;
    (value.is_finite() && value.fract() == 0.0 && value < 9e15).then_some(value as u64)
}

/// A number as TOML may have it, a long one in groups of digits (`1_000_000`).
pub fn grouped(number: f64) -> String {
    // Digits past those of a float mean nothing.
    if number.abs() >= 1e15 {
        return format!("{number:e}");
    }
    let text = number.to_string();
    if text.len() < 5 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text;
    }
    let mut grouped = String::new();
    for (index, digit) in text.chars().enumerate() {
        if index > 0 && (text.len() - index).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_grouped_where_they_are_long() {
        let texts = [0.0, 0.65, 1024.0, 10_000.0, 1e9, -50_000.0].map(grouped);
        assert_eq!(texts, ["0", "0.65", "1024", "10_000", "1_000_000_000", "-50000"]);
    }

    #[test]
    fn counts_and_sizes_read_as_people_write_them() {
        assert_eq!(parse_count("10k"), Ok(10_000));
        assert_eq!(parse_count("1.5M"), Ok(1_500_000));
        assert_eq!(parse_count("2B"), Ok(2_000_000_000));
        assert_eq!(parse_count("7"), Ok(7));
        assert_eq!(parse_bytes("32MiB"), Ok(32 << 20));
        assert_eq!(parse_bytes("2 GB"), Ok(2_000_000_000));
        assert_eq!(parse_bytes("65536"), Ok(65536));
        for bad in ["", "k", "-1", "1.5", "inf", "nan", "0x10", "1e400"] {
            assert!(parse_count(bad).is_err(), "{bad}");
        }
        for bad in ["", "MiB", "12 parsecs", "-3k", "1.0000001kB"] {
            assert!(parse_bytes(bad).is_err(), "{bad}");
        }
    }
}
