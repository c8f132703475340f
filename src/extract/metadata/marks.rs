//! What elements are marked as by microdata, `rel` and classes.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::super::html::{Name, Node, Tag, Tree};

/// Most names of a class, or of an attribute like it, that are looked at.
const MAX_TOKENS: usize = 24;

/// Classes of elements that hold an author's name.
#[rustfmt::skip]
const AUTHOR_CLASSES: &[&str] = &[
    "byline", "author", "author-name", "author_name", "authorname", "byline-name",
    "byline-author", "article-author", "article__author", "entry-author", "post-author",
    "by-author", "p-author", "byline__name", "byline__author", "author__name", "story-author",
    "article-byline", "postauthor", "post_author", "article_author", "articleauthor",
    "entry-byline", "post-byline", "by-line",
];
/// Classes of elements that hold the date of publication.
#[rustfmt::skip]
const DATE_CLASSES: &[&str] = &[
    "published", "dt-published", "entry-date", "post-date", "article-date", "article__date",
    "publish-date", "pub-date", "pubdate", "date-published", "published-date", "date-header",
    "post__date", "entry__date", "byline-date", "byline__date", "postdate", "post_date",
    "article_date", "articledate", "story-date", "storydate", "publishdate", "publish_date",
    "publication-date",
];
/// Classes and ids of elements that hold the date of publication, if they stand under the headline.
#[rustfmt::skip]
const DATE_PLACES: &[&str] = &[
    "date", "dateline", "timestamp", "time", "posted", "submitted", "byline", "meta",
    "post-meta", "entry-meta", "postmetadata", "postmeta", "post-info", "article-info",
    "article-meta", "datetime", "dateposted", "date-time", "post-details", "info", "postinfo",
];
/// Classes and ids of regions that speak of something else.
#[rustfmt::skip]
const OTHER_REGIONS: &[&str] = &[
    "comment", "comments", "comment-list", "commentlist", "comments-area", "comment-body",
    "comment_list", "disqus_thread", "respond", "replies", "sidebar", "related",
    "related-posts", "related-articles", "recommended", "recommendations", "most-read",
    "popular-posts",
];

const AUTHOR: u8 = 1;
const DATE: u8 = 1 << 1;
const DATE_PLACE: u8 = 1 << 2;
const CHANGE: u8 = 1 << 3;
const OTHER_REGION: u8 = 1 << 4;

/// What each class or id marks an element as.
static NAMES: LazyLock<FxHashMap<&[u8], u8>> = LazyLock::new(|| {
    let mut names = FxHashMap::default();
    for (list, mark) in [
        (AUTHOR_CLASSES, AUTHOR),
        (DATE_CLASSES, DATE),
        (DATE_PLACES, DATE_PLACE),
        (&["updated", "modified"], CHANGE),
        (OTHER_REGIONS, OTHER_REGION),
    ] {
        for name in list {
            *names.entry(name.as_bytes()).or_default() |= mark;
        }
    }
    names
});

/// Longest class or id that marks an element, in bytes.
const LONGEST: usize = 16;

/// What the names of a class or an id mark an element as, all of them together.
fn marks_of(names: &str) -> u8 {
    let mark_of = |name: &str| {
        let mut lower = [0; LONGEST];
        let lower = lower.get_mut(..name.len())?;
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        NAMES.get(&*lower).copied()
    };
    let names = names.split_ascii_whitespace().take(MAX_TOKENS);
    names.filter_map(mark_of).fold(0, |marks, mark| marks | mark)
}

/// What an element is marked as.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Speaks of something else than the page: its comments, teasers, navigation.
    pub(super) is_other_region: bool,
    /// Holds the headline.
    pub(super) is_headline: bool,
    /// How far it is to be trusted that it holds an author: by microdata 0, by `rel` 1, by class 2.
    pub(super) author_rank: Option<u8>,
    /// The same of the date of publication: by microdata or `pubdate` 0, by class 1, a `<time>` 2.
    pub(super) date_rank: Option<u8>,
    /// Holds the date of publication, if it stands under the headline.
    pub(super) is_date_place: bool,
}

impl Marks {
    pub(super) fn of(tree: &Tree, node: &Node) -> Self {
        let (mut class, mut id) = (0, 0);
        let (mut properties, mut relations) = ("", "");
        let (mut has_pubdate, mut has_datetime) = (false, false);
        for attribute in tree.attributes(node) {
            match attribute.name {
                Name::Class => class = marks_of(attribute.value),
                Name::Id => id = marks_of(attribute.value),
                Name::Itemprop => properties = attribute.value,
                Name::Rel => relations = attribute.value,
                Name::Pubdate => has_pubdate = true,
                Name::Datetime => has_datetime = true,
                _ => {}
            }
        }
        let is_change = class & CHANGE != 0 || has_one_of(properties, &["dateModified"]);
        let others = ["comment", "review", "publisher", "itemReviewed"];
        let is_region = !matches!(node.tag, Tag::Document | Tag::Article | Tag::Main);
        Self {
            is_other_region: is_region
                && ((class | id) & OTHER_REGION != 0
                    || matches!(node.tag, Tag::Aside | Tag::Nav)
                    || has_one_of(properties, &others)),
            is_headline: has_one_of(properties, &["headline"]),
            author_rank: match () {
                () if has_one_of(properties, &["author", "creator"]) => Some(0),
                () if has_one_of(relations, &["author"]) => Some(1),
                () if class & AUTHOR != 0 => Some(2),
                () => None,
            },
            date_rank: match () {
                () if has_pubdate || has_one_of(properties, &["datePublished"]) => Some(0),
                () if class & DATE != 0 => Some(1),
                () if node.tag == Tag::Time && has_datetime && !is_change => Some(2),
                () => None,
            },
            is_date_place: (class | id) & DATE_PLACE != 0 && !is_change,
        }
    }
}

/// Whether an attribute's value has one of these among its names.
pub(super) fn has_one_of(value: &str, names: &[&str]) -> bool {
    let is_it = |token: &str| names.iter().any(|name| token.eq_ignore_ascii_case(name));
    value.split_ascii_whitespace().take(MAX_TOKENS).any(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_either_case() {
        for name in [AUTHOR_CLASSES, DATE_CLASSES, DATE_PLACES, OTHER_REGIONS].concat() {
            assert!(name.len() <= LONGEST, "{name}");
            assert_eq!(marks_of(&format!("x {} y", name.to_uppercase())), NAMES[name.as_bytes()]);
        }
        assert_eq!(marks_of("byline updated"), AUTHOR | DATE_PLACE | CHANGE);
        assert_eq!(marks_of("a-class-longer-than-any-that-is-looked-at by"), 0);
    }
}
