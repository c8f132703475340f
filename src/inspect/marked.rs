//! A text with the spans of an edit marked.

use serde::Serialize;

use crate::text::Span;

/// What becomes of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It stays.
    Kept,
    /// It is removed.
    Removed,
    /// It stands in the place of what is removed.
    Put,
    /// It is not shown: how much it is, in words.
    Left,
}

/// A piece of a marked text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// What becomes of it.
    pub fate: Fate,
    /// The text.
    pub text: String,
}

fn piece(fate: Fate, text: &str) -> Option<Piece> {
    (!text.is_empty()).then(|| Piece { fate, text: text.to_owned() })
}

/// The whole text with its spans, which ascend and are disjoint.
pub fn whole(text: &str, spans: &[Span]) -> Vec<Piece> {
    let (mut pieces, mut at) = (Vec::new(), 0);
    for span in spans {
        // Spans of a damaged file may point anywhere.
        let (Some(before), Some(removed)) =
            (text.get(at..span.start), text.get(span.start..span.end))
        else {
            break;
        };
        pieces.extend(piece(Fate::Kept, before));
        pieces.extend(piece(Fate::Removed, removed));
        pieces.extend(piece(Fate::Put, &span.replacement));
        at = span.end;
    }
    pieces.extend(piece(Fate::Kept, text.get(at..).unwrap_or_default()));
    pieces
}

/// Characters that a line end counts for in an excerpt, so that lists do not fill the page.
const LINE: usize = 20;

/// The beginning of a text that takes up `room`, in bytes, and the room that it leaves.
fn fit(text: &str, mut room: usize) -> (usize, usize) {
    for (at, c) in text.char_indices() {
        let takes = if c == '\n' { LINE } else { 1 };
        if room < takes {
            return (at, 0);
        }
        room -= takes;
    }
    (text.len(), room)
}

/// At most about `chars` characters of it, from a little before the byte `first` on.
pub fn excerpt(text: &str, spans: &[Span], first: usize, chars: usize) -> Vec<Piece> {
    let lead = chars / 4;
    let from = text.get(..first).map_or(0, |before| {
        let back = before.char_indices().rev().nth(lead);
        // What fits in whole is not begun in its middle.
        back.filter(|_| before.chars().count() > chars / 2).map_or(0, |(at, _)| at)
    });
    let mut shown = Vec::new();
    shown.extend((from > 0).then(|| left(from)));
    let (mut room, mut skipped, mut bytes) = (chars, from, 0);
    for Piece { fate, text } in whole(text, spans) {
        if fate != Fate::Put {
            bytes += text.len();
        }
        let mut rest = text.as_str();
        if skipped > 0 && fate != Fate::Put {
            let skip = skipped.min(rest.len());
            skipped -= skip;
            rest = rest.get(skip..).unwrap_or_default();
        }
        let (end, left) = fit(rest, room);
        shown.extend(piece(fate, &rest[..end]));
        room = left;
        if end < rest.len() {
            bytes -= if fate == Fate::Put { 0 } else { rest.len() - end };
            break;
        }
    }
    shown.extend((bytes < text.len() && room == 0).then(|| left(text.len() - bytes)));
    shown
}

fn left(bytes: usize) -> Piece {
    Piece { fate: Fate::Left, text: format!("{bytes} bytes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        let mark = |piece: &Piece| match piece.fate {
            Fate::Kept => piece.text.clone(),
            Fate::Removed => format!("[-{}-]", piece.text),
            Fate::Put => format!("{{+{}+}}", piece.text),
            Fate::Left => format!("<{}>", piece.text),
        };
        pieces.iter().map(mark).collect()
    }

    #[test]
    fn spans_are_marked_where_they_stand() {
        let spans = [Span::remove(2, 4), Span::replace(5, 6, "é")];
        assert_eq!(shown(&whole("abcdefg", &spans)), "ab[-cd-]e[-f-]{+é+}g");
        assert_eq!(shown(&whole("", &[])), "");
        assert_eq!(shown(&whole("ab", &[Span::remove(1, 9)])), "ab");
    }

    #[test]
    fn an_excerpt_shows_the_first_span_and_says_what_it_leaves_out() {
        let text = format!("{}X{}", "ä".repeat(100), "b".repeat(100));
        let spans = [Span::remove(200, 201)];
        let expected = format!("<178 bytes>{}[-X-]{}<72 bytes>", "ä".repeat(11), "b".repeat(28));
        assert_eq!(shown(&excerpt(&text, &spans, 200, 40)), expected);
        assert_eq!(shown(&excerpt("short", &[], 0, 40)), "short");
        assert_eq!(shown(&excerpt("a\nb\nc\nd", &[], 0, 43)), "a\nb\nc<2 bytes>");
        assert_eq!(
            shown(&excerpt(&"x".repeat(50), &[], 0, 40)),
            format!("{}<10 bytes>", "x".repeat(40))
        );
        assert_eq!(shown(&excerpt(&"x".repeat(40), &[], 0, 40)), "x".repeat(40));
    }
}
