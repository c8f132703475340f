//! What a page says of itself: title, author, date of publication.
//!
//! Pages declare these in many places, which seldom agree. The places are asked in the order in
//! which they can be trusted, and one that is plainly wrong (the name of the site as a title, an
//! address as an author, a day that is none) is passed over. Where it is unclear, nothing is better
//! than something wrong: above all of authors.
//!
//! | | asked in order |
//! |---|---|
//! | title | `og:title` and the like, headline of JSON-LD or microdata, `<title>`, the only `<h1>`; without the site's name |
//! | author | JSON-LD of the article, `<meta>` (`author`, `citation_author`, …), microdata, `rel="author"`, classes (`byline`) |
//! | published | `article:published_time`, JSON-LD, the URL, microdata, other `<meta>`, classes, `<time>` in the article, what stands under the headline |

mod author;
mod dates;
mod declared;
mod json_ld;
mod marks;
mod texts;
mod title;

use jiff::civil::Date;

use self::declared::{Declared, Field, Marked};
use self::json_ld::Thing;
use self::title::Sites;
use super::html::Tree;

/// Longest title, in characters; what is longer is cut between words.
const MAX_TITLE_CHARS: usize = 500;
/// Longest author, in characters; what is longer is no name.
const MAX_AUTHOR_CHARS: usize = 200;

/// Longest text that says when a page was published, in bytes.
const MAX_DATE_BYTES: usize = 120;
/// Most different dates of elements of one kind on a page that is not a list.
const MAX_DATES: usize = 3;

/// What a page says of itself, each in one line of composed (NFC) text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The page's title without the name of its site, at most 500 characters.
    pub title: Option<String>,
    /// Who wrote it, several names parted by `; `, at most 200 characters.
    pub author: Option<String>,
    /// The day of publication as the page writes it, from 1990 to 2100.
    pub published: Option<Date>,
}

impl Metadata {
    /// Reads the metadata of a page; `url` is where it was.
    ///
    /// Total and bounded: the work is linear in the page, and what is kept of it is capped.
    pub(super) fn of(tree: &Tree, url: Option<&str>) -> Self {
        let declared = Declared::by(tree);
        let sites = Sites::of(&declared, url);
        let author = author::of(&declared, &sites);
        Self {
            title: title::of(&declared, &sites).map(|title| cut(title, MAX_TITLE_CHARS)),
            author: author.filter(|author| author.chars().count() <= MAX_AUTHOR_CHARS),
            published: published(&declared, url),
        }
    }
}

fn published(declared: &Declared, url: Option<&str>) -> Option<Date> {
    let metas = declared.metas(Field::Published);
    let mut metas = metas.filter_map(|(rank, value)| Some((rank, dates::find(&value)?))).peekable();
    let of_article = metas.next_if(|(rank, _)| declared::is_article_time(*rank));
    let of_thing = |thing: &Thing| dates::find(thing.published.as_deref()?);
    let marked = |rank: u8| only_date(declared.dates.iter().filter(move |date| date.rank == rank));
    of_article
        .map(|(_, date)| date)
        .or_else(|| of_thing(author::article(declared)?))
        .or_else(|| dates::of_url(url?))
        .or_else(|| declared.json_ld.pages.iter().find_map(of_thing))
        .or_else(|| marked(0))
        .or_else(|| metas.next().map(|(_, date)| date))
        .or_else(|| marked(1))
        .or_else(|| marked(2))
        .or_else(|| only_date(declared.date_places.iter()))
}

/// Whether a text speaks of a change of the page, and not of its publication.
fn is_of_change(text: &str) -> bool {
    let text = text.to_lowercase();
    let speaks_of = |words: &[&str]| words.iter().any(|word| text.contains(word));
    speaks_of(&["updat", "modif", "revis"]) && !speaks_of(&["publi", "posted", "creat"])
}

/// The first date of some elements, unless there are so many that the page must be a list.
fn only_date<'d>(marked: impl Iterator<Item = &'d Marked>) -> Option<Date> {
    let texts = marked.map(|marked| marked.text.as_str());
    let texts = texts.filter(|text| text.len() <= MAX_DATE_BYTES && !is_of_change(text));
    let mut found: Vec<Date> = texts.filter_map(dates::find).collect();
    let first = found.first().copied();
    found.sort_unstable();
    found.dedup();
    first.filter(|_| found.len() <= MAX_DATES)
}

/// A text cut to a length, at the end of a word if there is one.
fn cut(text: String, max_chars: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max_chars) else { return text };
    let end = text[..end].rfind(' ').unwrap_or(end);
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Limits, html};
    use super::*;

    pub(super) fn metadata_at(url: Option<&str>, html: &str) -> Metadata {
        Metadata::of(&html::parse(html, &Limits::default()).unwrap(), url)
    }

    fn published(url: &str, html: &str) -> Option<String> {
        metadata_at(Some(url), html).published.map(|date| date.to_string())
    }

    #[test]
    fn places_of_the_date_are_asked_in_order() {
        let all = [
            "<meta property=article:published_time content=2001-01-01T23:59:59-08:00>",
            r#"<script type="application/ld+json">
               {"@type": "Article", "datePublished": "2001-01-02"}</script>"#,
            r#"<script type="application/ld+json">
               {"@type": "WebPage", "datePublished": "2001-01-04"}</script>"#,
            "<time itemprop=datePublished datetime=2001-01-05>today</time>",
            "<meta name=date content='Sat, 06 Jan 2001 10:00:00 GMT'>",
            "<p class=entry-date>January 7, 2001</p>",
            "<article><time datetime=2001-01-08>today</time></article>",
            "<title>How grist is made</title><h1>How grist is made</h1>\
             <p class=meta>By Ann Miller, 9 January 2001</p>",
        ];
        for (at, day) in [1, 2, 4, 5, 6, 7, 8, 9].into_iter().enumerate() {
            let found = published("https://a.example/", &all[at..].concat());
            assert_eq!(found, Some(format!("2001-01-0{day}")));
        }
        let url = "https://a.example/2001/01/03/grist";
        assert_eq!(published(url, &all[2..].concat()).as_deref(), Some("2001-01-03"));
    }

    #[test]
    fn dates_of_changes_of_lists_and_of_other_things_are_none() {
        let list: String =
            (1..=9).map(|day| format!("<p class=entry-date>2001-01-0{day}</p>")).collect();
        for html in [
            "<article><time class=updated datetime=2001-01-08>today</time></article>",
            "<p class=entry-date>Last updated January 7, 2001</p>",
            "<p class=date>January 7, 2001</p>",
            "<ol class=comments><li class=entry-date>2001-01-07</ol>",
            "<p>January 7, 2001</p>",
            &list,
        ] {
            assert_eq!(published("https://a.example/", html), None, "{html}");
        }
    }

    #[test]
    fn texts_are_lines_of_bounded_length() {
        let html = "<title>\n A&nbsp;caf&#101;&#769; &#1; </title>\
                    <meta name=author content=' Ann\tMiller'>";
        let metadata = metadata_at(None, html);
        assert_eq!(metadata.title.as_deref(), Some("A café"));
        assert_eq!(metadata.author.as_deref(), Some("Ann Miller"));
        let title = metadata_at(None, &format!("<title>{}", "grist ".repeat(200))).title.unwrap();
        assert_eq!(title.chars().count(), 497);
        let title = metadata_at(None, &format!("<title>{}", "é".repeat(900))).title.unwrap();
        assert_eq!(title.chars().count(), MAX_TITLE_CHARS);
        let names: String = (0..30)
            .map(|at| format!("<meta name=citation_author content='Ann Miller of Mill {at}'>"))
            .collect();
        assert_eq!(metadata_at(None, &names).author, None);
    }

    #[test]
    fn a_page_that_says_nothing_has_none() {
        for html in ["", "<p>Grist", "<title></title><meta name=author><meta content=x>"] {
            assert_eq!(metadata_at(None, html), Metadata::default());
        }
    }

    const SOUP: &[&str] = &[
        "<title>",
        "</title>",
        "<h1>",
        "</h1>",
        "<h2>",
        "<meta name=author content='",
        "'>",
        "a - b | c",
        "<meta property=og:title content='é_漢-字：x'>",
        "<time datetime=2001-01-01 pubdate>",
        "<article>",
        "</article>",
        "<a rel=author class='byline author'>",
        "</a>",
        "By Ann Miller",
        "2001-13-41",
        "<script type=application/ld+json>",
        "</script>",
        "{\"@type\":[\"Article\"],\"author\":",
        "[{",
        "<p itemprop='author datePublished headline' content='x'>",
        "<div class=comments>",
        "</div>",
        " » ",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn any_tag_soup_gives_lines(
            parts in prop::collection::vec(prop::sample::select(SOUP), 0..40),
        ) {
            let metadata = metadata_at(Some("https://a.example/2001/é/1"), &parts.concat());
            for text in [metadata.title, metadata.author].into_iter().flatten() {
                prop_assert!(!text.is_empty() && text.trim() == text, "{text:?}");
                prop_assert!(!text.contains("  ") && !text.contains(char::is_control), "{text:?}");
            }
        }

        #[test]
        fn any_text_is_a_date_or_none(text in "[0-9 ./:-]{0,20}|\\PC{0,40}") {
            dates::find(&text);
            dates::of_url(&text);
        }
    }
}
