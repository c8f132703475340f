//! The author: names that a page gives, where they can be told from everything else.

use super::declared::{Declared, Field, Marked};
use super::json_ld::Thing;
use super::texts::line;
use super::title::{Sites, key};

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 80;
/// Most words of one name.
const MAX_NAME_WORDS: usize = 12;
/// Most words of a name that only a class shows to be one.
const MAX_SHOWN_WORDS: usize = 5;
/// Most authors.
const MAX_AUTHORS: usize = 20;
/// What parts several names.
const BETWEEN: &str = "; ";

/// Words before a name, lower case.
#[rustfmt::skip]
const BEFORE: &[&str] = &[
    "by", "by:", "author", "author:", "written by", "posted by", "published by", "von", "par",
    "por",
];
/// Names of no one, as [`key`] has them.
#[rustfmt::skip]
const NO_ONE: &[&str] = &[
    "admin", "administrator", "anonymous", "author", "default", "editor", "guest", "na", "none",
    "null", "root", "staff", "superuser", "undefined", "unknown", "user", "webmaster",
    "wpadmin",
];

/// Words that no name has, lower case: of days, and of what stands where names do.
#[rustfmt::skip]
const NO_NAMES: &[&str] = &[
    "about", "author", "authors", "comments", "follow", "guest", "more", "posted", "published",
    "profile", "read", "share", "sign", "updated", "view", "mon", "tue", "wed", "thu", "fri",
    "sat", "sun", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
];

/// The names of the page's authors.
pub(super) fn of(declared: &Declared, sites: &Sites) -> Option<String> {
    let article = article(declared);
    let of_article = |organisations| article.map(|thing| of_thing(thing, sites, organisations));
    let places: [&dyn Fn() -> Option<Vec<String>>; 4] = [
        &|| of_article(false),
        &|| Some(of_metas(declared, sites)),
        &|| Some(of_elements(declared, sites)),
        &|| of_article(true),
    ];
    let names = places.iter().find_map(|place| place().filter(|names| !names.is_empty()))?;
    Some(names.join(BETWEEN))
}

/// The article of JSON-LD that the page is about: the only one, or the one of the page's title.
pub(super) fn article<'d>(declared: &'d Declared) -> Option<&'d Thing> {
    match &declared.json_ld.articles[..] {
        [article] => Some(article),
        articles => articles.iter().find(|article| is_of_page(article, declared)),
    }
}

/// Whether an article of several is the one that the page is about, by its headline.
fn is_of_page(article: &Thing, declared: &Declared) -> bool {
    let Some(headline) = article.headline.as_deref().map(key) else { return false };
    let title = declared.title.as_deref().map(key).unwrap_or_default();
    !headline.is_empty() && title.starts_with(&headline)
}

fn of_thing(thing: &Thing, sites: &Sites, organisations: bool) -> Vec<String> {
    let names =
        thing.authors.iter().filter(|name| (name.is_person == Some(false)) == organisations);
    let names = names.filter(|name| name.is_person == Some(true) || !sites.has(&name.text));
    distinct(names.filter_map(|name| name_of(&name.text)))
}

/// Those of the kind of `<meta>` that is trusted most of those that name someone.
fn of_metas(declared: &Declared, sites: &Sites) -> Vec<String> {
    let names = declared.metas(Field::Author);
    let names = names.filter_map(|(rank, name)| Some((rank, name_of(&name)?)));
    let mut names = names.filter(|(_, name)| !sites.has(name)).peekable();
    let first = names.peek().map(|(rank, _)| *rank);
    distinct(names.take_while(|(rank, _)| Some(*rank) == first).map(|(_, name)| name))
}

/// Those of elements: all that stand with the first, if there are no others elsewhere.
fn of_elements(declared: &Declared, sites: &Sites) -> Vec<String> {
    for rank in 0..3 {
        let marked = declared.authors.iter().filter(|marked| marked.rank == rank);
        let name = |marked: &Marked| {
            let text = if rank < 2 { &marked.text } else { before_the_rest(&marked.text) };
            let name = name_of(text)?;
            let fits = rank < 2 && is_of_name_length(&name) || is_like_a_name(&name);
            (fits && !sites.has(&name)).then_some((name, marked.parent))
        };
        let named: Vec<_> = marked.filter_map(name).collect();
        let together = named.iter().all(|(_, parent)| *parent == named[0].1);
        let names = distinct(named.into_iter().map(|(name, _)| name));
        match names.len() {
            0 => {}
            1 => return names,
            _ if together => return names,
            // Each may have written something else.
            _ => return Vec::new(),
        }
    }
    Vec::new()
}

/// What stands before the date, the office or the place behind a name.
fn before_the_rest(text: &str) -> &str {
    let ends = [" on ", " in ", " at ", " | ", " · ", " • ", " – ", " — ", " - ", ", ", " ("];
    let digit = text.find(|c: char| c.is_ascii_digit());
    let end = ends.iter().filter_map(|end| text.find(end)).chain(digit).min();
    &text[..end.unwrap_or(text.len())]
}

fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in names.take(MAX_AUTHORS) {
        if !found.iter().any(|other| key(other) == key(&name)) {
            found.push(name);
        }
    }
    found
}

/// A name without what stands around it; `None` for what is none.
fn name_of(text: &str) -> Option<String> {
    let text = line(text);
    let mut name = text.as_str();
    for before in BEFORE {
        if let Some((start, rest)) = name.split_at_checked(before.len())
            && start.eq_ignore_ascii_case(before)
            && rest.starts_with(|c: char| c.is_whitespace() || start.ends_with(':'))
        {
            name = rest.trim_start();
        }
    }
    let name = name.trim_matches(|c: char| c.is_whitespace() || ",;:|-–—·•/".contains(c));
    let is_address = name.contains("://")
        || name.starts_with(['/', '#'])
        || name.contains("www.")
        || name.contains('@');
    let is_template = name.contains(['{', '}', '%', '<', '>', '=', '[', ']', '\\']);
    let key = key(name);
    let is_named = key.chars().any(char::is_alphabetic) && !NO_ONE.contains(&key.as_str());
    let is_short =
        name.chars().count() <= MAX_NAME_CHARS * 2 && name.split(' ').count() <= MAX_NAME_WORDS * 2;
    (is_named && is_short && !is_address && !is_template).then(|| name.to_owned())
}

fn is_of_name_length(name: &str) -> bool {
    name.chars().count() <= MAX_NAME_CHARS
        && name.split(' ').count() <= MAX_NAME_WORDS
        && !name.split(' ').all(is_no_name)
}

fn is_no_name(word: &str) -> bool {
    NO_NAMES.iter().any(|other| word.eq_ignore_ascii_case(other))
}

/// Whether a text has the form of a name: two words or a few more, capitalised, without digits.
fn is_like_a_name(name: &str) -> bool {
    const PARTICLES: &[&str] = &[
        "de", "da", "di", "del", "la", "le", "van", "von", "der", "den", "bin", "al", "el", "and",
        "&",
    ];
    let words: Vec<&str> = name.split(' ').collect();
    let is_word = |word: &&str| {
        PARTICLES.contains(word)
            || word.starts_with(char::is_uppercase)
                && word.chars().all(|c| c.is_alphabetic() || ".'’-,".contains(c))
    };
    (2..=MAX_SHOWN_WORDS).contains(&words.len())
        && words.iter().all(is_word)
        && !words.iter().any(|word| is_no_name(word))
}

#[cfg(test)]
mod tests {
    use super::super::tests::metadata_at;

    fn author(html: &str) -> Option<String> {
        metadata_at(Some("https://www.mill.example/"), html).author
    }

    fn named(name: &str) -> Option<String> {
        author(&format!("<meta name=author content='{name}'>"))
    }

    #[test]
    fn places_are_asked_in_order() {
        let script = r#"<script type="application/ld+json">{"@type": "Article",
            "author": [{"@type": "Person", "name": "Ann Miller"}, {"name": "Bo Sack"}]}</script>"#;
        let meta = "<meta name=citation_author content='Cy Stone'>\
                    <meta name=citation_author content='Di Wheel'>";
        let property = "<span itemprop=author><a itemprop=name href=/e>Ed Flour</a>, miller</span>";
        let relation = "<a rel=author href=/f>Flo Bran</a>";
        let class = "<p class=byline>By Gil Husk on May 17, 2013</p>";
        let all = [script, meta, property, relation, class];
        let expected =
            ["Ann Miller; Bo Sack", "Cy Stone; Di Wheel", "Ed Flour", "Flo Bran", "Gil Husk"];
        for (at, expected) in expected.iter().enumerate() {
            assert_eq!(author(&all[at..].concat()).as_deref(), Some(*expected));
        }
    }

    #[test]
    fn what_is_no_name_is_none() {
        for name in [
            "",
            "admin",
            "https://a.example/ann",
            "ann@mill.example",
            "{{ author }}",
            "2013",
            "Mill",
            "www.mill.example",
        ] {
            assert_eq!(named(name), None, "{name}");
        }
        assert_eq!(named(" By  Ann Miller, ").as_deref(), Some("Ann Miller"));
        assert_eq!(named("Bylle Benn").as_deref(), Some("Bylle Benn"));
        assert_eq!(named(&"Ann Miller ".repeat(20)), None);
    }

    #[test]
    fn classes_show_names_of_their_form_alone() {
        let classed = |text: &str| author(&format!("<div class='post byline'>{text}</div>"));
        assert_eq!(classed("by Ludwig van Beethoven").as_deref(), Some("Ludwig van Beethoven"));
        assert_eq!(classed("Ann Miller, staff writer").as_deref(), Some("Ann Miller"));
        for text in ["Read More", "ann miller", "Ann", "Posted Monday", "21 comments"] {
            assert_eq!(classed(text), None, "{text}");
        }
        let html =
            "<div class=byline>in <a href=/t>Big Topics</a> by <a href=/author/a>Ann Miller</a>";
        assert_eq!(author(html).as_deref(), Some("Ann Miller"));
        let html =
            "<div class=byline><b class=author>Ann Miller</b> <i>Mill Correspondent</i></div>";
        assert_eq!(author(html).as_deref(), Some("Ann Miller"));
    }

    #[test]
    fn several_names_are_of_one_work_only_if_they_stand_together() {
        let (ann, bo) =
            ("<a rel=author href=/a>Ann Miller</a>", "<a rel=author href=/b>Bo Sack</a>");
        let together = author(&format!("<p>{ann} and {bo}</p><p>{ann}</p>"));
        assert_eq!(together, None, "the second paragraph may be of another page");
        assert_eq!(author(&format!("<p>{ann} {bo}</p>")).as_deref(), Some("Ann Miller; Bo Sack"));
        assert_eq!(author(&format!("<p>{ann}</p><p>{bo}</p>")), None);
        assert_eq!(author(&format!("<p>{ann}</p><p>{ann}</p>")).as_deref(), Some("Ann Miller"));
    }

    #[test]
    fn what_leads_to_a_name_is_none() {
        assert_eq!(author("<a rel=author href=/a>View Profile</a>"), None);
        assert_eq!(author("<a rel=author href=/a>Ann</a>").as_deref(), Some("Ann"));
    }

    #[test]
    fn those_who_comment_are_no_authors() {
        for html in [
            "<ol class='comments'><li class=byline>Ann Miller</ol>",
            "<aside><a rel=author href=/a>Ann Miller</a></aside>",
            "<div itemprop=comment><b itemprop=author>Ann Miller</b></div>",
        ] {
            assert_eq!(author(html), None, "{html}");
        }
    }

    #[test]
    fn an_organisation_is_the_author_where_nobody_else_is() {
        let script = r#"<script type="application/ld+json">{"@type": "Article",
            "author": {"@type": "Organization", "name": "Millers United"}}</script>"#;
        assert_eq!(author(script).as_deref(), Some("Millers United"));
        let both = format!("{script}<meta name=author content='Ann Miller'>");
        assert_eq!(author(&both).as_deref(), Some("Ann Miller"));
    }
}
