//! Header fields (`Name: value` lines), as WARC headers and HTTP heads share them.

use std::ops::Range;

use memchr::memchr;

/// Header fields in the order in which they were written; names compare without case.
///
/// One string holds all names and values, so that a record costs two allocations here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    text: String,
    spans: Vec<(Range<usize>, Range<usize>)>,
}

impl Fields {
    /// Reads lines up to the first blank one or the end.
    ///
    /// Lines end with LF or CR LF. A line that begins with a space or a tab continues the value
    /// before it. A line without a colon is not a field and is passed over, as browsers do.
    pub(crate) fn parse(mut lines: &[u8]) -> Fields {
        let mut fields = Fields::default();
        while !lines.is_empty() {
            let end = memchr(b'\n', lines).unwrap_or(lines.len());
            let line = lines[..end].strip_suffix(b"\r").unwrap_or(&lines[..end]);
            lines = lines.get(end + 1..).unwrap_or_default();
            if line.is_empty() {
                break;
            }
            if line[0] == b' ' || line[0] == b'\t' {
                fields.fold(line);
            } else if let Some(colon) = memchr(b':', line) {
                let name = fields.push(&line[..colon]);
                let value = fields.push(&line[colon + 1..]);
                fields.spans.push((name, value));
            }
        }
        fields
    }

    /// The first value of a field, without the blanks around it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All fields: name as written, value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.spans.iter().map(|(name, value)| (&self.text[name.clone()], &self.text[value.clone()]))
    }

    /// Appends to the value of the last field.
    fn fold(&mut self, line: &[u8]) {
        let Some((name, value)) = self.spans.pop() else {
            return;
        };
        // The last value is the end of `text`, so the span only grows.
        if !value.is_empty() {
            self.text.push(' ');
        }
        self.push(line);
        self.text.truncate(self.text.trim_end().len());
        let start = value.start.min(self.text.len());
        self.spans.push((name, start..self.text.len()));
    }

    /// UTF-8 as the standard asks; older crawlers wrote Latin-1, where every byte is a character.
    fn push(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.text.len();
        match std::str::from_utf8(bytes) {
            Ok(text) => self.text.push_str(text.trim()),
            Err(_) => self.text.extend(bytes.trim_ascii().iter().map(|&byte| byte as char)),
        }
        start..self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Fields;

    #[test]
    fn names_ignore_case_and_values_lose_their_blanks() {
        let fields = Fields::parse(b"warc-TYPE :  response \r\nX:\r\nWARC-Date: 2020\nX: 2");
        assert_eq!(fields.get("WARC-Type"), Some("response"));
        assert_eq!(fields.get("warc-date"), Some("2020"));
        assert_eq!(fields.all("x").collect::<Vec<_>>(), ["", "2"]);
        assert_eq!(fields.get("absent"), None);
    }

    #[test]
    fn folded_lines_are_one_value() {
        let fields = Fields::parse(b"A: one\r\n two\r\n\tthree\r\nB:\r\n four\r\n");
        assert_eq!(fields.get("A"), Some("one two three"));
        assert_eq!(fields.get("B"), Some("four"));
    }

    #[test]
    fn stray_lines_and_what_follows_a_blank_line_are_no_fields() {
        let fields = Fields::parse(b" folded onto nothing\nno colon\nA: 1\n\nB: 2\n");
        assert_eq!(fields.iter().collect::<Vec<_>>(), [("A", "1")]);
    }

    #[test]
    fn latin_1_is_read_where_utf_8_fails() {
        let fields = Fields::parse(b"A: caf\xe9\r\nB: caf\xc3\xa9\r\n");
        assert_eq!(fields.get("A"), Some("café"));
        assert_eq!(fields.get("B"), Some("café"));
    }
}
