//! What `application/ld+json` says of a page: its article, and the name of its site.
//!
//! Looked at are the things that a page declares by themselves: those at the top, in an `@graph`, or
//! the main entity of one of these. What they hold (comments, reviews, teasers) is not the page.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::super::html::read_value;
use super::texts::line;

/// Most JSON of one page, in bytes; scripts beyond it are not read.
const MAX_BYTES: usize = 512 << 10;
/// Most things looked at.
const MAX_THINGS: usize = 1_000;
/// Most authors of one thing.
const MAX_AUTHORS: usize = 20;

/// Kinds of things that are a page's main text, beside those whose name ends with `Article`.
const ARTICLES: &[&str] = &[
    "BlogPosting",
    "LiveBlogPosting",
    "SocialMediaPosting",
    "DiscussionForumPosting",
    "Report",
    "Recipe",
    "HowTo",
    "Review",
    "CriticReview",
    "CreativeWork",
];
/// Kinds of things that are the page itself.
const PAGES: &[&str] = &["WebPage", "ItemPage", "AboutPage", "FAQPage", "QAPage"];
/// Kinds of things whose name is that of the site.
const SITES: &[&str] = &["WebSite", "Organization", "NewsMediaOrganization"];

type Object = Map<String, Value>;
type Named<'v> = FxHashMap<&'v str, &'v Object>;

/// What a page's JSON says.
#[derive(Debug, Default)]
pub(super) struct JsonLd {
    /// Articles, in order.
    pub(super) articles: Vec<Thing>,
    /// The page itself, as often as it is described.
    pub(super) pages: Vec<Thing>,
    /// Names of the site.
    pub(super) sites: Vec<String>,
}

/// An article or a page.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Thing {
    pub(super) headline: Option<String>,
    pub(super) authors: Vec<Name>,
    /// `datePublished` as written.
    pub(super) published: Option<String>,
}

/// An author's name.
#[derive(Debug, PartialEq)]
pub(super) struct Name {
    pub(super) text: String,
    /// Whether the page says that this is a person, or that it is none.
    pub(super) is_person: Option<bool>,
}

impl JsonLd {
    /// Reads the scripts of a page; what is no JSON is passed over.
    pub(super) fn read(scripts: &[String]) -> Self {
        let mut found = Self::default();
        let mut bytes = 0;
        for script in scripts {
            bytes += script.len();
            if bytes > MAX_BYTES {
                break;
            }
            // The parser refuses JSON that nests deeper than 128 levels.
            if let Ok(value) = serde_json::from_str(&repaired(script)) {
                found.add(&value);
            }
        }
        found
    }

    fn add(&mut self, value: &Value) {
        let things = things(value);
        let named = named(&things);
        for thing in &things {
            let kinds = kinds(thing);
            let is_of = |of: &[&str]| kinds.iter().any(|kind| of.contains(kind));
            if is_of(ARTICLES) || kinds.iter().any(|kind| kind.ends_with("Article")) {
                self.articles.push(read_thing(thing, &named));
                let publisher = thing.get("publisher").and_then(Value::as_object);
                self.sites.extend(publisher.and_then(|thing| name(described(thing, &named)?)));
            } else if is_of(PAGES) {
                self.pages.push(read_thing(thing, &named));
            } else if is_of(SITES) {
                self.sites.extend(name(thing));
            }
        }
    }
}

/// JSON without what content managers leave around and in it: comment marks, bare line ends.
fn repaired(script: &str) -> String {
    let script: String = script.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut inner = script.trim();
    for mark in ["<!--", "//<![CDATA[", "// <![CDATA[", "<![CDATA["] {
        inner = inner.strip_prefix(mark).unwrap_or(inner).trim_start();
    }
    for mark in ["-->", "//]]>", "// ]]>", "]]>", ";"] {
        inner = inner.strip_suffix(mark).unwrap_or(inner).trim_end();
    }
    inner.to_owned()
}

/// The things declared by themselves, in order.
fn things(value: &Value) -> Vec<&Object> {
    let mut found = Vec::new();
    let mut waiting = VecDeque::from([value]);
    while let Some(value) = waiting.pop_front()
        && found.len() < MAX_THINGS
    {
        match value {
            Value::Array(values) => waiting.extend(values.iter().take(MAX_THINGS)),
            Value::Object(thing) => {
                found.push(thing);
                let inner = ["@graph", "mainEntity", "mainEntityOfPage"];
                waiting.extend(inner.iter().filter_map(|key| thing.get(*key)));
            }
            _ => {}
        }
    }
    found
}

/// The names of a thing's types, without their vocabulary.
fn kinds(thing: &Object) -> Vec<&str> {
    let kinds = thing.get("@type").map(each).unwrap_or_default();
    kinds.iter().filter_map(|kind| kind.as_str()?.rsplit(['/', ':', '#']).next()).collect()
}

/// A value, or those of an array.
fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => &values[..values.len().min(MAX_AUTHORS)],
        _ => std::slice::from_ref(value),
    }
}

/// The things that have a name, by their ids.
fn named<'v>(things: &[&'v Object]) -> Named<'v> {
    let named = things.iter().filter(|thing| thing.contains_key("name"));
    named.filter_map(|thing| Some((thing.get("@id")?.as_str()?, *thing))).collect()
}

/// A thing, or of a reference the thing that the page describes elsewhere.
fn described<'v>(thing: &'v Object, named: &Named<'v>) -> Option<&'v Object> {
    if thing.contains_key("name") {
        return Some(thing);
    }
    named.get(thing.get("@id")?.as_str()?).copied()
}

fn read_thing(thing: &Object, named: &Named) -> Thing {
    let text = |key: &str| thing.get(key).and_then(text);
    let authors = thing.get("author").or_else(|| thing.get("creator")).map(each);
    Thing {
        headline: text("headline").or_else(|| text("name")),
        authors: authors.unwrap_or_default().iter().filter_map(|a| author(a, named)).collect(),
        published: text("datePublished").or_else(|| text("dateCreated")),
    }
}

fn author(value: &Value, named: &Named) -> Option<Name> {
    let Some(author) = value.as_object() else {
        return Some(Name { text: text(value)?, is_person: None });
    };
    let author = described(author, named)?;
    let is_person = kinds(author).first().map(|kind| *kind == "Person");
    Some(Name { text: name(author)?, is_person })
}

fn name(thing: &Object) -> Option<String> {
    text(thing.get("name")?)
}

/// A text, or the first of several; content managers escape them as HTML besides.
fn text(value: &Value) -> Option<String> {
    let text = each(value).first()?.as_str()?;
    Some(line(&read_value(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(script: &str) -> JsonLd {
        JsonLd::read(&[script.to_owned()])
    }

    fn names(thing: &Thing) -> Vec<(&str, Option<bool>)> {
        thing.authors.iter().map(|name| (name.text.as_str(), name.is_person)).collect()
    }

    #[test]
    fn articles_stand_at_the_top_in_arrays_and_in_graphs() {
        let article =
            r#"{"@type": "NewsArticle", "headline": "A &amp; B", "author": "Ann Miller"}"#;
        for script in [
            article.to_owned(),
            format!("[{article}]"),
            format!(r#"{{"@graph": [{article}]}}"#),
            format!(r#"{{"@type": "WebPage", "mainEntity": {article}}}"#),
            format!("<!--\n{article}\n-->"),
            format!("//<![CDATA[\n{article};\n//]]>"),
        ] {
            let found = read(&script);
            assert_eq!(found.articles.len(), 1, "{script}");
            assert_eq!(found.articles[0].headline.as_deref(), Some("A & B"));
            assert_eq!(names(&found.articles[0]), [("Ann Miller", None)]);
        }
    }

    #[test]
    fn authors_are_texts_things_or_references() {
        let found = read(
            r#"{"@graph": [
                {"@type": ["Article", "Other"], "author": [{"@id": "/a"}, {"name": ["Bo"]}, 7, {}],
                 "publisher": {"name": "The Mill"}, "datePublished": "2013-05-17"},
                {"@type": "http://schema.org/Person", "@id": "/a", "name": "Ann"},
                {"@type": "WebSite", "name": "Mill Online"}
            ]}"#,
        );
        assert_eq!(names(&found.articles[0]), [("Ann", Some(true)), ("Bo", None)]);
        assert_eq!(found.articles[0].published.as_deref(), Some("2013-05-17"));
        assert_eq!(found.sites, ["The Mill", "Mill Online"]);
    }

    #[test]
    fn what_a_thing_holds_is_not_the_page() {
        let found = read(
            r#"{"@type": "Product", "review": {"@type": "Review", "author": "Someone"},
                "comment": [{"@type": "Article"}]}"#,
        );
        assert!(found.articles.is_empty());
    }

    #[test]
    fn line_ends_in_texts_are_forgiven() {
        let found = read("{\"@type\": \"Article\", \"headline\": \"A\nmill\"}");
        assert_eq!(found.articles[0].headline.as_deref(), Some("A mill"));
    }

    #[test]
    fn deep_broken_and_huge_json_is_passed_over() {
        for script in [
            "[".repeat(100_000),
            format!("{}{}", "[".repeat(200), "]".repeat(200)),
            r#"{"mainEntity":"#.repeat(10_000),
            format!(r#"{{"@type": "Article", "x": "{}"}}"#, "x".repeat(MAX_BYTES)),
            "{".to_owned(),
            String::new(),
        ] {
            assert!(read(&script).articles.is_empty());
        }
    }
}
