//! Characters of a page → tokens, as the HTML standard reads them (§13.2.5).
//!
//! A token is asked for when it is wanted, so whoever asks can stop at any time; tokens are slices
//! of the page and nothing is copied. Every byte is looked at a bounded number of times, whatever
//! the page. Parse errors are read as browsers read them and not reported; the same name on one
//! tag twice is passed on as it stands, and the first one counts.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr3};

use super::references::{Characters, resolve};

/// A piece of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) enum Token<'a> {
    /// Characters; may be none.
    Text(Raw<'a>),
    /// `<name …>`; the attributes are the tokenizer's.
    Start {
        /// As it stands in the page, in letters of either case.
        name: &'a str,
        /// It ends in `/>`.
        self_closing: bool,
    },
    /// `</name>`.
    End {
        /// As it stands in the page, in letters of either case.
        name: &'a str,
    },
    /// A comment, or what is read as one.
    Comment(&'a str),
    /// A document type.
    Doctype,
}

/// Characters as they stand in the page, and how they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) struct Raw<'a> {
    /// As they stand in the page.
    pub(in crate::extract) source: &'a str,
    /// How they are read.
    pub(in crate::extract) reading: Reading,
}

/// How characters of a page are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) enum Reading {
    /// Text: references are resolved, NUL stays for the reader to leave out.
    Flow,
    /// Title and text area: references are resolved.
    References,
    /// A value of an attribute: references are resolved but for those in queries of links.
    Attribute,
    /// Scripts and the like: as it stands.
    Literal,
    /// A section of another namespace: as it stands, NUL too.
    Section,
}

impl<'a> Raw<'a> {
    /// The characters that are meant: references resolved, lines ended by `\n`.
    pub(in crate::extract) fn read(self) -> Cow<'a, str> {
        let references = !matches!(self.reading, Reading::Literal | Reading::Section);
        let special = |bytes: &[u8]| match references {
            true => memchr3(b'&', b'\r', b'\0', bytes),
            false => memchr2(b'\r', b'\0', bytes),
        };
        let Some(mut found) = special(self.source.as_bytes()) else {
            return Cow::Borrowed(self.source);
        };
        let mut rest = self.source;
        let mut text = String::with_capacity(rest.len());
        loop {
            text.push_str(&rest[..found]);
            let after = &rest[found + 1..];
            let read = match rest.as_bytes()[found] {
                b'\r' => {
                    text.push('\n');
                    usize::from(after.starts_with('\n'))
                }
                b'\0' => {
                    text.push(match self.reading {
                        Reading::Flow | Reading::Section => '\0',
                        _ => char::REPLACEMENT_CHARACTER,
                    });
                    0
                }
                _ => match resolve(after, self.reading == Reading::Attribute) {
                    Some((characters, read)) => {
                        match characters {
                            Characters::One(character) => text.push(character),
                            Characters::Named(characters) => text.push_str(characters),
                        }
                        read
                    }
                    None => {
                        text.push('&');
                        0
                    }
                },
            };
            rest = &after[read..];
            match special(rest.as_bytes()) {
                Some(next) => found = next,
                None => {
                    text.push_str(rest);
                    return Cow::Owned(text);
                }
            }
        }
    }
}

/// An attribute of a start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) struct Attribute<'a> {
    /// As it stands in the page, in letters of either case.
    pub(in crate::extract) name: &'a str,
    /// As it stands in the page, without quotes.
    pub(in crate::extract) value: &'a str,
}

/// What an element that holds characters only holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) enum RawText {
    /// Characters and references.
    Rcdata,
    /// Characters.
    Rawtext,
    /// Characters; comments may hide the end tag.
    Script,
    /// Characters, to the end of the page.
    Plaintext,
}

/// The tokens of a page.
#[derive(Debug)]
pub(in crate::extract) struct Tokenizer<'a> {
    html: &'a str,
    at: usize,
    /// The element whose characters come next, if it holds nothing else.
    raw: Option<(RawText, &'a str)>,
    attributes: Vec<Attribute<'a>>,
    /// Most attributes of a tag that are kept.
    max_attributes: usize,
}

/// Bytes that end an unquoted part of a tag.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0C')
}

/// Whether a byte ends a tag's or an attribute's name, by byte: 1 both, 2 an attribute's only.
const NAME_ENDS: [u8; 256] = {
    let mut ends = [0; 256];
    ends[b' ' as usize] = 1;
    ends[b'\t' as usize] = 1;
    ends[b'\n' as usize] = 1;
    ends[b'\r' as usize] = 1;
    ends[b'\x0C' as usize] = 1;
    ends[b'/' as usize] = 1;
    ends[b'>' as usize] = 1;
    ends[b'=' as usize] = 2;
    ends
};

impl<'a> Tokenizer<'a> {
    /// The tokens of a whole page. Of a tag with more attributes than `max_attributes` only one more
    /// is kept, to tell by.
    pub(in crate::extract) fn new(html: &'a str, max_attributes: usize) -> Self {
        let max_attributes = max_attributes.saturating_add(1);
        Self { html, at: 0, raw: None, attributes: Vec::new(), max_attributes }
    }

    /// The attributes of the start tag that came last, in order.
    pub(in crate::extract) fn attributes(&self) -> &[Attribute<'a>] {
        &self.attributes
    }

    /// Reads what comes as the characters of an element up to its end tag.
    pub(in crate::extract) fn enter(&mut self, raw: RawText, name: &'a str) {
        self.raw = Some((raw, name));
    }

    /// Reads a section of another namespace (`<![CDATA[` … `]]>`), if one starts here. The standard
    /// knows them inside drawings and mathematics only.
    pub(in crate::extract) fn section(&mut self) -> Option<Token<'a>> {
        const OPEN: &str = "<![CDATA[";
        if self.raw.is_some() || !self.html.as_bytes()[self.at..].starts_with(OPEN.as_bytes()) {
            return None;
        }
        let start = self.at + OPEN.len();
        let end = memchr::memmem::find(&self.html.as_bytes()[start..], b"]]>");
        let end = end.map_or(self.html.len(), |length| start + length);
        self.at = (end + 3).min(self.html.len());
        let source = &self.html[start..end];
        Some(Token::Text(Raw { source, reading: Reading::Section }))
    }

    /// The next token; `None` at the end of the page.
    pub(in crate::extract) fn next(&mut self) -> Option<Token<'a>> {
        if let Some((raw, name)) = self.raw.take() {
            let start = self.at;
            self.at = raw_end(self.html, start, raw, name);
            if self.at > start {
                let reading = match raw {
                    RawText::Rcdata => Reading::References,
                    _ => Reading::Literal,
                };
                return Some(Token::Text(Raw { source: &self.html[start..self.at], reading }));
            }
        }
        let bytes = self.html.as_bytes();
        let start = self.at;
        let mut from = start;
        let markup = loop {
            let Some(found) = memchr(b'<', &bytes[from..]) else { break bytes.len() };
            if starts_markup(&bytes[from + found + 1..]) {
                break from + found;
            }
            from += found + 1;
        };
        if markup > start {
            self.at = markup;
            let source = &self.html[start..markup];
            return Some(Token::Text(Raw { source, reading: Reading::Flow }));
        }
        match *bytes.get(markup + 1)? {
            b'!' => Some(self.declaration()),
            b'?' => Some(self.bogus_comment(markup + 1)),
            b'/' => match bytes.get(markup + 2) {
                // Nothing; yet what follows may be a section, so the caller has to be asked.
                Some(b'>') => {
                    self.at = markup + 3;
                    let source = &self.html[self.at..self.at];
                    Some(Token::Text(Raw { source, reading: Reading::Flow }))
                }
                Some(byte) if byte.is_ascii_alphabetic() => {
                    let name = self.tag(markup + 2)?.0;
                    Some(Token::End { name })
                }
                _ => Some(self.bogus_comment(markup + 2)),
            },
            _ => {
                let (name, self_closing) = self.tag(markup + 1)?;
                Some(Token::Start { name, self_closing })
            }
        }
    }

    /// Reads a tag whose name starts at `start`; `None` if the page ends inside it.
    fn tag(&mut self, start: usize) -> Option<(&'a str, bool)> {
        let html = self.html;
        let bytes = html.as_bytes();
        self.attributes.clear();
        // Whatever happens, the tag is read.
        self.at = bytes.len();
        let name_length = bytes[start..].iter().position(|byte| NAME_ENDS[usize::from(*byte)] == 1);
        let mut at = start + name_length?;
        let name = &html[start..at];
        loop {
            while is_space(*bytes.get(at)?) {
                at += 1;
            }
            match bytes[at] {
                b'>' => {
                    self.at = at + 1;
                    return Some((name, false));
                }
                b'/' => {
                    at += 1;
                    if bytes.get(at) == Some(&b'>') {
                        self.at = at + 1;
                        return Some((name, true));
                    }
                }
                _ => at = self.attribute(at)?,
            }
        }
    }

    /// Reads an attribute whose name starts at `start`; gives where it ends.
    fn attribute(&mut self, start: usize) -> Option<usize> {
        let html = self.html;
        let bytes = html.as_bytes();
        // An equals sign in front belongs to the name.
        let name_length =
            bytes[start + 1..].iter().position(|byte| NAME_ENDS[usize::from(*byte)] != 0);
        let mut at = start + 1 + name_length?;
        let name = &html[start..at];
        while is_space(*bytes.get(at)?) {
            at += 1;
        }
        if bytes[at] != b'=' {
            self.keep(Attribute { name, value: "" });
            return Some(at);
        }
        at += 1;
        while is_space(*bytes.get(at)?) {
            at += 1;
        }
        let (value, end) = match bytes[at] {
            b'>' => ("", at),
            quote @ (b'"' | b'\'') => {
                let end = at + 1 + memchr(quote, &bytes[at + 1..])?;
                (&html[at + 1..end], end + 1)
            }
            _ => {
                let ends = |byte: &u8| is_space(*byte) || *byte == b'>';
                let end = at + bytes[at..].iter().position(ends)?;
                (&html[at..end], end)
            }
        };
        self.keep(Attribute { name, value });
        Some(end)
    }

    fn keep(&mut self, attribute: Attribute<'a>) {
        if self.attributes.len() < self.max_attributes {
            self.attributes.push(attribute);
        }
    }

    /// Reads what starts with `<!`.
    fn declaration(&mut self) -> Token<'a> {
        let rest = &self.html.as_bytes()[self.at + 2..];
        if rest.starts_with(b"--") {
            return self.comment(self.at + 4);
        }
        if rest.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"doctype")) {
            self.bogus_comment(self.at + 2);
            return Token::Doctype;
        }
        self.bogus_comment(self.at + 2)
    }

    /// Reads up to the next `>`.
    fn bogus_comment(&mut self, start: usize) -> Token<'a> {
        let end = memchr(b'>', &self.html.as_bytes()[start..]);
        let end = end.map_or(self.html.len(), |length| start + length);
        self.at = (end + 1).min(self.html.len());
        Token::Comment(&self.html[start..end])
    }

    /// Reads a comment whose text starts at `start`.
    fn comment(&mut self, start: usize) -> Token<'a> {
        let (end, next) = comment_end(self.html.as_bytes(), start);
        self.at = next;
        Token::Comment(&self.html[start..end])
    }
}

/// Whether what follows `<` makes it markup.
fn starts_markup(after: &[u8]) -> bool {
    match after {
        [b'!' | b'?', ..] => true,
        // `</` at the very end is text.
        [b'/', _, ..] => true,
        [byte, ..] => byte.is_ascii_alphabetic(),
        [] => false,
    }
}

/// Where the text of a comment ends that starts at `start`, and where what follows it starts.
fn comment_end(bytes: &[u8], start: usize) -> (usize, usize) {
    match &bytes[start..] {
        [b'>', ..] => return (start, start + 1),
        [b'-', b'>', ..] => return (start, start + 2),
        _ => {}
    }
    let mut at = start;
    while let Some(found) = memchr::memmem::find(&bytes[at..], b"--") {
        let dashes = at + found;
        match &bytes[dashes + 2..] {
            [b'>', ..] => return (dashes, dashes + 3),
            [b'!', b'>', ..] => return (dashes, dashes + 4),
            [b'!'] => return (dashes, bytes.len()),
            [] => return (dashes, bytes.len()),
            after => {
                // Of a run of dashes the last two count.
                let more = after.iter().take_while(|byte| **byte == b'-').count();
                at = dashes + if more == 0 { 2 } else { more };
            }
        }
    }
    let rest = &bytes[start..];
    // One dash at the end of the page is not part of the text.
    let text = rest.strip_suffix(b"-").unwrap_or(rest);
    (start + text.len(), bytes.len())
}

/// Where the characters of an element end that start at `start`: at its end tag, or with the page.
fn raw_end(html: &str, start: usize, raw: RawText, name: &str) -> usize {
    let bytes = html.as_bytes();
    if raw == RawText::Plaintext {
        return bytes.len();
    }
    let mut script = ScriptState::Plain;
    let mut at = start;
    loop {
        let found = match script {
            ScriptState::Plain => memchr(b'<', &bytes[at..]),
            // Dashes count only inside what looks like a comment.
            _ => memchr2(b'<', b'-', &bytes[at..]),
        };
        let Some(found) = found else { return bytes.len() };
        at += found;
        let rest = &bytes[at..];
        if rest[0] == b'-' {
            if rest.starts_with(b"-->") {
                script = ScriptState::Plain;
            }
            at += 1;
            continue;
        }
        let ends = rest.get(1) == Some(&b'/') && is_tag(&rest[2..], name.as_bytes());
        match script {
            ScriptState::Plain | ScriptState::Escaped if ends => {
                // What the page ends in is no end tag, and then it is not text either.
                return at;
            }
            ScriptState::DoubleEscaped if ends => script = ScriptState::Escaped,
            ScriptState::Plain if raw == RawText::Script && rest.starts_with(b"<!--") => {
                script = ScriptState::Escaped;
                // The dashes that open it may close it: `<!-->`.
                at += 2;
                continue;
            }
            ScriptState::Escaped if is_tag(&rest[1..], b"script") => {
                script = ScriptState::DoubleEscaped;
            }
            _ => {}
        }
        at += 1;
    }
}

/// Where a script stands between `<!--` and `-->`.
#[derive(Clone, Copy)]
enum ScriptState {
    Plain,
    Escaped,
    DoubleEscaped,
}

/// Whether a tag's name stands here, and ends.
fn is_tag(rest: &[u8], name: &[u8]) -> bool {
    let end = rest.get(name.len()).copied();
    end.is_some_and(|byte| NAME_ENDS[usize::from(byte)] == 1)
        && rest[..name.len()].eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
