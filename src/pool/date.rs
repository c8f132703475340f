//! Dates as pools write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Microseconds since 1970-01-01 UTC of an RFC 3339 time or a `YYYY-MM-DD` date (midnight UTC).
///
/// A time without an offset is read as UTC, which crawls record. `None` for anything else.
pub(super) fn micros(date: &str) -> Option<i64> {
    let date = date.trim();
    if let Ok(timestamp) = date.parse::<Timestamp>() {
        return Some(timestamp.as_microsecond());
    }
    let civil = date.parse::<DateTime>().ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::micros;

    #[test]
    fn times_and_days_are_read_in_utc() {
        assert_eq!(micros("1970-01-01T00:00:01Z"), Some(1_000_000));
        assert_eq!(micros("2024-05-18T01:58:10.123456Z"), Some(1_715_997_490_123_456));
        assert_eq!(micros("2024-05-18T03:58:10.123456+02:00"), Some(1_715_997_490_123_456));
        assert_eq!(micros("2024-05-18 01:58:10"), Some(1_715_997_490_000_000));
        assert_eq!(micros("2024-05-18"), Some(1_715_990_400_000_000));
        assert_eq!(micros("1969-12-31T23:59:59Z"), Some(-1_000_000));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["", "yesterday", "2024-13-01", "1715997490", "18/05/2024", "99999-01-01"] {
            assert_eq!(micros(text), None, "{text}");
        }
    }
}
