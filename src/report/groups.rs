//! What documents are grouped by, to see whom filters drop more often than others.

use std::borrow::Cow;

use arrow_array::Array;

use super::reading::Batch;

/// What documents are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension {
    /// The label of the pipeline's language step.
    Language,
    /// The last label of the host.
    TopLevelDomain,
    /// The host.
    Host,
    /// Characters of the stored text.
    Length,
}

/// What stands for a missing value.
const NONE: &str = "(none)";
/// What stands for an IP address, which has no top-level domain.
const ADDRESS: &str = "(address)";

/// From how many characters on a document is of which group.
const LENGTHS: &[(u64, &str)] = &[
    (0, "0–199"),
    (200, "200–499"),
    (500, "500–999"),
    (1_000, "1,000–1,999"),
    (2_000, "2,000–4,999"),
    (5_000, "5,000–9,999"),
    (10_000, "10,000–19,999"),
    (20_000, "20,000–49,999"),
    (50_000, "50,000 and more"),
];

impl Dimension {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Language => "language",
            Self::TopLevelDomain => "top-level domain",
            Self::Host => "host",
            Self::Length => "length in characters",
        }
    }

    /// The SQL of the order of groups: the largest first, lengths as they grow.
    pub(super) fn order(self) -> &'static str {
        match self {
            Self::Length => "min(chars)",
            _ => "documents DESC, value",
        }
    }

    /// The SQL expression of a document's group; `language` is the column of labels.
    pub(super) fn sql(self, language: Option<&str>) -> String {
        match self {
            Self::Language => format!("coalesce({}, '{NONE}')", language.unwrap_or("NULL")),
            Self::TopLevelDomain => format!(
                "CASE WHEN host IS NULL THEN '{NONE}' \
                 WHEN regexp_matches(host, '^\\[|(^|\\.)[0-9]*$') THEN '{ADDRESS}' \
                 ELSE regexp_extract(host, '[^.]*$') END"
            ),
            Self::Host => format!("coalesce(host, '{NONE}')"),
            Self::Length => {
                let [first, rest @ ..] = LENGTHS else { return String::new() };
                let mut cases = String::from("CASE");
                for (from, name) in rest.iter().rev() {
                    cases.push_str(&format!(" WHEN chars >= {from} THEN '{name}'"));
                }
                format!("{cases} ELSE '{}' END", first.1)
            }
        }
    }
}

/// The group of a document.
pub(super) fn value<'b>(dimension: Dimension, batch: &'b Batch, row: usize) -> Cow<'b, str> {
    let host = batch.hosts.is_valid(row).then(|| batch.hosts.value(row));
    Cow::Borrowed(match dimension {
        Dimension::Host => host.unwrap_or(NONE),
        Dimension::TopLevelDomain => host.map_or(NONE, top_level_domain),
        Dimension::Language => {
            let labels = batch.languages.as_ref().filter(|labels| labels.is_valid(row));
            labels.map_or(NONE, |labels| labels.value(row))
        }
        Dimension::Length => {
            let at = LENGTHS.partition_point(|(from, _)| *from <= batch.chars[row]);
            LENGTHS[at.saturating_sub(1)].1
        }
    })
}

/// The place of a group of lengths among them.
pub(super) fn length_rank(value: &str) -> usize {
    LENGTHS.iter().position(|(_, name)| *name == value).unwrap_or(LENGTHS.len())
}

fn top_level_domain(host: &str) -> &str {
    let last = host.rsplit('.').next().unwrap_or(host);
    match host.starts_with('[') || last.bytes().all(|byte| byte.is_ascii_digit()) {
        true => ADDRESS,
        false => last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_no_top_level_domain() {
        for (host, expected) in [
            ("news.example.co.uk", "uk"),
            ("localhost", "localhost"),
            ("127.0.0.1", ADDRESS),
            ("[::1]", ADDRESS),
        ] {
            assert_eq!(top_level_domain(host), expected);
        }
    }
}
