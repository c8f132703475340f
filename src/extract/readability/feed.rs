//! Feeds a page to html5ever's tokenizer such that no tag can cost more than its share.
//!
//! The tokenizer compares every attribute of a tag with all earlier ones and shows the tag to its
//! sink only when it is complete: one tag of a million attributes would keep it for an hour. So
//! the page is fed in pieces that start at each `<` and end at the first `>` behind it, or sooner,
//! and [`PendingTag`] counts the attributes of the tag that is open, if one is, before the tokenizer
//! sees them.
//!
//! Where a tag starts depends on the tokenizer's state (in a script or a comment `<a` starts
//! none), which cannot be asked for. But a tag that is open emits no token until its `>`, and
//! then one: whatever was seen tells afterwards whether the guess was right. Where tokens leave it
//! open, every character that could part two attributes counts as one, so the count is never too
//! low. It is too high where a comment holds what looks like a tag of that many attributes.

use crate::extract::{ExtractError, Limits};
use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer};
use std::cell::Cell;

/// Longest piece while a tag may be open, in bytes: so far a wrong guess may lead.
const GUESSED_BYTES: usize = 256;

/// A sink that may have had enough.
pub(super) trait BudgetedSink: TokenSink {
    /// Why the rest of the page is not wanted, if so.
    fn refusal(&self) -> Option<ExtractError>;
}

/// Feeds the whole page to `sink` and gives the sink back.
///
/// # Errors
///
/// `TooManyAttributes`, or whatever the sink refuses the page for.
pub(super) fn feed<S: BudgetedSink>(
    html: &str,
    sink: S,
    limits: &Limits,
) -> Result<S, ExtractError> {
    let tokenizer = Tokenizer::new(Watch { sink, seen: Cell::default() }, Default::default());
    let input = BufferQueue::default();
    let mut pending = PendingTag::Closed;
    let page = StrTendril::from_slice(html);
    let mut start = 0;
    while start < html.len() {
        let end = piece_end(html, start, pending != PendingTag::Closed);
        let piece = &html.as_bytes()[start..end];
        if pending.read(piece) > limits.max_attributes_per_element {
            return Err(ExtractError::TooManyAttributes {
                per_element: limits.max_attributes_per_element,
                total: limits.max_attributes,
            });
        }
        // Offsets fit: StrTendril itself holds at most 4 GiB.
        input.push_back(page.subtendril(start as u32, (end - start) as u32));
        // It also stops after each script and `<meta charset>`, for callers who act on them.
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        pending.settle(piece, tokenizer.sink.seen.take());
        if let Some(refusal) = tokenizer.sink.sink.refusal() {
            return Err(refusal);
        }
        start = end;
    }
    tokenizer.end();
    match tokenizer.sink.sink.refusal() {
        Some(refusal) => Err(refusal),
        None => Ok(tokenizer.sink.sink),
    }
}

/// The end of the piece that starts at `start`: before the next `<`, or after the first `>` of a
/// piece that starts with `<`.
fn piece_end(page: &str, start: usize, tag_is_open: bool) -> usize {
    let rest = &page.as_bytes()[start..];
    let (length, guessed) = if rest[0] == b'<' {
        let length = match memchr::memchr2(b'<', b'>', &rest[1..]) {
            None => rest.len(),
            Some(at) if rest[1 + at] == b'>' => at + 2,
            Some(at) => at + 1,
        };
        (length, true)
    } else {
        (memchr::memchr(b'<', rest).unwrap_or(rest.len()), tag_is_open)
    };
    if guessed && length > GUESSED_BYTES {
        boundary_before(page, start + GUESSED_BYTES)
    } else {
        start + length
    }
}

/// The last boundary between characters that is not past `at`, in bytes.
pub(super) fn boundary_before(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// What kinds of token a piece has brought.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// A tag, comment or document type: nothing is open any more.
    markup: bool,
    /// Characters: at some point of the piece no tag was open.
    text: bool,
}

/// Passes tokens on and notes their kinds.
struct Watch<S> {
    sink: S,
    seen: Cell<Seen>,
}

impl<S: TokenSink> TokenSink for Watch<S> {
    type Handle = S::Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<S::Handle> {
        let mut seen = self.seen.get();
        match token {
            Token::TagToken(_) | Token::CommentToken(_) | Token::DoctypeToken(_) => {
                seen.markup = true;
            }
            Token::CharacterTokens(_) | Token::NullCharacterToken => seen.text = true,
            Token::EOFToken | Token::ParseError(_) => {}
        }
        self.seen.set(seen);
        self.sink.process_token(token, line)
    }

    fn end(&self) {
        self.sink.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.sink.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// The tag that is open at the end of what was fed, as far as tokens tell.
#[derive(Debug, Clone, Copy, PartialEq)]
enum PendingTag {
    /// No tag is open.
    Closed,
    /// If a tag is open, this is how far it is.
    Open { at: Position, attributes: u32 },
    /// If a tag is open, it has at most as many attributes.
    Unsure { at_most: u32 },
}

/// Where in a tag the tokenizer stands, as the HTML standard names its states.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Position {
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Quoted(u8),
    Unquoted,
}

impl PendingTag {
    /// Reads a piece before the tokenizer does; gives the most attributes an open tag has then.
    fn read(&mut self, piece: &[u8]) -> u32 {
        let mut rest = piece;
        if *self == Self::Closed && may_start_tag(piece) {
            *self = Self::Open { at: Position::TagName, attributes: 0 };
            rest = &piece[if piece[1] == b'/' { 2 } else { 1 }..];
        }
        match *self {
            Self::Closed => 0,
            Self::Unsure { at_most } => {
                let at_most = at_most.saturating_add(separators(piece));
                *self = Self::Unsure { at_most };
                at_most
            }
            Self::Open { mut at, mut attributes } => {
                for &byte in rest {
                    match at.next(byte) {
                        Some(next) => {
                            if next == Position::Name && at != next {
                                attributes = attributes.saturating_add(1);
                            }
                            at = next;
                        }
                        None => {
                            *self = Self::Closed;
                            return attributes;
                        }
                    }
                }
                *self = Self::Open { at, attributes };
                attributes
            }
        }
    }

    /// Corrects the guess by what the tokenizer made of the piece.
    fn settle(&mut self, piece: &[u8], seen: Seen) {
        if seen.markup {
            *self = Self::Closed;
        } else if seen.text {
            // A tag can only have started with the piece, after characters that were held back.
            *self = if may_start_tag(piece) {
                Self::Unsure { at_most: separators(piece) }
            } else {
                Self::Closed
            };
        }
    }
}

impl Position {
    /// The position after one more byte; `None` at the end of the tag.
    fn next(self, byte: u8) -> Option<Self> {
        let space = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0C');
        Some(match (self, byte) {
            (Self::Quoted(quote), _) if byte == quote => Self::BeforeName,
            (Self::Quoted(_), _) => self,
            (_, b'>') => return None,
            (Self::BeforeValue, b'"' | b'\'') => Self::Quoted(byte),
            (Self::BeforeValue, _) if space => self,
            (Self::Unquoted, _) if space => Self::BeforeName,
            (Self::BeforeValue | Self::Unquoted, _) => Self::Unquoted,
            (_, b'/') => Self::BeforeName,
            (Self::TagName | Self::BeforeName, _) if space => Self::BeforeName,
            (Self::TagName, _) => self,
            (Self::Name | Self::AfterName, b'=') => Self::BeforeValue,
            (Self::Name | Self::AfterName, _) if space => Self::AfterName,
            (Self::BeforeName | Self::Name | Self::AfterName, _) => Self::Name,
        })
    }
}

/// Whether a tag may start with this piece.
fn may_start_tag(piece: &[u8]) -> bool {
    match piece {
        [b'<', b'/', letter, ..] | [b'<', letter, ..] => letter.is_ascii_alphabetic(),
        _ => false,
    }
}

/// How many attributes may start in this piece, wherever its quotes stand.
fn separators(piece: &[u8]) -> u32 {
    let may_precede_attribute =
        |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0C' | b'/' | b'"' | b'\'');
    u32::try_from(piece.iter().filter(may_precede_attribute).count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cell::RefCell;

    /// Remembers the most attributes of a tag, duplicates included where they were dropped.
    #[derive(Default)]
    struct Most {
        attributes: Cell<usize>,
        raw: RefCell<Vec<&'static str>>,
    }

    impl TokenSink for Most {
        type Handle = ();

        fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
            use html5ever::tokenizer::{TagKind, states::RawKind};
            if let Token::TagToken(tag) = token {
                self.attributes.set(self.attributes.get().max(tag.attrs.len()));
                if tag.kind == TagKind::StartTag {
                    match &*tag.name {
                        "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
                        "title" => return TokenSinkResult::RawData(RawKind::Rcdata),
                        "style" => return TokenSinkResult::RawData(RawKind::Rawtext),
                        "svg" => self.raw.borrow_mut().push("svg"),
                        _ => {}
                    }
                }
            }
            TokenSinkResult::Continue
        }

        fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
            !self.raw.borrow().is_empty()
        }
    }

    impl BudgetedSink for Most {
        fn refusal(&self) -> Option<ExtractError> {
            None
        }
    }

    fn most_attributes(html: &str, max: u32) -> Result<usize, ExtractError> {
        let limits = Limits { max_attributes_per_element: max, ..Limits::default() };
        feed(html, Most::default(), &limits).map(|most| most.attributes.get())
    }

    #[test]
    fn the_limit_holds_from_both_sides() {
        assert_eq!(most_attributes("<a b c=1 d='>' e=\"<\" f=/g>", 5), Ok(5));
        assert!(most_attributes("<a b c=1 d='>' e=\"<\" f=/g>", 4).is_err());
    }

    #[test]
    fn text_scripts_and_comments_have_no_attributes() {
        let words = " word".repeat(1_000);
        let html = format!(
            "{words}<{words}&amp{words}<script>if (a<b{words}) '</p>'</script{words}\
             </script><!--{words}--><p title='{words}<g>{words}'>{words}"
        );
        assert_eq!(most_attributes(&html.replace("</script word", "</scriptword"), 128), Ok(1));
        assert!(most_attributes(&html, 128).is_err());
    }

    #[test]
    fn tags_that_follow_unfinished_things_are_counted() {
        let many = "<a b c d e f>";
        for before in [
            "</>",
            "&amp",
            "<a =\" ",
            "<!-- <a b=' -->",
            "<!doctype a b='>",
            "<svg><![CDATA[]]>",
            "<svg><![CDATA[<a b=']]>",
            "<script><a b='</script>",
            "<script><!--<script </script></script ",
            "<title></b a='</title></title ",
            "<style></st<a b='</style>",
        ] {
            let html = format!("{before}{many}");
            assert!(most_attributes(&html, 4).is_err(), "{html}");
        }
    }

    proptest! {
        #[test]
        fn no_tag_passes_with_more_attributes_than_allowed(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<", ">", "/", "a", " b", " c=", " d ", " =", "'", "\"", "<a", "</a", "<svg>",
                    "</svg>", "<!--", "-->", "<!", "<?", "]]>", "<![CDATA[", "<script>", "<script",
                    "</script", "<title>", "</title", "<style>", "</style", "&am", "&", ";", "\r",
                    "\n", "\0", "-", "x",
                ]),
                0..60,
            ),
            max in 0_u32..4,
        ) {
            if let Ok(most) = most_attributes(&parts.concat(), max) {
                prop_assert!(most <= max as usize);
            }
        }
    }
}
