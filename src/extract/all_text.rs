//! All visible text of a page, in one pass over its tokens.
//!
//! There is no tree: cost is linear in the page and nothing nests in memory, so every page can be
//! read this way. What is text follows what a browser shows of the body without style sheets:
//!
//! - left out: the title, scripts, style, `noscript`, frames, templates, drawings, form values
//!   (text areas, options), what media elements hold for browsers that cannot play them, and TeX
//!   or other annotations beside mathematics;
//! - blocks, list items, table rows and `<br>` end lines; paragraphs, headings, lists, tables and
//!   quotations stand between empty lines; table cells are parted by a tab;
//! - `<pre>` keeps its lines and indentation.
//!
//! Style is not looked at, nor is the attribute `hidden`: without a tree the end of what it hides
//! is a guess.

use super::feed::{BudgetedSink, feed};
use super::lines::Lines;
use super::tags::{RawText, Role, leaves_svg, role};
use super::{ExtractError, Limits};
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::{LocalName, local_name};
use std::cell::RefCell;

/// The visible text of a page.
///
/// # Errors
///
/// `TooManyAttributes`.
pub(super) fn extract(html: &str, limits: &Limits) -> Result<String, ExtractError> {
    let sink = feed(html, VisibleText::default(), limits)?;
    Ok(sink.state.into_inner().lines.finish())
}

/// The sink that turns tokens into lines.
#[derive(Default)]
struct VisibleText {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    lines: Lines,
    /// Inside an element that holds characters only; whether they are shown.
    raw: Option<bool>,
    /// The element that hides what it holds.
    hidden_by: Option<LocalName>,
    templates: u32,
    drawings: u32,
    /// Open `<foreignObject>`s: HTML inside a drawing does not end it there.
    foreign_objects: u32,
    preformatted: u32,
    lists: u32,
    /// The next character follows `<pre>`: a line end there is not part of the text.
    after_pre: bool,
}

impl TokenSink for VisibleText {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::TagToken(tag) => return state.tag(&tag),
            Token::CharacterTokens(text) => state.text(&text),
            Token::NullCharacterToken
            | Token::CommentToken(_)
            | Token::DoctypeToken(_)
            | Token::EOFToken
            | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        let state = self.state.borrow();
        state.drawings > 0 && state.foreign_objects == 0
    }
}

impl BudgetedSink for VisibleText {
    fn refusal(&self) -> Option<ExtractError> {
        None
    }
}

impl State {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        // Inside raw text the tokenizer lets through no tag but the one that ends it.
        if self.raw.take().is_some()
            && tag.kind == TagKind::EndTag
            && tag.name != local_name!("xmp")
        {
            return TokenSinkResult::Continue;
        }
        self.after_pre = false;
        if self.drawings > 0 && !self.leaves_drawing(tag) {
            return TokenSinkResult::Continue;
        }
        match tag.kind {
            TagKind::StartTag => self.start(tag),
            TagKind::EndTag => {
                self.end(&tag.name);
                TokenSinkResult::Continue
            }
        }
    }

    /// Follows a tag inside a drawing; whether it ends the drawing and is HTML again.
    fn leaves_drawing(&mut self, tag: &Tag) -> bool {
        let opens = tag.kind == TagKind::StartTag;
        match &*tag.name {
            "svg" if !opens => self.drawings -= 1,
            "svg" if !tag.self_closing => self.drawings += 1,
            "foreignobject" if !opens => {
                self.foreign_objects = self.foreign_objects.saturating_sub(1);
            }
            "foreignobject" if !tag.self_closing => self.foreign_objects += 1,
            _ if opens && self.foreign_objects == 0 && leaves_svg(&tag.name) => {
                self.drawings = 0;
                return true;
            }
            _ => {}
        }
        if self.drawings == 0 {
            self.foreign_objects = 0;
        }
        false
    }

    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let role = role(&tag.name);
        self.reveal(&tag.name, role, TagKind::StartTag);
        match role {
            Role::Raw(raw) => {
                let shown = matches!(tag.name, local_name!("xmp") | local_name!("plaintext"));
                if shown {
                    self.separate(2);
                    self.preformatted += 1;
                }
                self.raw = Some(shown);
                return match raw.kind() {
                    Some(kind) => TokenSinkResult::RawData(kind),
                    None => TokenSinkResult::Plaintext,
                };
            }
            Role::Hidden if self.hidden_by.is_none() && !tag.self_closing => {
                self.hidden_by = Some(tag.name.clone());
            }
            Role::Template => self.templates += 1,
            Role::Svg if !tag.self_closing => self.drawings += 1,
            Role::Preformatted => {
                self.separate(2);
                self.preformatted += 1;
                self.after_pre = true;
            }
            Role::List => {
                self.separate(if self.lists == 0 { 2 } else { 1 });
                self.lists += 1;
            }
            Role::Cell if !self.is_hidden() => self.lines.cell(),
            _ => self.break_at(role),
        }
        TokenSinkResult::Continue
    }

    fn end(&mut self, name: &LocalName) {
        let role = role(name);
        self.reveal(name, role, TagKind::EndTag);
        match role {
            Role::Raw(RawText::Rawtext) if *name == local_name!("xmp") => {
                self.separate(2);
                self.preformatted = self.preformatted.saturating_sub(1);
            }
            Role::Template => self.templates = self.templates.saturating_sub(1),
            Role::Preformatted => {
                self.separate(2);
                self.preformatted = self.preformatted.saturating_sub(1);
            }
            Role::List => {
                self.lists = self.lists.saturating_sub(1);
                self.separate(if self.lists == 0 { 2 } else { 1 });
            }
            _ => self.break_at(role),
        }
    }

    fn break_at(&mut self, role: Role) {
        match role {
            Role::Block => self.separate(1),
            Role::Paragraph => self.separate(2),
            Role::Break if !self.is_hidden() => self.lines.line_break(),
            _ => {}
        }
    }

    /// Starts a line (1), or a line after an empty one (2).
    fn separate(&mut self, breaks: u8) {
        if !self.is_hidden() {
            self.lines.ensure_breaks(breaks);
        }
    }

    /// Ends what hides its text, if this tag does: its own end tag, or one that cannot stand
    /// inside, so that a forgotten end tag does not hide the rest of the page.
    fn reveal(&mut self, name: &LocalName, role: Role, kind: TagKind) {
        let Some(hidden_by) = &self.hidden_by else { return };
        let ends = kind == TagKind::EndTag && name == hidden_by;
        let outside = matches!(role, Role::Block | Role::Paragraph | Role::List | Role::Cell);
        let after_rp = *hidden_by == local_name!("rp")
            && matches!(*name, local_name!("rt") | local_name!("ruby"));
        if ends || outside || after_rp {
            self.hidden_by = None;
        }
    }

    fn is_hidden(&self) -> bool {
        self.hidden_by.is_some() || self.templates > 0 || self.drawings > 0
    }

    fn text(&mut self, text: &str) {
        if self.raw == Some(false) || self.is_hidden() {
            return;
        }
        if self.preformatted == 0 {
            self.lines.push_flowing(text);
            return;
        }
        let text = match text.strip_prefix('\n') {
            Some(rest) if self.after_pre => rest,
            _ => text,
        };
        self.after_pre = false;
        self.lines.push_preformatted(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        extract(html, &Limits::default()).unwrap()
    }

    #[test]
    fn one_line_per_paragraph_heading_item_and_row() {
        let html = "<html><head><title>T</title></head><body><h1>A\n b</h1><p>One <b>two</b>\
                    three.<p>Four<br>five<ul><li>x<li>y<ul><li>z</ul></ul>\
                    <table><tr><th>k<th> v</tr><tr><td>1</td>\n<td>2</td></tr></table>end";
        assert_eq!(
            text(html),
            "A b\n\nOne twothree.\n\nFour\nfive\n\nx\ny\nz\n\nk\tv\n1\t2\n\nend"
        );
    }

    #[test]
    fn what_is_not_shown_is_left_out() {
        for hidden in [
            "<script>x<b>y</script>",
            "<script><!-- <script> </script> x --></script>",
            "<style>p > a { }</style>",
            "<noscript><p>x</p></noscript>",
            "<template><p>x</p><template>y</template>z</template>",
            "<svg><title>x</title><text>y</text></svg>",
            "<svg><foreignObject><p>x</p></foreignObject></svg>",
            "<select><option>x<option>y</select>",
            "<textarea><p>x</p></textarea>",
            "<iframe><p>x</p></iframe>",
            "<video>no video</video>",
            "<!-- <p>x</p> -->",
            "<title>x</title>",
            "<math><annotation>x</annotation></math>",
        ] {
            assert_eq!(text(&format!("<p>a{hidden}b</p>")), "ab", "{hidden}");
        }
    }

    #[test]
    fn a_forgotten_end_tag_does_not_hide_the_rest() {
        assert_eq!(text("a<svg><path><p>b</p>"), "a\n\nb");
        assert_eq!(text("a<select><option>x<p>b"), "a\n\nb");
        assert_eq!(text("<ruby>a<rp>(<rt>b<rp>)</ruby>c"), "abc");
    }

    #[test]
    fn preformatted_text_keeps_lines_and_indentation() {
        let html = "x<pre>\nfn main() {\n    <b>a</b>;\n}\n</pre>y<xmp><p>  z</xmp>w<plaintext><p>";
        assert_eq!(text(html), "x\n\nfn main() {\n    a;\n}\n\ny\n\n<p>  z\n\nw\n\n<p>");
    }

    #[test]
    fn character_references_are_decoded() {
        assert_eq!(
            text("&lt;p&gt; &eacute;&#233;&#xE9; &nbsp;x &#0; &#xD800;"),
            "<p> ééé x \u{FFFD} \u{FFFD}"
        );
    }
}
