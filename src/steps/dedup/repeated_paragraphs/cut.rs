//! How a text is cut into pieces.

use std::ops::Range;

use crate::config::choice;
use crate::text::characters::strip;

choice! {
    /// What is a piece.
    pub enum Cut {
        /// what stands between blank lines
        Paragraph = "paragraph",
        /// what stands between line feeds
        Line = "line",
    }
}

impl Cut {
    /// Passes every piece on, and the bytes that go with it: up to the next piece.
    ///
    /// The ranges are ascending and disjoint; together they are the text, but for blank lines before
    /// the first paragraph.
    pub(super) fn each(self, text: &str, mut piece: impl FnMut(&str, Range<usize>)) {
        match self {
            Self::Line => {
                let mut start = 0;
                for line in text.split_inclusive('\n') {
                    let end = start + line.len();
                    piece(without_end(line), start..end);
                    start = end;
                }
            }
            Self::Paragraph => each_paragraph(text, piece),
        }
    }
}

fn each_paragraph(text: &str, mut piece: impl FnMut(&str, Range<usize>)) {
    // Where the paragraph begins, and where its last line ends, without the line feed.
    let mut open: Option<Range<usize>> = None;
    let (mut start, mut after_blank) = (0, true);
    for line in text.split_inclusive('\n') {
        let end = start + without_end(line).len();
        let is_blank = strip(line).is_empty();
        if !is_blank {
            match &mut open {
                Some(paragraph) if !after_blank => paragraph.end = end,
                _ => {
                    if let Some(paragraph) = open.replace(start..end) {
                        let first = paragraph.start;
                        piece(&text[paragraph], first..start);
                    }
                }
            }
        }
        after_blank = is_blank;
        start += line.len();
    }
    if let Some(paragraph) = open {
        let first = paragraph.start;
        piece(&text[paragraph], first..text.len());
    }
}

fn without_end(line: &str) -> &str {
    line.strip_suffix('\n').unwrap_or(line)
}
