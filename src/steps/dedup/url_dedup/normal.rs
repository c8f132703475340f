//! The normal forms of a URL.

use url::Url;

/// What does not count.
pub(super) struct Ignored {
    /// Whether it is `http` or `https`.
    pub(super) scheme: bool,
    /// A `www.` before the host.
    pub(super) www: bool,
    /// What follows a `#`.
    pub(super) fragment: bool,
    /// Slashes at the end of the path.
    pub(super) trailing_slash: bool,
    /// The order of parameters of different names.
    pub(super) param_order: bool,
    /// Parameters in lower case; a final `*` stands for any letters.
    pub(super) params: Vec<String>,
}

/// The URL by its parts; `None` where it has no host.
pub(super) fn url(text: &str, ignored: &Ignored) -> Option<String> {
    let url = parse(text.trim())?;
    let mut normal = String::with_capacity(text.len());
    if !(ignored.scheme && matches!(url.scheme(), "http" | "https")) {
        normal.push_str(url.scheme());
        normal.push_str("://");
    }
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    // Hosts are in lower case but for schemes that the URL standard does not know.
    let host = host.to_lowercase();
    let mut bare = host.as_str();
    while let Some(rest) = bare.strip_prefix("www.").filter(|rest| rest.contains('.')) {
        if !ignored.www {
            break;
        }
        bare = rest;
    }
    normal.push_str(bare);
    if let Some(port) = url.port() {
        normal.push(':');
        normal.push_str(&port.to_string());
    }
    let path = url.path();
    let path = if ignored.trailing_slash { path.trim_end_matches('/') } else { path };
    push_decoded(path, &mut normal);
    push_query(url.query().unwrap_or_default(), ignored, &mut normal);
    if let Some(fragment) = url.fragment().filter(|part| !ignored.fragment && !part.is_empty()) {
        normal.push('#');
        push_decoded(fragment, &mut normal);
    }
    Some(normal)
}

fn parse(text: &str) -> Option<Url> {
    let has_host =
        |url: &Url| url.host_str().is_some_and(|host| !host.trim_matches('.').is_empty());
    if let Some(url) = Url::parse(text).ok().filter(has_host) {
        return Some(url);
    }
    // `example.com:80/a` reads as of a scheme called `example.com`, `N/A` as a host with a path, and
    // `mailto:a@b.com` as a user's.
    let url = Url::parse(&format!("http://{text}")).ok()?;
    let is_meant = url.username().is_empty() && url.host_str()?.trim_matches('.').contains('.');
    is_meant.then_some(url)
}

fn push_query(query: &str, ignored: &Ignored, normal: &mut String) {
    let mut decoded = String::with_capacity(query.len());
    push_decoded(query, &mut decoded);
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    let counts = |pair: &&str| {
        let name = name(pair);
        !pair.is_empty()
            && !ignored.params.iter().any(|param| match param.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => name == *param,
            })
    };
    let mut pairs: Vec<&str> = decoded.split('&').filter(counts).collect();
    if ignored.param_order {
        // Parameters of one name are a list, whose order may count.
        pairs.sort_by_cached_key(|pair| name(pair));
    }
    for (index, pair) in pairs.into_iter().enumerate() {
        normal.push(if index == 0 { '?' } else { '&' });
        normal.push_str(pair);
    }
}

/// Adds a part with the unreserved characters of RFC 3986 decoded and other codes in capitals.
fn push_decoded(part: &str, normal: &mut String) {
    let mut rest = part;
    while let Some(at) = rest.find('%') {
        normal.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let digits = rest.get(..2).filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok().map(|byte| (two, byte))) {
            Some((two, byte)) => {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    normal.push(char::from(byte));
                } else {
                    normal.push('%');
                    normal.push_str(&two.to_ascii_uppercase());
                }
                rest = &rest[2..];
            }
            // Not the beginning of a code, and none with what is decoded after it.
            None => normal.push_str("%25"),
        }
    }
    normal.push_str(rest);
}

/// DCLM's `normalize_url`: what its two expressions match is taken out, then slashes at the end.
pub(super) fn dclm(url: &str) -> String {
    let mut bare = String::with_capacity(url.len());
    let mut rest = url;
    while let Some(at) = rest.find("http") {
        let (before, after) = rest.split_at(at + "http".len());
        match after.strip_prefix('s').unwrap_or(after).strip_prefix("://") {
            Some(after) => {
                bare.push_str(&before[..at]);
                rest = after.strip_prefix("www.").unwrap_or(after);
            }
            None => {
                bare.push_str(before);
                rest = after;
            }
        }
    }
    bare.push_str(rest);
    let mut normal = String::with_capacity(bare.len());
    let mut rest = bare.as_str();
    while let Some(at) = rest.find('?') {
        let (before, after) = rest.split_at(at + 1);
        if ["utm_", "ref", "feed"].iter().any(|start| after.starts_with(start)) {
            normal.push_str(&before[..at]);
            // A dot of Python's expressions stands for anything but a newline.
            rest = after.find('\n').map_or("", |end| &after[end..]);
        } else {
            normal.push_str(before);
            rest = after;
        }
    }
    normal.push_str(rest);
    normal.truncate(normal.trim_end_matches('/').len());
    normal
}
