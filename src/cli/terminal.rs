//! What is for people who look at a terminal: colours and paging. Elsewhere there is neither.

use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};

use super::{Failure, output};

/// Marks of meaning; colours on a terminal that wants them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    colours: bool,
}

impl Style {
    /// Colours if standard output is a terminal, unless `NO_COLOR` is set.
    pub(super) fn of_stdout() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { colours: wanted && io::stdout().is_terminal() }
    }

    /// No colours.
    #[cfg(test)]
    pub(super) fn plain() -> Self {
        Self { colours: false }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if !self.colours || text.is_empty() {
            return text.to_owned();
        }
        // Line by line: pagers forget colours at line ends.
        let lines = text.split('\n').map(|line| match line {
            "" => String::new(),
            line => format!("\x1b[{code}m{line}\x1b[0m"),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(super) fn soft(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(super) fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(super) fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// A text that is removed.
    pub(super) fn removed(self, text: &str) -> String {
        if self.colours { self.paint("31;9", text) } else { format!("[-{text}-]") }
    }

    /// A text that is put there.
    pub(super) fn put(self, text: &str) -> String {
        if self.colours { self.paint("32;4", text) } else { format!("{{+{text}+}}") }
    }
}

/// A text of a document as a terminal may show it: control characters, which could move the cursor
/// or change what was written, and marks of writing direction stand as pictures or numbers.
pub(super) fn tame(text: &str) -> String {
    let mut tame = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => tame.push(c),
            '\0'..='\u{1f}' => {
                tame.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'))
            }
            '\u{7f}' => tame.push('\u{2421}'),
            '\u{80}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                tame.push_str(&format!("<U+{:04X}>", u32::from(c)));
            }
            c => tame.push(c),
        }
    }
    tame
}

/// The same in one line, for what is no text: ids, URLs, titles.
pub(super) fn tame_line(text: &str) -> String {
    tame(text).replace('\n', "␊").replace('\t', "␉")
}

/// Prints through the pager if standard output is a terminal: `PAGER`, or else `less`, which shows
/// what fits the screen without paging.
pub(super) fn page(text: &str, wanted: bool) -> Result<(), Failure> {
    if !wanted || !io::stdout().is_terminal() {
        return output::print(text);
    }
    let pager = std::env::var("PAGER").ok().filter(|pager| !pager.trim().is_empty());
    let pager = pager.unwrap_or_else(|| "less".to_owned());
    let mut words = pager.split_whitespace();
    let Some(program) = words.next() else { return output::print(text) };
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", "FRX");
    }
    let Ok(mut child) = command.spawn() else { return output::print(text) };
    if let Some(mut stdin) = child.stdin.take() {
        // A pager that is left has shown what was wanted.
        drop(stdin.write_all(text.as_bytes()));
    }
    match child.wait() {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::Environment(format!("error: the pager {program}: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_act_on_the_terminal() {
        let text = "a\x1b[2J\u{9b}31m\u{202e}b\r\n\tc\u{7f}";
        assert_eq!(tame(text), "a␛[2J<U+009B>31m<U+202E>b␍\n\tc␡");
        assert_eq!(tame_line("a\n\u{2028}b"), "a␊<U+2028>b");
    }

    #[test]
    fn without_colours_marks_are_letters() {
        let style = Style::plain();
        assert_eq!(style.bold("a") + &style.removed("b") + &style.put("c"), "a[-b-]{+c+}");
        let colours = Style { colours: true };
        assert_eq!(colours.bad("a\n\nb"), "\x1b[31ma\x1b[0m\n\n\x1b[31mb\x1b[0m");
    }
}
