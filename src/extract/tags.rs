//! What an element means for the form of text: which end lines, which hide what they hold.

use html5ever::tokenizer::states::RawKind;
use html5ever::{LocalName, local_name};

/// How an element bears on the text around and in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Part of a line.
    Inline,
    /// Starts and ends lines.
    Block,
    /// A block that browsers set apart by a margin: an empty line here.
    Paragraph,
    /// A list: a paragraph, but a block inside another list.
    List,
    /// A paragraph whose white space counts.
    Preformatted,
    /// A line end.
    Break,
    /// A table cell.
    Cell,
    /// Holds characters only, none of which are page text.
    Raw(RawText),
    /// Holds what is not shown as text, up to its end tag or the next block.
    Hidden,
    /// Holds a part of the page that is not shown; may nest.
    Template,
    /// A drawing.
    Svg,
}

/// The tokenizer's state inside an element that holds characters only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RawText {
    /// Character references are read.
    Rcdata,
    /// They are not.
    Rawtext,
    /// They are not, and comments may hide the end tag.
    Script,
    /// To the end of the page.
    Plaintext,
}

impl RawText {
    /// The tokenizer's name for the state; `None` for plain text, which has its own.
    pub(super) fn kind(self) -> Option<RawKind> {
        match self {
            Self::Rcdata => Some(RawKind::Rcdata),
            Self::Rawtext => Some(RawKind::Rawtext),
            Self::Script => Some(RawKind::ScriptData),
            Self::Plaintext => None,
        }
    }
}

/// The role of an HTML element.
pub(super) fn role(name: &LocalName) -> Role {
    match *name {
        local_name!("p")
        | local_name!("h1")
        | local_name!("h2")
        | local_name!("h3")
        | local_name!("h4")
        | local_name!("h5")
        | local_name!("h6")
        | local_name!("blockquote")
        | local_name!("figure")
        | local_name!("hr")
        | local_name!("table") => Role::Paragraph,

        local_name!("ul")
        | local_name!("ol")
        | local_name!("dl")
        | local_name!("dir")
        | local_name!("menu") => Role::List,

        local_name!("address")
        | local_name!("article")
        | local_name!("aside")
        | local_name!("body")
        | local_name!("caption")
        | local_name!("center")
        | local_name!("dd")
        | local_name!("details")
        | local_name!("dialog")
        | local_name!("div")
        | local_name!("dt")
        | local_name!("fieldset")
        | local_name!("figcaption")
        | local_name!("footer")
        | local_name!("form")
        | local_name!("frameset")
        | local_name!("head")
        | local_name!("header")
        | local_name!("hgroup")
        | local_name!("html")
        | local_name!("legend")
        | local_name!("li")
        | local_name!("main")
        | local_name!("nav")
        | local_name!("search")
        | local_name!("section")
        | local_name!("summary")
        | local_name!("tbody")
        | local_name!("tfoot")
        | local_name!("thead")
        | local_name!("tr") => Role::Block,

        local_name!("pre") | local_name!("listing") => Role::Preformatted,
        local_name!("br") => Role::Break,
        local_name!("td") | local_name!("th") => Role::Cell,

        local_name!("title") | local_name!("textarea") => Role::Raw(RawText::Rcdata),
        local_name!("style")
        | local_name!("xmp")
        | local_name!("iframe")
        | local_name!("noembed")
        | local_name!("noframes")
        | local_name!("noscript") => Role::Raw(RawText::Rawtext),
        local_name!("script") => Role::Raw(RawText::Script),
        local_name!("plaintext") => Role::Raw(RawText::Plaintext),

        local_name!("select")
        | local_name!("datalist")
        | local_name!("audio")
        | local_name!("video")
        | local_name!("canvas")
        | local_name!("rp")
        | local_name!("annotation")
        | local_name!("annotation-xml") => Role::Hidden,

        local_name!("template") => Role::Template,
        local_name!("svg") => Role::Svg,
        _ => Role::Inline,
    }
}

/// Whether this start tag inside a drawing shows that the drawing was never closed: it cannot
/// stand there, and browsers take it as ordinary HTML.
pub(super) fn leaves_svg(name: &LocalName) -> bool {
    match role(name) {
        Role::Block | Role::Paragraph | Role::List | Role::Preformatted | Role::Break => true,
        Role::Cell => false,
        _ => matches!(
            *name,
            local_name!("b")
                | local_name!("big")
                | local_name!("code")
                | local_name!("em")
                | local_name!("embed")
                | local_name!("i")
                | local_name!("img")
                | local_name!("meta")
                | local_name!("nobr")
                | local_name!("ruby")
                | local_name!("s")
                | local_name!("small")
                | local_name!("span")
                | local_name!("strike")
                | local_name!("strong")
                | local_name!("sub")
                | local_name!("sup")
                | local_name!("tt")
                | local_name!("u")
                | local_name!("var")
        ),
    }
}
