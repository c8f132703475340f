//! What is compared of an entry and of a URL, by variant.

use std::borrow::Cow;

use url::{Host, Position, Url};

use super::Variant;
use super::host;

/// Longest host that there is, in bytes; bounds the parents looked up of a made-up one.
const MAX_HOST_BYTES: usize = 253;

/// The key of an entry of `domains`.
pub(super) fn domain(variant: Variant) -> fn(&str) -> String {
    match variant {
        Variant::Gristmill => |entry| {
            let host = entry.trim_start_matches("*.").trim_matches('.');
            match Host::parse(host) {
                // Hosts of URLs are written in ASCII.
                Ok(parsed) if !host.is_ascii() => parsed.to_string(),
                _ => host.to_lowercase(),
            }
        },
        Variant::Datatrove => str::to_owned,
        Variant::Dclm => str::to_lowercase,
    }
}

/// The host and its parent domains.
pub(super) fn parents(host: &str) -> impl Iterator<Item = &str> {
    let parents = host.match_indices('.').map(|(dot, _)| &host[dot + 1..]);
    std::iter::once(host).chain(parents).filter(|parent| parent.len() <= MAX_HOST_BYTES)
}

/// The host as DCLM looks it up.
pub(super) fn netloc(url: &str) -> String {
    host::netloc(url).to_lowercase().replace("www", "")
}

/// The key of an entry of `urls`, and of a URL.
pub(super) fn url(variant: Variant) -> fn(&str) -> String {
    match variant {
        Variant::Gristmill => |text| {
            let text = text.trim();
            let parsed = Url::parse(text).ok().filter(Url::has_host);
            // Lists of URLs are published with and without schemes.
            match parsed.or_else(|| Url::parse(&format!("http://{text}")).ok()) {
                Some(url) => url[Position::BeforeHost..Position::AfterQuery].to_owned(),
                None => text.to_owned(),
            }
        },
        Variant::Datatrove | Variant::Dclm => str::to_owned,
    }
}

/// The key of an entry of `hard_words` and `soft_words`.
pub(super) fn word(variant: Variant) -> fn(&str) -> String {
    match variant {
        Variant::Datatrove => ascii_alphanumerics,
        Variant::Gristmill | Variant::Dclm => str::to_lowercase,
    }
}

/// The URL as it is split into words.
pub(super) fn words(variant: Variant, url: &str) -> Cow<'_, str> {
    match variant {
        Variant::Datatrove => Cow::Borrowed(url),
        Variant::Gristmill | Variant::Dclm => Cow::Owned(url.to_lowercase()),
    }
}

/// The key of an entry of `substrings`.
pub(super) fn substring(variant: Variant) -> fn(&str) -> String {
    match variant {
        Variant::Gristmill => alphanumerics,
        Variant::Datatrove => ascii_alphanumerics,
        Variant::Dclm => str::to_lowercase,
    }
}

/// The URL as it is searched for substrings.
pub(super) fn bare(variant: Variant, url: &str) -> String {
    match variant {
        Variant::Gristmill => alphanumerics(url),
        Variant::Datatrove => ascii_alphanumerics(url),
        Variant::Dclm => url.to_lowercase().replace(['-', '.'], ""),
    }
}

fn alphanumerics(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn ascii_alphanumerics(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
