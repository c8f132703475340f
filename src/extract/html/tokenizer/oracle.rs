//! The tokenizer against html5ever's: the same tokens of any soup.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token as Theirs, TokenSink, TokenSinkResult, Tokenizer as TheirTokenizer,
    TokenizerOpts,
};
use proptest::prelude::*;

use super::tests::{Meant, meant, push};
use super::*;
use crate::extract::html::testing::SOUP;

/// Parts that make and break tokens, beside those of tag soup.
const PARTS: &[&str] = &[
    "<",
    ">",
    "/",
    "=",
    "\"",
    "'",
    "-",
    "--",
    "!",
    "?",
    "&",
    "#",
    ";",
    "a",
    "B",
    "x",
    "é",
    "\u{FEFF}",
    "\0",
    "\r",
    "\r\n",
    "\n",
    "\t",
    "\x0C",
    " ",
    "</",
    "<!",
    "<?",
    "<!--",
    "-->",
    "--!>",
    "<!-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE",
    "<!doctype html>",
    "<p ",
    "<P/",
    "<a href=",
    " class='",
    " id=\"",
    "<script",
    "</script",
    "<script>",
    "</script>",
    "</SCRIPT ",
    "<!--<script>",
    "<title>",
    "</title",
    "<textarea>",
    "</textarea/",
    "<style>",
    "</style ",
    "<xmp>",
    "</xmp>",
    "<plaintext>",
    "&amp",
    "&notin",
    "&notit;",
    "&copy",
    "&copy=",
    "&#",
    "&#x",
    "&#X41",
    "&#65;",
    "&#128;",
    "&#xD800;",
    "&#x110000",
    "&CounterClockwiseContourIntegral;",
    "&ngE;",
    "&fjlig;",
];

/// How both are told to read the characters of an element.
fn raw_text(name: &str) -> Option<(RawText, RawKind)> {
    match name {
        "title" | "textarea" => Some((RawText::Rcdata, RawKind::Rcdata)),
        "style" | "xmp" | "iframe" | "noframes" | "noembed" | "noscript" => {
            Some((RawText::Rawtext, RawKind::Rawtext))
        }
        "script" => Some((RawText::Script, RawKind::ScriptData)),
        _ => None,
    }
}

/// Keeps html5ever's tokens.
struct Sink {
    tokens: RefCell<Vec<Meant>>,
    sections: bool,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Theirs, _line: u64) -> TokenSinkResult<()> {
        let mut result = TokenSinkResult::Continue;
        let token = match token {
            Theirs::CharacterTokens(text) => Meant::Characters(text.to_string()),
            Theirs::NullCharacterToken => Meant::Characters("\0".to_owned()),
            Theirs::CommentToken(text) => Meant::Comment(text.to_string()),
            Theirs::DoctypeToken(_) => Meant::Doctype,
            Theirs::EOFToken | Theirs::ParseError(_) => return result,
            Theirs::TagToken(tag) => {
                let name = tag.name.to_string();
                match tag.kind {
                    TagKind::EndTag => Meant::End(name),
                    TagKind::StartTag => {
                        if let Some((_, kind)) = raw_text(&name) {
                            result = TokenSinkResult::RawData(kind);
                        } else if name == "plaintext" {
                            result = TokenSinkResult::Plaintext;
                        }
                        let attributes = tag.attrs.iter();
                        let attributes = attributes
                            .map(|attribute| {
                                (attribute.name.local.to_string(), attribute.value.to_string())
                            })
                            .collect();
                        Meant::Start { name, attributes, self_closing: tag.self_closing }
                    }
                }
            }
        };
        push(&mut self.tokens.borrow_mut(), token);
        result
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.sections
    }
}

fn theirs(html: &str, sections: bool) -> Vec<Meant> {
    let sink = Sink { tokens: RefCell::default(), sections };
    let options = TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() };
    let tokenizer = TheirTokenizer::new(sink, options);
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(html));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.tokens.into_inner()
}

fn ours(html: &str, sections: bool) -> Vec<Meant> {
    let mut tokenizer = Tokenizer::new(html, usize::MAX);
    let mut tokens = Vec::new();
    loop {
        let section = if sections { tokenizer.section() } else { None };
        let Some(token) = section.or_else(|| tokenizer.next()) else { return tokens };
        if let Token::Start { name, .. } = token {
            let lower = name.to_ascii_lowercase();
            if let Some((raw, _)) = raw_text(&lower) {
                tokenizer.enter(raw, name);
            } else if lower == "plaintext" {
                tokenizer.enter(RawText::Plaintext, name);
            }
        }
        let token = meant(&tokenizer, token);
        push(&mut tokens, token);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn tag_soup_has_the_same_tokens(
        parts in prop::collection::vec(prop::sample::select(SOUP), 0..60),
        sections: bool,
    ) {
        let html = parts.concat();
        prop_assert_eq!(ours(&html, sections), theirs(&html, sections));
    }

    #[test]
    fn broken_tokens_are_read_the_same(
        parts in prop::collection::vec(prop::sample::select(PARTS), 0..20),
        sections: bool,
    ) {
        let html = parts.concat();
        prop_assert_eq!(ours(&html, sections), theirs(&html, sections));
    }
}
