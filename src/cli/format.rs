//! Numbers, tables and paragraphs as people read them.

use std::time::Duration;

/// Columns of what is printed; the same on a terminal and in a file.
pub(super) const WIDTH: usize = 100;

pub(super) use crate::figures::{bytes, count, counted, share};

/// Seconds, with fractions where there are few (`0.02 s`, `7.5 s`, `84 s`).
pub(super) fn seconds(seconds: f64) -> String {
    let decimals = match seconds {
        s if s < 0.995 => 2,
        s if s < 9.95 => 1,
        _ => 0,
    };
    format!("{seconds:.decimals$} s")
}

/// A time as one reads it off a watch (`48 s`, `5 min 12 s`, `2 h 05 min`).
pub(super) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A parameter's value as TOML has it.
pub(super) fn toml(value: &serde_json::Value) -> String {
    match value.as_array() {
        Some(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        None => value.to_string(),
    }
}

/// Rows with aligned columns, two spaces between; the columns of `right` are flush right.
pub(super) fn table(rows: &[Vec<String>], right: &[usize]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = widths[column];
            let padded = match right.contains(&column) {
                true => format!("{cell:>width$}"),
                false => format!("{cell:<width$}"),
            };
            line.push_str(if column == 0 { "" } else { "  " });
            line.push_str(&padded);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Terms longer than this, in characters, have a line to themselves.
const LONGEST_TERM: usize = 36;

/// Terms with what is said of each beside it, broken into lines of [`WIDTH`] that start under the
/// first one; below the term where it or a word of what is said is too long.
pub(super) fn definitions(rows: &[(String, String)], indent: usize) -> String {
    let lengths = rows.iter().map(|(term, _)| term.chars().count());
    let width = lengths.filter(|&length| length <= LONGEST_TERM).max().unwrap_or(0);
    let room = WIDTH.saturating_sub(indent + width + 2);
    let mut text = String::new();
    for (term, said) in rows {
        let fits = |word: &str| word.chars().count() <= room;
        if term.chars().count() <= width && said.split([' ', '\n']).all(fits) {
            let lead = format!("{:indent$}{term:<width$}  ", "");
            text.push_str(&wrap(&lead, said));
        } else {
            text.push_str(&format!("{:indent$}{term}\n", ""));
            text.push_str(&wrap(&" ".repeat(indent + 4), said));
        }
    }
    text
}

/// Joins with spaces at which no line ends.
pub(super) fn together(words: &str) -> String {
    words.replace(' ', "\u{a0}")
}

/// A paragraph after a lead, in lines of [`WIDTH`] that start where the lead ends.
pub(super) fn wrap(lead: &str, paragraph: &str) -> String {
    let indent = lead.chars().count();
    let (mut text, mut line, mut used) = (String::new(), lead.to_owned(), indent);
    for word in paragraph.split([' ', '\n']).filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if used > indent {
            if used + 1 + length > WIDTH {
                text.push_str(line.trim_end());
                text.push('\n');
                line = " ".repeat(indent);
                used = indent;
            } else {
                line.push(' ');
                used += 1;
            }
        }
        line.push_str(word);
        used += length;
    }
    text.push_str(line.trim_end());
    text.push('\n');
    text.replace('\u{a0}', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_scaled() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "shard"), "1 shard");
        assert_eq!(counted(0, "shard"), "0 shards");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(22_100_000), "22.1 MB");
        assert_eq!(bytes(999_960), "1.0 MB");
        assert_eq!(bytes(u64::MAX), "18446.7 PB");
        assert_eq!(share(1, 3), "33.3 %");
        assert_eq!(share(1, 0), "–");
    }

    #[test]
    fn times_have_as_many_digits_as_one_looks_at() {
        let texts = [0.0, 0.0234, 7.46, 84.4].map(seconds);
        assert_eq!(texts, ["0.00 s", "0.02 s", "7.5 s", "84 s"]);
        let texts = [0, 59, 60, 3599, 3600, 90_061].map(|s| duration(Duration::from_secs(s)));
        assert_eq!(
            texts,
            ["0 s", "59 s", "1 min 00 s", "59 min 59 s", "1 h 00 min", "25 h 01 min"]
        );
    }

    #[test]
    fn tables_align_by_characters_and_leave_nothing_at_line_ends() {
        let rows = [["a", "1", ""], ["größe", "22", "x"]].map(|row| row.map(String::from).to_vec());
        assert_eq!(table(&rows, &[1]), "a       1\ngröße  22  x\n");
        assert_eq!(table(&[], &[]), "");
    }

    #[test]
    fn paragraphs_hang_under_their_first_line() {
        let words = "word ".repeat(24);
        let rows = [("a".to_owned(), "b".to_owned()), ("long".to_owned(), words)];
        let text = definitions(&rows, 2);
        let first = "word ".repeat(18);
        let rest = "word ".repeat(6);
        let expected =
            format!("  a     b\n  long  {}\n        {}\n", first.trim_end(), rest.trim_end());
        assert_eq!(text, expected);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
        let pairs = format!("{}{}", "x ".repeat(48), together("a > b"));
        assert_eq!(wrap("", &pairs), format!("{}\na > b\n", "x ".repeat(48).trim_end()));
        let unbroken = "x".repeat(300);
        assert_eq!(wrap("", &unbroken), format!("{unbroken}\n"));
        assert_eq!(wrap("lead  ", ""), "lead\n");
    }
}
