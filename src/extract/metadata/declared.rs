//! What a page declares of itself, gathered in one pass over its nodes.
//!
//! Every kind of declaration is kept with its rank in the order of trust, so that the choice is a
//! walk over a sorted list. Regions that speak of other things than the page (comments, teasers,
//! navigation) are left out.

use std::borrow::Cow;

use super::super::html::{Name, Node, NodeId, Tag, Tree, read_value};
use super::json_ld::JsonLd;
use super::marks::Marks;
use super::texts::{held_name, line, text_of};
use super::title::{key, weight};

/// Most `<meta>` elements that are kept.
const MAX_METAS: usize = 400;
/// Most elements of one kind that are kept.
const MAX_MARKED: usize = 64;
/// A heading that is part of the title has at least this [`weight`], else it may be so by chance.
const MIN_HEADLINE_WEIGHT: usize = 8;
/// Most scripts of JSON-LD.
const MAX_SCRIPTS: usize = 32;

/// What a `<meta>` speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    Site,
    Author,
    Published,
}

/// Names of `<meta>` elements, of each field those first that are trusted most.
const METAS: &[(&str, Field)] = &[
    ("og:title", Field::Title),
    ("twitter:title", Field::Title),
    ("citation_title", Field::Title),
    ("parsely-title", Field::Title),
    ("sailthru.title", Field::Title),
    ("dc.title", Field::Title),
    ("dcterms.title", Field::Title),
    ("headline", Field::Title),
    ("title", Field::Title),
    ("og:site_name", Field::Site),
    ("application-name", Field::Site),
    ("apple-mobile-web-app-title", Field::Site),
    ("twitter:site", Field::Site),
    ("parsely-author", Field::Author),
    ("article:author", Field::Author),
    ("og:article:author", Field::Author),
    ("citation_author", Field::Author),
    ("author", Field::Author),
    ("sailthru.author", Field::Author),
    ("dc.creator", Field::Author),
    ("dcterms.creator", Field::Author),
    ("byl", Field::Author),
    ("byline", Field::Author),
    ("article:published_time", Field::Published),
    ("og:article:published_time", Field::Published),
    ("article:published", Field::Published),
    ("datepublished", Field::Published),
    ("parsely-pub-date", Field::Published),
    ("sailthru.date", Field::Published),
    ("bt:pubdate", Field::Published),
    ("cxenseparse:recs:publishtime", Field::Published),
    ("citation_publication_date", Field::Published),
    ("citation_date", Field::Published),
    ("dc.date.issued", Field::Published),
    ("dcterms.issued", Field::Published),
    ("dcterms.created", Field::Published),
    ("dc.date.created", Field::Published),
    ("article.published", Field::Published),
    ("article_date_original", Field::Published),
    ("originalpublicationdate", Field::Published),
    ("publication_date", Field::Published),
    ("publish-date", Field::Published),
    ("publish_date", Field::Published),
    ("publishdate", Field::Published),
    ("published_time", Field::Published),
    ("pubdate", Field::Published),
    ("pub_date", Field::Published),
    ("displaydate", Field::Published),
    ("content_create_date", Field::Published),
    ("created", Field::Published),
    ("dc.date", Field::Published),
    ("dcterms.date", Field::Published),
    ("date", Field::Published),
];

/// Whether a `<meta>` of this rank gives the day of an article by the name made for it.
pub(super) fn is_article_time(rank: usize) -> bool {
    METAS[rank].0.contains("article:published")
}

/// A heading.
#[derive(Debug)]
pub(super) struct Heading {
    /// 1 for `<h1>`.
    pub(super) level: u8,
    pub(super) text: String,
    /// The text by its letters and digits alone.
    key: String,
}

/// An element that is said to hold something.
#[derive(Debug)]
pub(super) struct Marked {
    /// The element that holds it.
    pub(super) parent: NodeId,
    /// The first node behind it.
    end: NodeId,
    /// The order of trust; the lowest is trusted most.
    pub(super) rank: u8,
    /// What it holds, in one line.
    pub(super) text: String,
}

/// All that a page declares.
#[derive(Debug, Default)]
pub(super) struct Declared<'a> {
    /// By rank, then in order.
    metas: Vec<(usize, &'a str)>,
    /// The text of the first `<title>` that has one.
    pub(super) title: Option<String>,
    /// The title by its letters and digits alone.
    title_key: String,
    /// Whether one of the headings so far is part of the title.
    has_headline: bool,
    /// Headings of the first three levels.
    pub(super) headings: Vec<Heading>,
    /// Headlines by microdata.
    pub(super) headlines: Vec<Marked>,
    /// Names: by microdata 0, by `rel` 1, by class 2.
    pub(super) authors: Vec<Marked>,
    /// Dates: by microdata or `pubdate` 0, by class 1, a `<time>` in an article 2.
    pub(super) dates: Vec<Marked>,
    /// Texts in places under the headline where the date of publication often stands.
    pub(super) date_places: Vec<Marked>,
    pub(super) json_ld: JsonLd,
}

impl<'a> Declared<'a> {
    pub(super) fn by(tree: &Tree<'a>) -> Self {
        let mut found = Self::default();
        let mut scripts = Vec::new();
        // Where the region ends that speaks of something else, and the article.
        let (mut other_end, mut article_end) = (0, 0);
        for (id, node) in (0..).zip(tree.nodes()) {
            match node.tag {
                Tag::Text => continue,
                Tag::Meta => found.meta(tree, node),
                Tag::Title if found.title.is_none() => {
                    found.title =
                        Some(line(&tree.text_content(id))).filter(|title| !title.is_empty());
                    found.title_key = found.title.as_deref().map(key).unwrap_or_default();
                }
                Tag::Script if scripts.len() < MAX_SCRIPTS && is_json_ld(tree, node) => {
                    scripts.push(tree.text_content(id));
                }
                Tag::Article | Tag::Main if id >= article_end => article_end = node.end,
                _ => {}
            }
            if id < other_end {
                continue;
            }
            let marks = Marks::of(tree, node);
            if marks.is_other_region {
                other_end = node.end;
            } else {
                found.element(tree, id, &marks, id < article_end);
            }
        }
        found.metas.sort_by_key(|(rank, _)| *rank);
        found.json_ld = JsonLd::read(&scripts);
        found
    }

    /// The values of a field's `<meta>` elements, those first that are trusted most, each with its
    /// rank.
    pub(super) fn metas(&self, field: Field) -> impl Iterator<Item = (usize, Cow<'a, str>)> {
        let of_field = move |(rank, _): &&(usize, &str)| METAS[*rank].1 == field;
        self.metas.iter().filter(of_field).map(|(rank, value)| (*rank, read_value(value)))
    }

    /// The level of the first heading of a text, given by its letters and digits alone.
    pub(super) fn level_of(&self, key: &str) -> Option<u8> {
        let mut headings = self.headings.iter().filter(|heading| heading.key == key);
        headings.next().map(|heading| heading.level).filter(|_| !key.is_empty())
    }

    fn meta(&mut self, tree: &Tree<'a>, node: &Node) {
        let Some(content) = tree.attribute(node, Name::Content) else { return };
        for name in [Name::Property, Name::NameOf, Name::Itemprop] {
            let Some(key) = tree.attribute(node, name).map(str::trim) else { continue };
            let rank = METAS.iter().position(|(name, _)| name.eq_ignore_ascii_case(key));
            if let Some(rank) = rank
                && self.metas.len() < MAX_METAS
            {
                self.metas.push((rank, content));
                return;
            }
        }
    }

    fn element(&mut self, tree: &Tree, id: NodeId, marks: &Marks, in_article: bool) {
        let node = tree.node(id);
        let level = match node.tag {
            Tag::H1 => 1,
            Tag::H2 => 2,
            Tag::H3 => 3,
            _ => 0,
        };
        if level > 0 && self.headings.len() < MAX_MARKED {
            let text = text_of(tree, id);
            let key = key(&text);
            self.has_headline |=
                weight(&key) >= MIN_HEADLINE_WEIGHT && self.title_key.contains(&key);
            self.headings.push(Heading { level, key, text });
        }
        let held = || match tree.attribute(node, Name::Content) {
            Some(content) => line(&read_value(content)),
            None => text_of(tree, id),
        };
        if marks.is_headline {
            push(&mut self.headlines, node, 0, held);
        }
        if let Some(rank) = marks.author_rank {
            // Of one inside another the inner one is nearer to the name.
            let is_around = |outer: &mut Marked| outer.rank == rank && id < outer.end;
            self.authors.pop_if(is_around);
            push(&mut self.authors, node, rank, || {
                held_name(tree, id, rank == 0).unwrap_or_else(held)
            });
        }
        // A `<time>` outside the article may say anything.
        if let Some(rank) = marks.date_rank.filter(|rank| *rank < 2 || in_article) {
            push(&mut self.dates, node, rank, || match tree.attribute(node, Name::Datetime) {
                Some(datetime) => read_value(datetime).into_owned(),
                None => held(),
            });
        } else if marks.is_date_place && self.has_headline {
            push(&mut self.date_places, node, 0, held);
        }
    }
}

fn push(to: &mut Vec<Marked>, node: &Node, rank: u8, text: impl FnOnce() -> String) {
    if to.len() < MAX_MARKED {
        to.push(Marked { parent: node.parent, end: node.end, rank, text: text() });
    }
}

fn is_json_ld(tree: &Tree, node: &Node) -> bool {
    let kind = tree.attribute(node, Name::Type).unwrap_or_default();
    kind.split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/ld+json"))
}
