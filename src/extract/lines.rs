//! The form of extracted text: white space, line breaks, composition.
//!
//! Extractors push characters and breaks; [`Lines`] gives text in the form that the module's head
//! promises.
//!
//! White space is collapsed as a browser shows it, with one difference: every character that
//! Unicode calls white space is a plain space here, no-break and ideographic ones included,
//! because pages use them for layout and filters by line or word would take them for text.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Text under construction.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
    /// Line ends to write before the next visible character, at most 2.
    breaks: u8,
    /// White space to write before the next visible character of the same line.
    gap: String,
}

impl Lines {
    /// Adds running text: white space becomes one space, controls vanish.
    pub(super) fn push_flowing(&mut self, text: &str) {
        self.push(text, |lines, _| {
            if lines.gap.is_empty() && lines.breaks == 0 && !lines.text.is_empty() {
                lines.gap.push(' ');
            }
        });
    }

    /// Adds preformatted text: spaces, tabs and line ends stay.
    pub(super) fn push_preformatted(&mut self, text: &str) {
        self.push(text, |lines, space| match space {
            '\n' => lines.line_break(),
            '\t' => lines.gap.push('\t'),
            _ => lines.gap.push(' '),
        });
    }

    /// Ends the line; twice in a row leaves an empty line.
    pub(super) fn line_break(&mut self) {
        self.ensure_breaks(self.breaks + 1);
    }

    /// Makes sure that what follows starts a line (1), or follows an empty line (2).
    pub(super) fn ensure_breaks(&mut self, breaks: u8) {
        self.breaks = self.breaks.max(breaks.min(2));
        self.gap.clear();
    }

    /// Parts what follows from what stands before it on the same line by a tab.
    pub(super) fn cell(&mut self) {
        if self.breaks == 0 && !self.text.is_empty() {
            self.gap.clear();
            self.gap.push('\t');
        }
    }

    /// The finished text.
    pub(super) fn finish(self) -> String {
        match is_nfc_quick(self.text.chars()) {
            IsNormalized::Yes => self.text,
            IsNormalized::No | IsNormalized::Maybe => self.text.nfc().collect(),
        }
    }

    fn push(&mut self, text: &str, mut on_space: impl FnMut(&mut Self, char)) {
        let mut rest = text;
        while !rest.is_empty() {
            // Controls: C0, DEL and C1, none of which is visible.
            let invisible = |c: char| c.is_whitespace() || c.is_control();
            let visible = rest.find(invisible).unwrap_or(rest.len());
            if visible > 0 {
                self.push_visible(&rest[..visible]);
            }
            let mut after = rest[visible..].chars();
            if let Some(space) = after.next()
                && space.is_whitespace()
            {
                on_space(self, space);
            }
            rest = after.as_str();
        }
    }

    fn push_visible(&mut self, word: &str) {
        if self.breaks > 0 && !self.text.is_empty() {
            self.text.extend(std::iter::repeat_n('\n', usize::from(self.breaks)));
        }
        self.text.push_str(&self.gap);
        self.breaks = 0;
        self.gap.clear();
        self.text.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flowing(text: &str) -> String {
        let mut lines = Lines::default();
        lines.push_flowing(text);
        lines.finish()
    }

    #[test]
    fn running_text_keeps_single_spaces() {
        assert_eq!(flowing(" a \n\t b\u{A0}\u{3000}c\r\nd "), "a b c d");
    }

    #[test]
    fn controls_vanish() {
        assert_eq!(flowing("a\0b\x1Bc\u{7F}d\u{9F}e"), "abcde");
    }

    #[test]
    fn text_is_composed() {
        assert_eq!(flowing("cafe\u{301}"), "café");
    }

    #[test]
    fn breaks_do_not_pile_up() {
        let mut lines = Lines::default();
        lines.ensure_breaks(2);
        lines.push_flowing("a ");
        for _ in 0..5 {
            lines.line_break();
        }
        lines.ensure_breaks(1);
        lines.push_flowing(" b");
        lines.ensure_breaks(1);
        lines.push_flowing(" ");
        lines.ensure_breaks(1);
        lines.push_flowing("c");
        lines.ensure_breaks(2);
        assert_eq!(lines.finish(), "a\n\nb\nc");
    }

    #[test]
    fn preformatted_text_keeps_its_shape() {
        let mut lines = Lines::default();
        lines.push_preformatted("def f():\n    return 1  \n\n\n\n\tend\n   \n context\n  \n");
        assert_eq!(lines.finish(), "def f():\n    return 1\n\n\tend\n\n context");
    }

    #[test]
    fn cells_are_parted_by_one_tab_inside_a_line_only() {
        let mut lines = Lines::default();
        lines.cell();
        lines.push_flowing("a");
        lines.cell();
        lines.cell();
        lines.push_flowing(" b");
        lines.ensure_breaks(1);
        lines.cell();
        lines.push_flowing("c");
        assert_eq!(lines.finish(), "a\tb\nc");
    }
}
