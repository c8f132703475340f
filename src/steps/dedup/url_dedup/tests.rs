use proptest::prelude::*;

use crate::document::Document;
use crate::steps::testing::{build, faults, outcome, outcome_of_url, value};
use crate::text::View;

use super::normal::{self, Ignored};

const NAME: &str = "url_dedup";

fn all() -> Ignored {
    let params = super::TRACKING.iter().map(|&name| name.to_owned()).collect();
    Ignored {
        scheme: true,
        www: true,
        fragment: true,
        trailing_slash: true,
        param_order: true,
        params,
    }
}

fn key(toml: &str, url: &str) -> Option<u64> {
    let found = outcome_of_url(&build(NAME, toml).unwrap(), url);
    found.signature.keys.first().map(|key| key.1)
}

#[test]
fn what_does_not_change_the_page_does_not_count() {
    let urls = [
        "http://example.com/a/b?x=1&y=2",
        "https://example.com/a/b?x=1&y=2",
        " HTTP://User:pw@WWW.Example.COM.:80/a/./c/../b/?y=2&x=1#top ",
        "https://www.example.com:443/a/b//?&x=1&&y=2&",
        "example.com/a/b?x=1&y=2",
        "http://example.com/%61/b?x=%31&y=2&utm_source=n&UTM_Medium=m&fbclid=1&ref=z&gclid",
    ];
    for url in urls {
        assert_eq!(normal::url(url, &all()).as_deref(), Some("example.com/a/b?x=1&y=2"), "{url}");
        assert_eq!(key("", url), key("", urls[0]), "{url}");
    }
}

#[test]
fn everything_else_counts() {
    let pages = [
        "http://example.com/",
        "http://example.com/a",
        "http://example.com/A",
        "http://a.example.com/",
        "http://www2.example.com/",
        "http://example.com:8080/",
        "http://example.com/?refresh=1",
        "http://example.com/?feed=rss",
        "http://example.com/?a=1&a=2",
        "http://example.com/?a=2&a=1",
        "http://example.com/a%2Fb",
        "http://example.com/a/b",
        "ftp://example.com/",
    ];
    let mut keys: Vec<_> = pages.iter().map(|url| key("", url).unwrap()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), pages.len());
    let normal = |url| normal::url(url, &all());
    assert_eq!(normal("http://www.com/"), Some("www.com".into()), "no host is left of it");
    assert_eq!(normal("http://x.com/%e4%7a%2f%zz%"), Some("x.com/%E4z%2F%25zz%25".into()));
    assert_eq!(normal("http://bücher.example/ü"), normal("http://xn--bcher-kva.example/%C3%BC"));
}

#[test]
fn each_part_can_be_made_to_count() {
    let parts = [
        ("ignore_scheme = false", "http://x.com/a", "https://x.com/a"),
        ("ignore_www = false", "http://x.com/a", "http://www.x.com/a"),
        ("ignore_fragment = false", "http://x.com/a", "http://x.com/a#b"),
        ("ignore_trailing_slash = false", "http://x.com/a", "http://x.com/a/"),
        ("ignore_param_order = false", "http://x.com/?a=1&b", "http://x.com/?b&a=1"),
        ("ignore_params = 'off'", "http://x.com/a", "http://x.com/a?utm_source=b"),
        ("ignore_params = ['b*', 'ref']", "http://x.com/a", "http://x.com/a?utm_source=b"),
    ];
    for (toml, one, other) in parts {
        assert_eq!(key("", one), key("", other), "{toml}");
        assert_ne!(key(toml, one), key(toml, other), "{toml}");
    }
    let toml = "ignore_params = ['Sid', 'b*']";
    assert_eq!(key(toml, "http://x.com/?sid=1&BB=2&bc"), key(toml, "http://x.com/"));
    assert_ne!(key(toml, "http://x.com/?sids=1"), key(toml, "http://x.com/"));
}

#[test]
fn what_names_no_page_is_nobodys_copy() {
    for url in [" ", "not a url", "N/A", "unknown", "mailto:a@b.com", "urn:isbn:1", "about:blank"] {
        let found = outcome_of_url(&build(NAME, "").unwrap(), url);
        assert!(found.applies && found.signature.keys.is_empty(), "{url}");
        assert_eq!(value(NAME, &found, "url_chars"), None, "{url}");
    }
    let built = build(NAME, "").unwrap();
    assert!(built.needs_url);
    assert!(!outcome_of_url(&built, "").applies);
    assert!(!outcome(&built, "a text").applies);
}

#[test]
fn dclm_s_urls_are_dclm_s() {
    // From DCLM's own function.
    let cases = [
        ("https://www.google.com", "google.com"),
        ("google.com", "google.com"),
        ("HTTP://www.X.com/", "HTTP://www.X.com"),
        (
            "https://jobs.shoppersdrugmart.ca/job/?feedId=4&utm_source=Indeed",
            "jobs.shoppersdrugmart.ca/job",
        ),
        ("http://x.com/a/?utm_source=b#c", "x.com/a"),
        ("http://x.com/?a=1&utm_source=b", "x.com/?a=1&utm_source=b"),
        ("http://x.com/?refresh=1&page=2", "x.com"),
        ("http://x.com/a//", "x.com/a"),
        ("http://web.archive.org/web/2020/http://www.x.com/", "web.archive.org/web/2020/x.com"),
        ("http://www.www.x.com/#a", "www.x.com/#a"),
        ("httphttp://x.com", "httpx.com"),
        ("httpshttps://x.com", "httpsx.com"),
        ("http:///", ""),
        ("x?ref\ny?feed=1\nz/", "x\ny\nz"),
        ("http://x.com/a?b?utm_c", "x.com/a?b"),
        ("x.com/?redirect=https%3A//www.y.com", "x.com/?redirect=https%3A//www.y.com"),
        ("x.com/?u=https://www.y.com/", "x.com/?u=y.com"),
        ("", ""),
        ("??ref", "?"),
    ];
    for (url, normal) in cases {
        assert_eq!(normal::dclm(url), normal, "{url:?}");
    }
    let key = |url| key("variant = 'dclm'", url);
    assert_eq!(key("http://www.x.com/?utm_source=a"), key("https://x.com"));
    assert_ne!(key("http://X.com"), key("http://x.com"));
}

#[test]
fn dclm_keeps_the_first_and_has_no_parts() {
    let keep = |toml: &str| build(NAME, toml).unwrap().params["keep"].clone();
    assert_eq!(keep(""), "newest");
    assert_eq!(keep("variant = 'dclm'"), "first");
    assert_eq!(keep("variant = 'dclm'\nkeep = 'longest'"), "longest");
    for part in super::PARTS {
        let number = if *part == "ignore_params" { "['a']" } else { "true" };
        let found = faults(NAME, &format!("variant = 'dclm'\n{part} = {number}"));
        assert!(found.contains("does not go by"), "{part}: {found}");
    }
}

#[test]
fn names_that_no_parameter_has_are_refused() {
    for name in ["*", "a*b", "a=1", "?a", "a&b"] {
        let found = faults(NAME, &format!("ignore_params = ['a', '{name}']"));
        assert!(found.contains("no query parameter"), "{name}: {found}");
    }
    assert!(faults(NAME, "keep = 'best'").contains("what the best is"));
}

#[test]
fn signals_are_lengths() {
    let document = Document {
        url: Some("http://www.x.com/é".into()),
        text: "zwölf".into(),
        ..Document::default()
    };
    let mut found = Default::default();
    build(NAME, "").unwrap().step.evaluate(&View::raw(&document), &[], &mut found);
    assert_eq!(value(NAME, &found, "chars"), Some(5.0));
    assert_eq!(value(NAME, &found, "url_chars"), Some(12.0), "x.com/%C3%A9");
}

proptest! {
    #[test]
    fn any_string_is_taken_and_normal_forms_are_their_own(
        url in r"\PC{0,20}|((https?://|www\.|[a.]|:80|//|@|\[::1\]|/|\.\.|\?|&|utm_|ref|feed|=|%[4-7][0-9a-f]|%|#|\n|é| ){0,12})",
        prefix in "|http://www\\.x\\.com/|https://x\\.com\\?",
    ) {
        let url = prefix + &url;
        // With its scheme, so that it can be read again.
        let ignored = Ignored { scheme: false, ..all() };
        if let Some(normal) = normal::url(&url, &ignored) {
            prop_assert_eq!(normal::url(&normal, &ignored), Some(normal));
        }
        normal::dclm(&url);
        for toml in ["", "variant = 'dclm'"] {
            prop_assert_eq!(key(toml, &url), key(toml, &url));
        }
    }
}
