//! The title: what a page is called, without the name of its site.

use super::super::measure::is_unspaced;
use super::declared::{Declared, Field};
use super::texts::line;

/// What may part a title from the name of its site, and how it is taken.
const SEPARATORS: &[(&str, Separator)] = &[
    (" | ", Separator::Bar),
    (" || ", Separator::Bar),
    ("｜", Separator::Bar),
    (" · ", Separator::Bar),
    (" • ", Separator::Bar),
    (" » ", Separator::Path),
    (" › ", Separator::Path),
    (" > ", Separator::Path),
    (" :: ", Separator::Path),
    (" « ", Separator::Bar),
    (" ‹ ", Separator::Bar),
    (" < ", Separator::Bar),
    (" – ", Separator::Dash),
    (" — ", Separator::Dash),
    (" - ", Separator::Dash),
    (" -- ", Separator::Dash),
    (" ~ ", Separator::Dash),
    (" : ", Separator::Colon),
    (": ", Separator::Colon),
];
/// Most parts of a title.
const MAX_PARTS: usize = 12;
/// Longest name of a site, where nothing but its place shows that it is one, in words.
const MAX_SITE_WORDS: usize = 4;
/// The same in writing without spaces, in characters.
const MAX_SITE_CHARS: usize = 8;
/// What is left of a title without its site's name has at least this [`weight`].
const MIN_TITLE_WEIGHT: usize = 12;

/// Shortest word that two titles of one page share, in bytes.
const MIN_COMMON_BYTES: usize = 4;

/// How a separator is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Separator {
    /// Parts a title from what stands behind it.
    Bar,
    /// The same, or parts the steps to a title from it.
    Path,
    /// The same as a bar, but stands inside titles as well.
    Dash,
    /// Stands inside titles more often than not.
    Colon,
}

/// The names of the page's site, as [`key`] has them.
pub(super) struct Sites(Vec<String>);

impl Sites {
    /// As the page and its URL name it.
    pub(super) fn of(declared: &Declared, url: Option<&str>) -> Self {
        let metas = declared.metas(Field::Site).map(|(_, name)| key(&name));
        let mut names: Vec<String> = metas.collect();
        names.extend(declared.json_ld.sites.iter().map(|name| key(name)));
        if let Some(host) = url.and_then(host) {
            let host = host.strip_prefix("www.").unwrap_or(host);
            names.push(key(host));
            // `news` and `mill` of `news.mill.example`: sites and their sections go by these.
            names.extend(host.rsplit('.').skip(1).map(key).filter(|name| name.len() > 2));
        }
        names.retain(|name| !name.is_empty());
        Self(names)
    }

    /// Whether this is a name of the site, or of any.
    pub(super) fn has(&self, name: &str) -> bool {
        if is_host(name.trim()) {
            return true;
        }
        let name = key(name);
        let bare = name.strip_prefix("the").unwrap_or(&name);
        self.0.iter().any(|site| *site == name || site.strip_prefix("the").unwrap_or(site) == bare)
    }
}

/// The page's title.
pub(super) fn of(declared: &Declared, sites: &Sites) -> Option<String> {
    let metas: Vec<String> = declared.metas(Field::Title).map(|(_, title)| line(&title)).collect();
    let shown = Shown { declared, sites };
    let given = metas.iter().map(String::as_str);
    let title = declared.title.as_deref().map(|title| shown.without_site(title, true));
    // A heading that the page's own title repeats says more than quite another title for links.
    let repeated = title.filter(|title| declared.level_of(&key(title)) == Some(1));
    let repeated = repeated.filter(|title| metas.first().is_some_and(|given| !alike(given, title)));
    let candidates = given.clone().take(1).chain(headline(declared)).chain(given.skip(1));
    let candidates = candidates.map(|title| shown.without_site(title, false));
    let candidates = repeated.into_iter().chain(candidates);
    let mut headings = declared.headings.iter().filter(|heading| heading.level == 1);
    let heading = headings.next().filter(|_| headings.next().is_none());
    let candidates = candidates.chain(title).chain(heading.map(|heading| heading.text.as_str()));
    let mut last_choice = None;
    for title in candidates.filter(|title| title.contains(char::is_alphanumeric)) {
        if !sites.has(title) {
            return Some(title.to_owned());
        }
        last_choice = last_choice.or(Some(title));
    }
    last_choice.map(str::to_owned)
}

/// The headline of the page's article, by JSON-LD or microdata, if it is that of the whole page.
fn headline<'d>(declared: &'d Declared) -> Option<&'d str> {
    let title = declared.title.as_deref().map(key);
    let articles = declared.json_ld.articles.iter().filter_map(|thing| thing.headline.as_deref());
    let marked = declared.headlines.iter().map(|marked| marked.text.as_str());
    articles.chain(marked).find(|headline| {
        let headline = key(headline);
        let is_of_page = |title: &String| title.contains(&headline) || headline.contains(title);
        !headline.is_empty() && title.as_ref().is_none_or(is_of_page)
    })
}

/// Whether two titles share a word, or are in writing where words do not show.
fn alike(one: &str, other: &str) -> bool {
    let words = |title: &str| -> Vec<String> {
        let words = title.split(|c: char| !c.is_alphanumeric());
        words.map(str::to_lowercase).filter(|word| word.len() >= MIN_COMMON_BYTES).collect()
    };
    let other_words = words(other);
    one.chars().chain(other.chars()).any(is_unspaced)
        || words(one).iter().any(|word| other_words.contains(word))
}

struct Shown<'d> {
    declared: &'d Declared<'d>,
    sites: &'d Sites,
}

impl Shown<'_> {
    /// A title without the name of the site; `guess`: where only its place shows that it is one.
    fn without_site<'t>(&self, title: &'t str, guess: bool) -> &'t str {
        let title = title.trim_matches(|c: char| c.is_whitespace() || "|»«›‹·•–—-ᐅ►".contains(c));
        let parts = parts(title);
        if parts.len() < 2 {
            return title;
        }
        if let Some(heading) = self.heading_of(title, &parts) {
            return heading;
        }
        let (mut first, mut last) = (0, parts.len());
        while last - first > 1
            && (parts[last - 1].before != Some(Separator::Colon) || is_host(parts[last - 1].text))
            && self.sites.has(parts[last - 1].text)
        {
            last -= 1;
        }
        while last - first > 1 && self.sites.has(parts[first].text) {
            first += 1;
        }
        if guess && last - first == parts.len() {
            return guessed(title);
        }
        between(title, &parts[first..last])
    }

    /// The parts of a title at its start or end that a heading of the page repeats, if it is plain
    /// that they are not the site's.
    fn heading_of<'t>(&self, title: &'t str, parts: &[Part<'t>]) -> Option<&'t str> {
        let whole = key(title).len();
        let starts = (1..parts.len()).map(|end| (&parts[..end], parts[end].before));
        let ends = (1..parts.len()).map(|start| (&parts[start..], None));
        let runs = starts.chain(ends).filter_map(|(run, behind)| {
            let run = between(title, run);
            let level = self.declared.level_of(&key(run))?;
            let is_first = level == 1 && matches!(behind, Some(Separator::Bar | Separator::Dash));
            let fits = is_first || key(run).len() * 2 >= whole;
            (fits && !self.sites.has(run)).then_some(run)
        });
        runs.max_by_key(|run| run.len())
    }
}

/// A title without what by its place and length is the name of the site, or the steps to the title.
fn guessed(title: &str) -> &str {
    let parts: Vec<Part> = merged(title, parts(title));
    // The first of the longest.
    let longest = (0..parts.len()).rev().max_by_key(|at| weight(parts[*at].text)).unwrap_or(0);
    let is_short = |part: &Part| {
        let words = part.text.split(' ').count();
        let unspaced = part.text.chars().filter(|c| is_unspaced(*c)).count();
        words <= MAX_SITE_WORDS
            && unspaced <= MAX_SITE_CHARS
            && !part.text.starts_with(char::is_lowercase)
    };
    let enough = |part: &Part, least: usize| weight(part.text) >= least;
    let mut last = parts.len();
    while last > longest + 1 && is_short(&parts[last - 1]) {
        let is_dash = parts[last - 1].before == Some(Separator::Dash);
        if !enough(&parts[longest], MIN_TITLE_WEIGHT * if is_dash { 2 } else { 1 }) {
            break;
        }
        last -= 1;
    }
    let mut first = 0;
    while first < longest
        && parts[first + 1].before == Some(Separator::Path)
        && is_short(&parts[first])
        && enough(&parts[longest], MIN_TITLE_WEIGHT * 2)
    {
        first += 1;
    }
    between(title, &parts[first..last])
}

/// Parts of a title with those joined that only a colon parts.
fn merged<'t>(title: &'t str, parts: Vec<Part<'t>>) -> Vec<Part<'t>> {
    let mut merged: Vec<Part> = Vec::new();
    for part in parts {
        match merged.last_mut() {
            Some(last) if part.before == Some(Separator::Colon) => {
                last.text = between(title, &[*last, part]);
            }
            _ => merged.push(part),
        }
    }
    merged
}

/// How long a text is to read: characters, those of writing without spaces twice.
pub(super) fn weight(text: &str) -> usize {
    text.chars().map(|c| if is_unspaced(c) { 2 } else { 1 }).sum()
}

/// A part of a title.
#[derive(Debug, Clone, Copy)]
struct Part<'t> {
    text: &'t str,
    /// What stands before it; `None` for the first.
    before: Option<Separator>,
}

/// The parts of a title, those that hold anything.
fn parts(title: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut start, mut before) = (0, None);
    let mut at = 0;
    while let Some(next) = title[at..].chars().next()
        && parts.len() + 1 < MAX_PARTS
    {
        if let Some((length, separator)) = separator(title, at) {
            parts.push(Part { text: &title[start..at], before });
            (start, before) = (at + length, Some(separator));
            at = start;
        } else {
            at += next.len_utf8();
        }
    }
    parts.push(Part { text: &title[start..], before });
    parts.retain(|part| part.text.contains(char::is_alphanumeric));
    parts
}

/// The separator that stands at a place of a title, with its length in bytes.
fn separator(title: &str, at: usize) -> Option<(usize, Separator)> {
    let rest = &title[at..];
    if let Some((text, separator)) = SEPARATORS.iter().find(|(text, _)| rest.starts_with(text)) {
        return Some((text.len(), *separator));
    }
    // Writing without spaces has none around separators.
    let length = rest.len() - rest.trim_start_matches(['_', '-']).len();
    let separator = match rest.chars().next()? {
        '_' => Separator::Bar,
        '-' => Separator::Dash,
        _ => return None,
    };
    let before = title[..at].chars().next_back()?;
    let after = rest[length..].chars().next()?;
    let is_edge = (is_unspaced(before) || is_unspaced(after)) && !before.is_whitespace();
    (is_edge && (separator == Separator::Bar || !before.is_ascii_alphanumeric()))
        .then_some((length, separator))
}

/// Whether this is the name of a host, as sites call themselves: `Example.com`.
fn is_host(name: &str) -> bool {
    let Some((label, top)) = name.rsplit_once('.') else { return false };
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.')
    };
    is_label(label) && (2..=4).contains(&top.len()) && top.chars().all(|c| c.is_ascii_alphabetic())
}

/// A title from the first to the last of these parts.
fn between<'t>(title: &'t str, parts: &[Part<'t>]) -> &'t str {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return title };
    let place = |part: &str| part.as_ptr() as usize - title.as_ptr() as usize;
    title[place(first.text)..place(last.text) + last.text.len()].trim()
}

/// A name by its letters and digits alone, lower case.
pub(super) fn key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    host.split(':').next()
}

#[cfg(test)]
mod tests {
    use super::super::tests::metadata_at;

    fn title(url: &str, html: &str) -> Option<String> {
        metadata_at(Some(url), html).title
    }

    fn titled(title: &str) -> String {
        let url = "https://news.mill.example/a";
        metadata_at(Some(url), &format!("<title>{title}</title>")).title.unwrap()
    }

    #[test]
    fn names_of_the_site_are_dropped() {
        let named = "<meta property=og:site_name content='The Marrow Bay Courier'>";
        for (given, expected) in [
            ("A bridge - Marrow Bay Courier", "A bridge"),
            ("The Marrow Bay Courier: A bridge", "A bridge"),
            ("A bridge | News | Mill", "A bridge"),
            ("Mill.com - A bridge", "A bridge"),
            ("A bridge: mill.com", "A bridge"),
            ("A - B", "A - B"),
            ("A bridge: The Marrow Bay Courier", "A bridge: The Marrow Bay Courier"),
        ] {
            let html = format!("{named}<meta property=og:title content='{given}'>");
            assert_eq!(title("https://news.mill.example/a", &html).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_page_that_is_the_site_is_called_by_its_name() {
        let html = "<title>Mill</title><h1>Mill</h1>";
        assert_eq!(title("https://mill.example/", html).as_deref(), Some("Mill"));
    }

    #[test]
    fn what_only_its_place_shows_to_be_a_site_is_dropped_from_long_titles() {
        for (given, expected) in [
            ("A bridge is opened | Valley Times", "A bridge is opened"),
            ("The old harbour bridge opens - Valley Times", "The old harbour bridge opens"),
            ("Old bridge - Valley Times", "Old bridge - Valley Times"),
            ("The old bridge - and what it costs", "The old bridge - and what it costs"),
            ("Valley » News » The old harbour bridge opens", "The old harbour bridge opens"),
            ("Bridges: the old harbour bridge | Valley", "Bridges: the old harbour bridge"),
            ("旧港大桥今天重新开放_新闻频道_山谷网", "旧港大桥今天重新开放"),
            ("旧港大桥今天重新开放通车了吗-山谷网", "旧港大桥今天重新开放通车了吗"),
        ] {
            assert_eq!(titled(given), expected);
        }
    }

    #[test]
    fn a_heading_tells_what_of_the_title_is_the_page() {
        let html = "<title>Notes of a Miller: How grist is made at night</title>\
                    <h1>Notes of a Miller</h1><h2>How grist is made at night</h2>";
        let expected = Some("How grist is made at night");
        assert_eq!(title("https://a.example/", html).as_deref(), expected);
        let html = "<title>Grist - the paper of millers and their guests</title><h1>Grist</h1>";
        assert_eq!(title("https://a.example/", html).as_deref(), Some("Grist"));
    }

    #[test]
    fn the_title_for_links_comes_first_unless_the_page_is_called_quite_otherwise() {
        let page = "<title>How grist is made</title><h1>How grist is made</h1>";
        let html =
            format!("{page}<meta property=og:title content='Grist, and how millers make it'>");
        let expected = Some("Grist, and how millers make it");
        assert_eq!(title("https://a.example/", &html).as_deref(), expected);
        let html = format!("{page}<meta property=og:title content='The heart of the valley'>");
        assert_eq!(title("https://a.example/", &html).as_deref(), Some("How grist is made"));
    }

    #[test]
    fn a_headline_and_the_only_heading_stand_in_for_a_title() {
        let script =
            r#"<script type="application/ld+json">{"@type":"Article","headline":"H"}</script>"#;
        assert_eq!(title("https://a.example/", script).as_deref(), Some("H"));
        assert_eq!(title("https://a.example/", "<h1>A<br>b</h1>").as_deref(), Some("A b"));
        assert_eq!(title("https://a.example/", "<h1>A</h1><h1>B</h1>"), None);
        assert_eq!(title("https://a.example/", "<title> - </title>"), None);
    }
}
