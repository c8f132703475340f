//! Elements by name: which there are, and how the tree builder and the form of text take them.
//!
//! The categories are those of the HTML standard (§13.2.4.2 "special" and "formatting", §13.2.4.3
//! for scopes, §13.2.6.4.7 for what closes a paragraph), as far as the arena needs them.

/// How an element bears on the lines of text around and in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) enum Role {
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
    Raw,
    /// Holds what is not shown as text, up to its end tag or the next block.
    Hidden,
    /// Holds a part of the page that is not shown; may nest.
    Template,
}

impl Role {
    /// Whether text before and behind it stands on different lines, or in different cells.
    pub(in crate::extract) fn parts_lines(self) -> bool {
        match self {
            Self::Block
            | Self::Paragraph
            | Self::List
            | Self::Preformatted
            | Self::Break
            | Self::Cell => true,
            Self::Inline | Self::Raw | Self::Hidden | Self::Template => false,
        }
    }
}

/// No content and no end tag.
const VOID: u16 = 1;
/// "Special" in the standard: an end tag of an inline element does not reach beyond it.
const SPECIAL: u16 = 1 << 1;
/// "Formatting" in the standard: ends where its end tag stands, even inside another element.
const FORMATTING: u16 = 1 << 2;
/// Its start ends an open paragraph.
const CLOSES_P: u16 = 1 << 3;
/// End tags of blocks do not reach beyond it.
const SCOPE: u16 = 1 << 4;
/// A heading.
const HEADING: u16 = 1 << 5;
/// Its start inside a drawing shows that the drawing was never closed.
const LEAVES_FOREIGN: u16 = 1 << 6;

macro_rules! tags {
    ($($tag:ident $name:literal $role:ident $($flag:ident)*;)*) => {
        /// The name of an element.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub(in crate::extract) enum Tag {
            /// The document itself.
            Document,
            /// A run of characters.
            Text,
            /// An element of a name that has no meaning here.
            Other,
            $(#[doc = $name] $tag,)*
        }

        const NAMES: &[&str] = &["#document", "#text", "*", $($name,)*];
        const TAGS: &[Tag] = &[Tag::Document, Tag::Text, Tag::Other, $(Tag::$tag,)*];
        const ROLES: &[Role] = &[Role::Block, Role::Inline, Role::Inline, $(Role::$role,)*];
        const FLAGS: &[u16] = &[SPECIAL | SCOPE, 0, 0, $(0 $(| $flag)*,)*];
    };
}

tags! {
    A "a" Inline FORMATTING;
    Abbr "abbr" Inline;
    Acronym "acronym" Inline;
    Address "address" Block SPECIAL CLOSES_P;
    Annotation "annotation" Hidden;
    AnnotationXml "annotation-xml" Hidden;
    Applet "applet" Inline SPECIAL SCOPE;
    Area "area" Inline SPECIAL VOID;
    Article "article" Block SPECIAL CLOSES_P;
    Aside "aside" Block SPECIAL CLOSES_P;
    Audio "audio" Hidden;
    B "b" Inline FORMATTING LEAVES_FOREIGN;
    Base "base" Inline SPECIAL VOID;
    Bdi "bdi" Inline;
    Bdo "bdo" Inline;
    Bgsound "bgsound" Inline SPECIAL VOID;
    Big "big" Inline FORMATTING LEAVES_FOREIGN;
    Blockquote "blockquote" Paragraph SPECIAL CLOSES_P LEAVES_FOREIGN;
    Body "body" Block SPECIAL LEAVES_FOREIGN;
    Br "br" Break SPECIAL VOID LEAVES_FOREIGN;
    Button "button" Inline SPECIAL;
    Canvas "canvas" Hidden;
    Caption "caption" Block SPECIAL SCOPE;
    Center "center" Block SPECIAL CLOSES_P LEAVES_FOREIGN;
    Cite "cite" Inline;
    Code "code" Inline FORMATTING LEAVES_FOREIGN;
    Col "col" Inline SPECIAL VOID;
    Colgroup "colgroup" Inline SPECIAL;
    Data "data" Inline;
    Datalist "datalist" Hidden;
    Dd "dd" Block SPECIAL CLOSES_P LEAVES_FOREIGN;
    Del "del" Inline;
    Details "details" Block SPECIAL CLOSES_P;
    Dfn "dfn" Inline;
    Dialog "dialog" Block SPECIAL CLOSES_P;
    Dir "dir" List SPECIAL CLOSES_P;
    Div "div" Block SPECIAL CLOSES_P LEAVES_FOREIGN;
    Dl "dl" List SPECIAL CLOSES_P LEAVES_FOREIGN;
    Dt "dt" Block SPECIAL CLOSES_P LEAVES_FOREIGN;
    Em "em" Inline FORMATTING LEAVES_FOREIGN;
    Embed "embed" Inline SPECIAL VOID LEAVES_FOREIGN;
    Fieldset "fieldset" Block SPECIAL CLOSES_P;
    Figcaption "figcaption" Block SPECIAL CLOSES_P;
    Figure "figure" Paragraph SPECIAL CLOSES_P;
    Font "font" Inline FORMATTING;
    Footer "footer" Block SPECIAL CLOSES_P;
    Form "form" Block SPECIAL CLOSES_P;
    Frame "frame" Inline SPECIAL VOID;
    Frameset "frameset" Block SPECIAL;
    H1 "h1" Paragraph SPECIAL CLOSES_P HEADING LEAVES_FOREIGN;
    H2 "h2" Paragraph SPECIAL CLOSES_P HEADING LEAVES_FOREIGN;
    H3 "h3" Paragraph SPECIAL CLOSES_P HEADING LEAVES_FOREIGN;
    H4 "h4" Paragraph SPECIAL CLOSES_P HEADING LEAVES_FOREIGN;
    H5 "h5" Paragraph SPECIAL CLOSES_P HEADING LEAVES_FOREIGN;
    H6 "h6" Paragraph SPECIAL CLOSES_P HEADING LEAVES_FOREIGN;
    Head "head" Block SPECIAL LEAVES_FOREIGN;
    Header "header" Block SPECIAL CLOSES_P;
    Hgroup "hgroup" Block SPECIAL CLOSES_P;
    Hr "hr" Paragraph SPECIAL VOID CLOSES_P LEAVES_FOREIGN;
    Html "html" Block SPECIAL SCOPE;
    I "i" Inline FORMATTING LEAVES_FOREIGN;
    Iframe "iframe" Raw SPECIAL;
    Image "image" Inline VOID;
    Img "img" Inline SPECIAL VOID LEAVES_FOREIGN;
    Input "input" Inline SPECIAL VOID;
    Ins "ins" Inline;
    Kbd "kbd" Inline;
    Keygen "keygen" Inline SPECIAL VOID;
    Label "label" Inline;
    Legend "legend" Block;
    Li "li" Block SPECIAL CLOSES_P LEAVES_FOREIGN;
    Link "link" Inline SPECIAL VOID;
    Listing "listing" Preformatted SPECIAL CLOSES_P LEAVES_FOREIGN;
    Main "main" Block SPECIAL CLOSES_P;
    Map "map" Inline;
    Mark "mark" Inline;
    Marquee "marquee" Inline SPECIAL SCOPE;
    Math "math" Inline;
    Menu "menu" List SPECIAL CLOSES_P LEAVES_FOREIGN;
    Meta "meta" Inline SPECIAL VOID LEAVES_FOREIGN;
    Meter "meter" Inline;
    Nav "nav" Block SPECIAL CLOSES_P;
    Nobr "nobr" Inline FORMATTING LEAVES_FOREIGN;
    Noembed "noembed" Raw SPECIAL;
    Noframes "noframes" Raw SPECIAL;
    Noscript "noscript" Raw SPECIAL;
    Object "object" Inline SPECIAL SCOPE;
    Ol "ol" List SPECIAL CLOSES_P LEAVES_FOREIGN;
    Optgroup "optgroup" Inline;
    Option "option" Inline;
    Output "output" Inline;
    P "p" Paragraph SPECIAL CLOSES_P LEAVES_FOREIGN;
    Param "param" Inline SPECIAL VOID;
    Picture "picture" Inline;
    Plaintext "plaintext" Raw SPECIAL CLOSES_P;
    Pre "pre" Preformatted SPECIAL CLOSES_P LEAVES_FOREIGN;
    Progress "progress" Inline;
    Q "q" Inline;
    Rb "rb" Inline;
    Rp "rp" Hidden;
    Rt "rt" Inline;
    Rtc "rtc" Inline;
    Ruby "ruby" Inline LEAVES_FOREIGN;
    S "s" Inline FORMATTING LEAVES_FOREIGN;
    Samp "samp" Inline;
    Script "script" Raw SPECIAL;
    Search "search" Block SPECIAL CLOSES_P;
    Section "section" Block SPECIAL CLOSES_P;
    Select "select" Hidden SPECIAL;
    Slot "slot" Inline;
    Small "small" Inline FORMATTING LEAVES_FOREIGN;
    Source "source" Inline SPECIAL VOID;
    Span "span" Inline LEAVES_FOREIGN;
    Strike "strike" Inline FORMATTING LEAVES_FOREIGN;
    Strong "strong" Inline FORMATTING LEAVES_FOREIGN;
    Style "style" Raw SPECIAL;
    Sub "sub" Inline LEAVES_FOREIGN;
    Summary "summary" Block SPECIAL CLOSES_P;
    Sup "sup" Inline LEAVES_FOREIGN;
    Svg "svg" Hidden;
    Table "table" Paragraph SPECIAL SCOPE CLOSES_P LEAVES_FOREIGN;
    Tbody "tbody" Block SPECIAL;
    Td "td" Cell SPECIAL SCOPE;
    Template "template" Template SPECIAL SCOPE;
    Textarea "textarea" Raw SPECIAL;
    Tfoot "tfoot" Block SPECIAL;
    Th "th" Cell SPECIAL SCOPE;
    Thead "thead" Block SPECIAL;
    Time "time" Inline;
    Title "title" Raw SPECIAL;
    Tr "tr" Block SPECIAL;
    Track "track" Inline SPECIAL VOID;
    Tt "tt" Inline FORMATTING LEAVES_FOREIGN;
    U "u" Inline FORMATTING LEAVES_FOREIGN;
    Ul "ul" List SPECIAL CLOSES_P LEAVES_FOREIGN;
    Var "var" Inline LEAVES_FOREIGN;
    Video "video" Hidden;
    Wbr "wbr" Inline SPECIAL VOID;
    Xmp "xmp" Raw SPECIAL CLOSES_P;
}

/// How many tags there are.
pub(in crate::extract) const TAG_COUNT: usize = NAMES.len();

/// Longest name that has a meaning, in bytes.
const LONGEST: usize = 14;

/// Slots of the table of names; a power of two, sparse enough that most names stand in their own.
const SLOTS: usize = 1024;

/// Where a name stands in the table, before collisions.
const fn slot(name: &[u8]) -> usize {
    let last = name.len() - 1;
    let hash = name[0] as usize * 31 + name[last] as usize * 7 + name[last / 2] as usize * 131;
    (hash + name.len() * 61) % SLOTS
}

/// The number of the tag in each slot, 0 where there is none.
const TABLE: [u8; SLOTS] = {
    let mut table = [0; SLOTS];
    let mut number = 3;
    while number < NAMES.len() {
        let mut at = slot(NAMES[number].as_bytes());
        while table[at] != 0 {
            at = (at + 1) % SLOTS;
        }
        table[at] = number as u8;
        number += 1;
    }
    table
};

impl Tag {
    /// The tag of a name as it stands in the page, in letters of either case.
    pub(in crate::extract) fn of(name: &[u8]) -> Self {
        if name.is_empty() || name.len() > LONGEST {
            return Self::Other;
        }
        let mut lower = [0; LONGEST];
        for (lower, byte) in lower.iter_mut().zip(name) {
            *lower = byte.to_ascii_lowercase();
        }
        let lower = &lower[..name.len()];
        let mut at = slot(lower);
        while TABLE[at] != 0 {
            let number = usize::from(TABLE[at]);
            if NAMES[number].as_bytes() == lower {
                return TAGS[number];
            }
            at = (at + 1) % SLOTS;
        }
        Self::Other
    }

    /// The name, lower case.
    #[cfg(test)]
    pub(in crate::extract) fn name(self) -> &'static str {
        NAMES[self as usize]
    }

    /// How it bears on lines.
    pub(in crate::extract) fn role(self) -> Role {
        ROLES[self as usize]
    }

    fn has(self, flag: u16) -> bool {
        FLAGS[self as usize] & flag != 0
    }

    pub(super) fn is_void(self) -> bool {
        self.has(VOID)
    }

    pub(super) fn is_special(self) -> bool {
        self.has(SPECIAL)
    }

    pub(super) fn is_formatting(self) -> bool {
        self.has(FORMATTING)
    }

    pub(super) fn closes_paragraph(self) -> bool {
        self.has(CLOSES_P)
    }

    pub(super) fn bounds_scope(self) -> bool {
        self.has(SCOPE)
    }

    /// Whether this is `h1` to `h6`.
    pub(in crate::extract) fn is_heading(self) -> bool {
        self.has(HEADING)
    }

    pub(super) fn leaves_foreign(self) -> bool {
        self.has(LEAVES_FOREIGN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_finds_its_tag_in_either_case() {
        for (name, tag) in NAMES.iter().zip(TAGS).skip(3) {
            assert_eq!(Tag::of(name.as_bytes()), *tag);
            assert_eq!(Tag::of(name.to_uppercase().as_bytes()), *tag);
            assert_eq!(tag.name(), *name);
            assert!(name.len() <= LONGEST);
        }
        for name in ["", "x", "divv", "a-longer-name-than-any", "*", "#text"] {
            assert_eq!(Tag::of(name.as_bytes()), Tag::Other, "{name}");
        }
    }
    /// A category of tags, by name.
    fn names(holds: impl Fn(Tag) -> bool) -> Vec<&'static str> {
        TAGS.iter().skip(3).copied().filter(|tag| holds(*tag)).map(Tag::name).collect()
    }

    #[test]
    fn void_elements_are_those_of_the_standard_and_their_predecessors() {
        let void = [
            "area", "base", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img",
            "input", "keygen", "link", "meta", "param", "source", "track", "wbr",
        ];
        assert_eq!(names(Tag::is_void), void);
    }

    #[test]
    fn formatting_elements_are_those_of_the_standard() {
        let formatting = [
            "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong",
            "tt", "u",
        ];
        assert_eq!(names(Tag::is_formatting), formatting);
    }

    #[test]
    fn what_leaves_a_drawing_is_what_the_standard_lists() {
        let leaves = [
            "b",
            "big",
            "blockquote",
            "body",
            "br",
            "center",
            "code",
            "dd",
            "div",
            "dl",
            "dt",
            "em",
            "embed",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "head",
            "hr",
            "i",
            "img",
            "li",
            "listing",
            "menu",
            "meta",
            "nobr",
            "ol",
            "p",
            "pre",
            "ruby",
            "s",
            "small",
            "span",
            "strike",
            "strong",
            "sub",
            "sup",
            "table",
            "tt",
            "u",
            "ul",
            "var",
        ];
        assert_eq!(names(Tag::leaves_foreign), leaves);
    }

    #[test]
    fn scopes_are_those_of_the_standard() {
        let scopes =
            ["applet", "caption", "html", "marquee", "object", "table", "td", "template", "th"];
        assert_eq!(names(Tag::bounds_scope), scopes);
    }

    #[test]
    fn every_block_closes_a_paragraph_unless_it_stands_in_a_table_or_holds_the_page() {
        let blocks = names(|tag| tag.role().parts_lines() && !tag.closes_paragraph());
        let elsewhere = [
            "body", "br", "caption", "frameset", "head", "html", "legend", "tbody", "td", "tfoot",
            "th", "thead", "tr",
        ];
        assert_eq!(blocks, elsewhere);
    }
}
