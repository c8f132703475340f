//! Where blocks stand: the elements around them, and what those hold in all.

use rustc_hash::FxHashMap;

use super::blocks::Blocks;
use super::html::{DOCUMENT, Name, NodeId, Role, Tag, Tree};
use super::measure::Measures;

/// A set of [`Around`].
pub(super) type Arounds = u32;

macro_rules! arounds {
    ($($name:ident $number:literal)*) => {
        /// What an element, or one around it, is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Around {
            $(#[allow(missing_docs, reason = "named after the element")] $name = $number,)*
        }

        impl Around {
            /// Every value, in order.
            pub(super) const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

arounds! {
    Nav 0
    Header 1
    Footer 2
    Aside 3
    Article 4
    Main 5
    Section 6
    Form 7
    Table 8
    List 9
    Dl 10
    Figure 11
    Quote 12
    Link 13
    Control 14
    Heading 15
    Emphasis 16
    Time 17
    Details 18
    Concealed 19
    Address 20
    Paragraph 21
    Code 22
    Small 23
}

impl Around {
    fn of(tag: Tag) -> Option<Self> {
        Some(match tag {
            Tag::Nav | Tag::Menu => Self::Nav,
            Tag::Header | Tag::Hgroup => Self::Header,
            Tag::Footer => Self::Footer,
            Tag::Aside => Self::Aside,
            Tag::Article => Self::Article,
            Tag::Main => Self::Main,
            Tag::Section => Self::Section,
            Tag::Form | Tag::Fieldset => Self::Form,
            Tag::Table => Self::Table,
            Tag::Ul | Tag::Ol => Self::List,
            Tag::Dl => Self::Dl,
            Tag::Figure | Tag::Figcaption | Tag::Caption => Self::Figure,
            Tag::Blockquote | Tag::Q => Self::Quote,
            Tag::A => Self::Link,
            Tag::Button | Tag::Label | Tag::Legend | Tag::Output => Self::Control,
            Tag::H1 | Tag::H2 | Tag::H3 | Tag::H4 | Tag::H5 | Tag::H6 => Self::Heading,
            Tag::B | Tag::Strong => Self::Emphasis,
            Tag::Time => Self::Time,
            Tag::Details | Tag::Dialog => Self::Details,
            Tag::Address => Self::Address,
            Tag::P => Self::Paragraph,
            Tag::Pre | Tag::Code | Tag::Listing | Tag::Samp | Tag::Kbd => Self::Code,
            Tag::Small | Tag::Sup | Tag::Sub => Self::Small,
            _ => return None,
        })
    }

    fn bit(self) -> Arounds {
        1 << self as u32
    }

    /// Whether a set has it.
    pub(super) fn is_in(self, set: Arounds) -> bool {
        set & self.bit() != 0
    }
}

/// Sums over blocks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    /// How many.
    pub(super) blocks: u32,
    /// Their words.
    pub(super) words: u32,
    /// Their words, each by the share of its block that is links.
    pub(super) linked_words: f32,
    /// Blocks that read like text: at least ten words, of which under a third are links.
    pub(super) texty_blocks: u32,
    /// Their words.
    pub(super) texty_words: u32,
}

impl Sums {
    /// Those of one block.
    pub(super) fn of(measures: &Measures, linked_share: f32) -> Self {
        let texty = measures.words >= 10 && linked_share < 1.0 / 3.0;
        Self {
            blocks: 1,
            words: measures.words,
            linked_words: measures.words as f32 * linked_share,
            texty_blocks: u32::from(texty),
            texty_words: if texty { measures.words } else { 0 },
        }
    }

    /// Adds others.
    pub(super) fn add(&mut self, other: &Self) {
        self.blocks += other.blocks;
        self.words += other.words;
        self.linked_words += other.linked_words;
        self.texty_blocks += other.texty_blocks;
        self.texty_words += other.texty_words;
    }

    /// The share of the words that are links, 0 to 1.
    pub(super) fn linked_share(&self) -> f32 {
        self.linked_words / self.words.max(1) as f32
    }
}

/// A place among contexts.
pub(super) type ContextId = u32;

/// An element that holds blocks.
#[derive(Debug, Clone)]
pub(super) struct Context {
    /// The element around it; the document's own is its own.
    pub(super) parent: ContextId,
    /// Levels below the document.
    pub(super) depth: u32,
    /// Its name.
    pub(super) tag: Tag,
    /// The name of the nearest element that is no part of a line.
    pub(super) block_tag: Tag,
    /// What it and the elements around it are.
    pub(super) around: Arounds,
    /// It or an element around it is named after comments of readers; the document itself does
    /// not count.
    pub(super) comment: bool,
    /// Names and first words of classes from the document down to it, hashed.
    pub(super) path: u64,
    /// The blocks that it holds: the first, and the first behind them.
    pub(super) first_block: u32,
    /// See `first_block`.
    pub(super) end_block: u32,
    /// Over those blocks.
    pub(super) sums: Sums,
    /// The nearest element around it that holds more blocks; the document's is its own.
    pub(super) wider: ContextId,
    /// Its own words of classes and ids, as a range of [`Contexts::tokens`].
    first_token: u32,
    end_token: u32,
}

/// A hash of a word of a class, an id or a role.
pub(super) type TokenHash = u32;

/// The elements that hold blocks; parents before children.
#[derive(Debug)]
pub(super) struct Contexts {
    contexts: Vec<Context>,
    /// The context of each block.
    of_block: Vec<ContextId>,
    tokens: Vec<TokenHash>,
}

impl Contexts {
    /// Those of a page's blocks.
    pub(super) fn of(tree: &Tree<'_>, blocks: &Blocks, sums: &[Sums]) -> Self {
        let mut builder = Builder {
            tree,
            known: FxHashMap::default(),
            made: Self { contexts: Vec::new(), of_block: Vec::new(), tokens: Vec::new() },
        };
        builder.add(DOCUMENT, 0);
        for block in blocks.iter() {
            let context = builder.context(block.node);
            builder.made.of_block.push(context);
        }
        let mut made = builder.made;
        made.sum_up(sums);
        made
    }

    fn sum_up(&mut self, sums: &[Sums]) {
        for (number, (context, sums)) in self.of_block.iter().zip(sums).enumerate() {
            let context = &mut self.contexts[*context as usize];
            context.first_block = context.first_block.min(number as u32);
            context.end_block = number as u32 + 1;
            context.sums.add(sums);
        }
        for id in (1..self.contexts.len()).rev() {
            let Context { parent, first_block, end_block, sums, .. } = self.contexts[id];
            let parent = &mut self.contexts[parent as usize];
            parent.first_block = parent.first_block.min(first_block);
            parent.end_block = parent.end_block.max(end_block);
            parent.sums.add(&sums);
        }
        for id in 1..self.contexts.len() {
            let parent = self.contexts[id].parent;
            let around = &self.contexts[parent as usize];
            let wider = match around.sums.blocks > self.contexts[id].sums.blocks {
                true => parent,
                false => around.wider,
            };
            self.contexts[id].wider = wider;
        }
    }

    /// All of them; parents before children, the document first.
    pub(super) fn all(&self) -> &[Context] {
        &self.contexts
    }

    /// The one of a number.
    pub(super) fn get(&self, id: ContextId) -> &Context {
        &self.contexts[id as usize]
    }

    /// The one of a block.
    pub(super) fn of_block(&self, block: usize) -> ContextId {
        self.of_block[block]
    }

    /// The smallest element around a block that holds others too, and the two next wider ones.
    pub(super) fn containers(&self, block: usize) -> [ContextId; 3] {
        let own = self.of_block(block);
        let first = if self.get(own).sums.blocks == 1 { self.get(own).wider } else { own };
        let second = self.get(first).wider;
        [first, second, self.get(second).wider]
    }

    /// Hashes of its own words of classes and ids.
    pub(super) fn tokens(&self, context: &Context) -> &[TokenHash] {
        &self.tokens[context.first_token as usize..context.end_token as usize]
    }
}

struct Builder<'a, 'b> {
    tree: &'b Tree<'a>,
    known: FxHashMap<NodeId, ContextId>,
    made: Contexts,
}

impl Builder<'_, '_> {
    /// The context of an element; made with those around it if it is new.
    fn context(&mut self, node: NodeId) -> ContextId {
        let mut missing = Vec::new();
        let mut at = node;
        let mut context = loop {
            if let Some(context) = self.known.get(&at) {
                break *context;
            }
            missing.push(at);
            at = self.tree.node(at).parent;
        };
        for node in missing.into_iter().rev() {
            context = self.add(node, context);
        }
        context
    }

    fn add(&mut self, node: NodeId, parent: ContextId) -> ContextId {
        let element = *self.tree.node(node);
        let first_token = self.made.tokens.len() as u32;
        let mut concealed = false;
        let mut comment = false;
        let mut first_class = 0;
        for attribute in self.tree.attributes(&element) {
            match attribute.name {
                Name::Class | Name::Id | Name::Role | Name::Itemprop => {
                    let start = self.made.tokens.len();
                    each_token(attribute.value, |hash, word| {
                        comment |= is_comment(word);
                        self.made.tokens.push(hash);
                    });
                    if attribute.name == Name::Class {
                        first_class = self.made.tokens.get(start).copied().unwrap_or(0);
                    }
                }
                Name::Style => concealed |= conceals(attribute.value),
                Name::Hidden => concealed = true,
                Name::AriaHidden => concealed |= attribute.value == "true",
                _ => {}
            }
        }
        let id = self.made.contexts.len() as ContextId;
        let (around, path, depth, block_tag, in_comment) =
            match self.made.contexts.get(parent as usize) {
                Some(around) => {
                    (around.around, around.path, around.depth + 1, around.block_tag, around.comment)
                }
                None => (0, 0, 0, Tag::Document, false),
            };
        let own = Around::of(element.tag).map_or(0, Around::bit);
        let own = if concealed { own | Around::Concealed.bit() } else { own };
        let step = (u64::from(first_class) << 8) | element.tag as u64;
        self.made.contexts.push(Context {
            parent,
            depth,
            tag: element.tag,
            block_tag: if element.tag.role() == Role::Inline { block_tag } else { element.tag },
            around: around | own,
            comment: in_comment || comment && id > 0,
            path: (path.rotate_left(7) ^ step).wrapping_mul(0x517C_C1B7_2722_0A95),
            first_block: u32::MAX,
            end_block: 0,
            sums: Sums::default(),
            wider: 0,
            first_token,
            end_token: self.made.tokens.len() as u32,
        });
        self.known.insert(node, id);
        id
    }
}

/// Whether a word of a class is one for comments of readers.
fn is_comment(word: &[u8]) -> bool {
    const STARTS: [&[u8]; 11] = [
        b"comment",
        b"kommentar",
        b"disqus",
        b"livefyre",
        b"talkback",
        b"replies",
        b"coment",
        b"koment",
        b"reactie",
        b"yorum",
        b"viafoura",
    ];
    STARTS.iter().any(|start| word.starts_with(start))
}

/// Whether a style hides what it is for.
fn conceals(style: &str) -> bool {
    let mut parts = style.split(';').filter_map(|rule| rule.split_once(':'));
    parts.any(|(name, value)| {
        let (name, value) = (name.trim(), value.trim());
        name.eq_ignore_ascii_case("display") && starts_with(value, "none")
            || name.eq_ignore_ascii_case("visibility") && starts_with(value, "hidden")
    })
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start))
}

/// Longest word of a class that is looked at, in bytes.
const LONGEST_TOKEN: usize = 24;
/// Most words of one class or id that are looked at.
const MOST_TOKENS: usize = 24;

/// The words of a class or an id, lower case, as hashes: `entry-content` and `entryContent` have the
/// same two, and behind the second one the pair of them. Digits and everything else part words;
/// white space parts pairs too; single letters are no words.
pub(super) fn each_token(value: &str, mut token: impl FnMut(TokenHash, &[u8])) {
    let mut word = [0; LONGEST_TOKEN];
    let mut length = 0;
    let mut count = 0;
    let mut was_lower = false;
    let mut before = None;
    for byte in value.bytes().chain([b' ']) {
        let letter = byte.is_ascii_alphabetic();
        if length > 0 && (!letter || was_lower && byte.is_ascii_uppercase()) {
            if length > 1 {
                let word = &word[..length.min(LONGEST_TOKEN)];
                let hash = token_hash(word);
                token(hash, word);
                if let Some(before) = before.replace(hash) {
                    token(pair_hash(before, hash), word);
                }
                count += 1;
                if count == MOST_TOKENS {
                    return;
                }
            }
            length = 0;
        }
        if letter {
            if length < LONGEST_TOKEN {
                word[length] = byte.to_ascii_lowercase();
            }
            length += 1;
        } else if byte.is_ascii_whitespace() {
            before = None;
        }
        was_lower = byte.is_ascii_lowercase();
    }
}

/// The hash under which a word of a class is known.
pub(super) fn token_hash(token: &[u8]) -> TokenHash {
    let fold = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    token.iter().fold(0x811C_9DC5, fold)
}

/// The hash under which two words are known that stand in one name, one behind the other.
pub(super) fn pair_hash(first: TokenHash, second: TokenHash) -> TokenHash {
    (first.rotate_left(11) ^ second).wrapping_mul(0x9E37_79B1)
}
