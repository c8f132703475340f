//! The host of a URL as each peer reads it.

use std::borrow::Cow;

use psl::Type;

use crate::text::characters::{strip_end, strip_start};

/// The dots that separate labels: ASCII's and the three that IDNA takes for it.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// The host as tldextract 5.4 finds it: any text before the first `/`, `?` or `#` after an optional
/// scheme, without user, port and final dots, in the letters it is written in.
pub(super) fn lenient(url: &str) -> Cow<'_, str> {
    let authority = without_scheme(url);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    if authority.starts_with('[')
        && let Some(end) = authority.find(']')
    {
        return Cow::Borrowed(&authority[..=end]);
    }
    let host = authority.split(':').next().unwrap_or_default();
    let host = strip_start(strip_end(host)).trim_end_matches(DOTS);
    if host.is_ascii() { Cow::Borrowed(host) } else { Cow::Owned(host.replace(&DOTS[1..], ".")) }
}

fn without_scheme(url: &str) -> &str {
    let Some(slashes) = url.find("//") else { return url };
    if slashes == 0 {
        return &url[2..];
    }
    match url[..slashes].strip_suffix(':') {
        Some(scheme) if !scheme.is_empty() && scheme.bytes().all(is_scheme) => &url[slashes + 2..],
        _ => url,
    }
}

fn is_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)
}

/// The registered domain of a host, and the host from its first label on, which are tldextract's
/// `registered_domain` and `fqdn`; `None` where they are empty.
///
/// Of the public suffix list only the part of registries counts, so that the registered domain of
/// `x.blogspot.com` is `blogspot.com`.
pub(super) fn registered(host: &str) -> Option<(&str, &str)> {
    let suffix_labels = registry_suffix_labels(&host.to_lowercase())?;
    let (dot, _) = host.rmatch_indices('.').nth(suffix_labels - 1)?;
    let start = host[..dot].rfind('.').map_or(0, |before| before + 1);
    // An empty label has no domain; one before the domain is joined to nothing.
    (start < dot).then(|| (&host[start..], if start == 1 { &host[1..] } else { host }))
}

/// How many labels the public suffix of a lower-case host has by the rules of registries.
fn registry_suffix_labels(host: &str) -> Option<usize> {
    let mut name = host;
    loop {
        let suffix = psl::suffix(name.as_bytes())?;
        let text = name.get(name.len() - suffix.as_bytes().len()..)?;
        match suffix.typ()? {
            Type::Icann => return Some(text.split('.').count()),
            // A rule of a site that lets names: the registry's is that of its parent.
            Type::Private => name = text.split_once('.')?.1,
        }
    }
}

/// The network location as Python's `urlparse` finds it: everything between `//` and the next `/`,
/// `?` or `#`, with user and port; empty where there is none.
pub(super) fn netloc(url: &str) -> Cow<'_, str> {
    let url = url.trim_start_matches(|c| c <= ' ');
    match url.contains(['\t', '\r', '\n']) {
        true => Cow::Owned(netloc_of_clean(&url.replace(['\t', '\r', '\n'], "")).to_owned()),
        false => Cow::Borrowed(netloc_of_clean(url)),
    }
}

fn netloc_of_clean(url: &str) -> &str {
    let rest = match url.split_once(':') {
        Some((scheme, rest))
            if scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.bytes().all(is_scheme) =>
        {
            rest
        }
        _ => url,
    };
    let Some(rest) = rest.strip_prefix("//") else { return "" };
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_tldextract_s() {
        let registered_of = |url: &str| {
            let host = lenient(url);
            registered(&host).map(|(domain, full)| (domain.to_owned(), full.to_owned()))
        };
        // URL, registered_domain and fqdn by tldextract 5.4.0 and its bundled list.
        let cases = [
            (
                "http://forums.News.Example.co.uk:80/a?b#c",
                "Example.co.uk",
                "forums.News.Example.co.uk",
            ),
            ("http://name.blogspot.com/", "blogspot.com", "name.blogspot.com"),
            ("http://blogspot.com/", "blogspot.com", "blogspot.com"),
            ("http://user:pw@a.b.com@c.org/", "c.org", "c.org"),
            ("x.com/path", "x.com", "x.com"),
            ("//x.com", "x.com", "x.com"),
            ("://x.com/", "", ""),
            ("ht tp://x.com/", "", ""),
            ("http://www.ck/", "www.ck", "www.ck"),
            ("http://a.foo.ck/", "a.foo.ck", "a.foo.ck"),
            ("http://foo.ck/", "", ""),
            ("http://co.uk/", "", ""),
            ("http://com/", "", ""),
            ("http://localhost/", "", ""),
            ("http://127.0.0.1/", "", ""),
            ("http://[::1]:80/", "", ""),
            ("http://[a.com/", "[a.com", "[a.com"),
            ("http://a..com/", "", ""),
            ("http://.b.com/", "b.com", "b.com"),
            ("http://..b.com/", "b.com", "..b.com"),
            ("http://a.b.com../", "b.com", "a.b.com"),
            ("http://a。b．com｡/", "b.com", "a.b.com"),
            ("http://例え.公司.cn/", "例え.公司.cn", "例え.公司.cn"),
            ("http://foo.XN--55QX5D.cn/", "foo.XN--55QX5D.cn", "foo.XN--55QX5D.cn"),
            (
                "http://a.s3.dualstack.us-east-1.amazonaws.com/",
                "amazonaws.com",
                "a.s3.dualstack.us-east-1.amazonaws.com",
            ),
            ("http:// x.com /", "x.com", "x.com"),
            ("", "", ""),
            ("http://", "", ""),
            ("http://a.xn--p1ai/", "a.xn--p1ai", "a.xn--p1ai"),
            ("mailto:a@b.com", "b.com", "b.com"),
            ("http://x.unlisted/", "", ""),
            ("http://city.kawasaki.jp/", "city.kawasaki.jp", "city.kawasaki.jp"),
            ("http://a.b.city.kawasaki.jp/", "city.kawasaki.jp", "a.b.city.kawasaki.jp"),
            ("http://x.kawasaki.jp/", "", ""),
        ];
        for (url, domain, full) in cases {
            let expected = (!domain.is_empty()).then(|| (domain.to_owned(), full.to_owned()));
            assert_eq!(registered_of(url), expected, "{url:?}");
        }
    }

    #[test]
    fn network_locations_are_urlparse_s() {
        let cases = [
            ("http://User@Example.com:80/a", "User@Example.com:80"),
            ("//x.com?q", "x.com"),
            (" \x01http://x.com#f", "x.com"),
            ("ht\ntp:/\t/x.\rcom/", "x.com"),
            ("x.com/path", ""),
            ("1http://x.com/", ""),
            ("http:x.com", ""),
            ("mailto:a@b.com", ""),
            ("", ""),
        ];
        for (url, expected) in cases {
            assert_eq!(netloc(url), expected, "{url:?}");
        }
    }
}
