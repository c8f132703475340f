//! Replaces e-mail addresses, IPv4 addresses and phone numbers by texts of the user's choice.
//!
//! # What it does
//! Finds the kinds that are switched on and puts the replacements of that kind in their place, in
//! turn. Counts what it found, and drops a document that holds more than `max_pii`.
//!
//! Variant `"datatrove"`: e-mail addresses as RFC 5322 has them without quotes, domains of at least
//! two labels; then IPv4 addresses that are public. Phone numbers are not looked for.
//!
//! Variant `"dolma"`: what stands before and after an `@` without spaces between, if there is a dot
//! after it and a space follows; North American phone numbers after a space; every IPv4 address.
//! Each line is looked at alone. The spaces and marks around an e-mail address and the spaces
//! before a phone number are replaced with it, a newline too.
//!
//! Variant `"dolma_v2"`: the same over the whole text, so that a phone number may start a line.
//! Phone numbers and addresses are left out where `isbn`, `doi` or `#` stands within 100 characters.
//!
//! # Why
//! Pages name people who were not asked. A model that learnt their addresses may tell them; one that
//! learnt a placeholder tells that.
//!
//! # Source
//! `"datatrove"`: `PIIFormatter` of datatrove 0.10.1, the last step of FineWeb (Penedo et al. 2024,
//! arXiv 2406.17557), with its replacements. `"dolma"`: `pii_regex_with_counts_fast_v2` of Dolma
//! (Soldaini et al. 2024, arXiv 2402.00159; python/dolma/taggers/pii.py) and the masks of
//! configs/dolma-v1_6/mixing/cc-head.yaml, which also drops documents with more than 5
//! (`max_pii = 5`). `"dolma_v2"`: `pii_regex_v1`, `pii_regex_v2` and `pii_regex_with_counts_v2`,
//! which differ in a score alone.
//!
//! # Differences
//! datatrove goes on with the replacements where the document before left off; here each document
//! starts with the first, so that its text depends on no other document. Addresses are public as for
//! Python 3.11.7 (multicast is; Python 3.13 also holds most of 192.0.0.0/24 to be private), and one
//! with a leading zero never is. datatrove looks for IPv4 addresses in the text with e-mail addresses
//! replaced; here replacements are not looked at again. Where matches of Dolma overlap, all are
//! counted and the one that starts first is replaced, on ties the e-mail address, as its mixer does.
//! `"dolma"` leaves a text with more than 10,000 question marks as it is, as Dolma does. An e-mail
//! address that ends the text is none to Dolma. Dolma's URL expression, meant to spare phone numbers
//! in texts with URLs, needs a backspace character to match and is not taken over.

mod datatrove;
mod dolma;
mod ipv4;
#[cfg(test)]
mod parity;
#[cfg(test)]
mod tests;

use crate::config::{choice, params};
use crate::steps::{Build, Edit, Rule, Step, signals};
use crate::text::{Span, View};

choice! {
    /// Whose expressions.
    pub enum Variant {
        /// datatrove, as in FineWeb
        Datatrove = "datatrove",
        /// Dolma's later taggers, as in Dolma 1.6
        Dolma = "dolma",
        /// Dolma's earlier taggers
        DolmaV2 = "dolma_v2",
    }
}

params! {
    /// Parameters of `pii`.
    pub struct Params {
        /// Whose definitions, and whose replacements where none are given.
        variant: Variant = Variant::Datatrove,
        /// Whether to replace e-mail addresses.
        emails: bool = true,
        /// Whether to replace phone numbers; `"datatrove"` has none.
        phones: bool = true,
        /// Whether to replace IPv4 addresses.
        ips: bool = true,
        /// Whether to replace just public IPv4 addresses; with `"datatrove"` alone.
        public_ips_only: bool = true,
        /// What stands for e-mail addresses, in turn; without any, the variant's own.
        email_replacements: Vec<String> = vec![],
        /// What stands for phone numbers, in turn; without any, the variant's own.
        phone_replacements: Vec<String> = vec![],
        /// What stands for IPv4 addresses, in turn; without any, the variant's own.
        ip_replacements: Vec<String> = vec![],
        /// Most addresses and numbers of all kinds; Dolma 1.6 has 5.
        max_pii: Option<u64> [matches, 0 ..= 1_000_000_000] = None,
    }
}

signals! {
    /// What `pii` measures.
    pub struct Signals {
        /// Addresses and numbers of all kinds found.
        pii: u64,
        /// E-mail addresses found; null where not looked for.
        emails: Option<u64>,
        /// Phone numbers found; null where not looked for.
        phones: Option<u64>,
        /// IPv4 addresses found, with `public_ips_only` the public ones; null where not looked for.
        ips: Option<u64>,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Email,
    Phone,
    Ip,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Email, Self::Phone, Self::Ip];

    /// The parameters that switch it and that name its replacements.
    fn keys(self) -> [&'static str; 2] {
        match self {
            Self::Email => ["emails", "email_replacements"],
            Self::Phone => ["phones", "phone_replacements"],
            Self::Ip => ["ips", "ip_replacements"],
        }
    }

    fn replacements(self, variant: Variant) -> &'static [&'static str] {
        match (variant, self) {
            (Variant::Datatrove, Self::Email) => {
                &["email@example.com", "firstname.lastname@example.org"]
            }
            (Variant::Datatrove, _) => &[
                "22.214.171.124",
                "126.96.36.199",
                "188.8.131.52",
                "184.108.40.206",
                "220.127.116.11",
                "18.104.22.168",
            ],
            (Variant::Dolma | Variant::DolmaV2, Self::Email) => &[" |||EMAIL_ADDRESS||| "],
            (Variant::Dolma | Variant::DolmaV2, Self::Phone) => &[" |||PHONE_NUMBER||| "],
            (Variant::Dolma | Variant::DolmaV2, Self::Ip) => &[" |||IP_ADDRESS||| "],
        }
    }
}

/// A match, in bytes of the text.
struct Found {
    start: usize,
    end: usize,
    kind: Kind,
}

/// The step.
pub struct Pii {
    variant: Variant,
    public_ips_only: bool,
    /// By kind; `None` where not looked for.
    replacements: [Option<Vec<String>>; 3],
}

impl Step for Pii {
    const NAME: &'static str = "pii";
    const VERSION: u32 = 1;
    const SOURCE: &'static str = include_str!("pii.rs");
    type Params = Params;
    type Signals = Signals;

    fn build(params: &Params, build: &mut Build<'_>) -> Option<Self> {
        let variant = params.variant;
        let datatrove = variant == Variant::Datatrove;
        let given = [
            (params.emails, &params.email_replacements),
            (params.phones, &params.phone_replacements),
            (params.ips, &params.ip_replacements),
        ];
        let mut sound = true;
        let mut refuse = |key: &str, message: &str| {
            build.fault(key, message);
            sound = false;
        };
        let mut replacements = [const { None }; 3];
        for (kind, (on, chosen)) in Kind::ALL.into_iter().zip(given) {
            let [switch, texts] = kind.keys();
            if datatrove && kind == Kind::Phone {
                if !chosen.is_empty() {
                    refuse(texts, "variant \"datatrove\" looks for no phone numbers");
                }
            } else if on {
                let own = || kind.replacements(variant).iter().map(|text| text.to_string());
                let texts = if chosen.is_empty() { own().collect() } else { chosen.clone() };
                replacements[kind as usize] = Some(texts);
            } else if !chosen.is_empty() {
                refuse(texts, &format!("`{switch}` is off: these could never stand in a text"));
            }
        }
        if replacements.iter().all(Option::is_none) {
            refuse("variant", "every kind is off: this step could never change a text");
        }
        if datatrove && params.phones && build.gives("phones") {
            build.fault("phones", "variant \"datatrove\" looks for no phone numbers");
            sound = false;
        }
        if !datatrove && params.public_ips_only && build.gives("public_ips_only") {
            build.fault("public_ips_only", "Dolma's variants replace every IPv4 address");
            sound = false;
        }
        sound.then_some(Self { variant, public_ips_only: params.public_ips_only, replacements })
    }
}

impl Edit for Pii {
    const RULES: &'static [Rule] = &[Rule::max("too_much_pii", "pii", "max_pii")];

    fn edit(&self, view: &View<'_>, spans: &mut Vec<Span>) -> Option<Signals> {
        let text = view.text();
        let mut found = Vec::new();
        match self.variant {
            Variant::Datatrove => self.datatrove(text, &mut found),
            Variant::Dolma => self.dolma(text, &mut found),
            Variant::DolmaV2 => self.dolma_v2(text, &mut found),
        }
        self.replace(text, &mut found, spans);
        let count = |kind| {
            let of_kind = found.iter().filter(|found| found.kind == kind).count() as u64;
            self.looks_for(kind).then_some(of_kind)
        };
        Some(Signals {
            pii: found.len() as u64,
            emails: count(Kind::Email),
            phones: count(Kind::Phone),
            ips: count(Kind::Ip),
        })
    }
}

impl Pii {
    fn looks_for(&self, kind: Kind) -> bool {
        self.replacements[kind as usize].is_some()
    }

    fn datatrove(&self, text: &str, found: &mut Vec<Found>) {
        if self.looks_for(Kind::Email) {
            datatrove::emails(text, |start, end| {
                found.push(Found { start, end, kind: Kind::Email });
            });
        }
        if !self.looks_for(Kind::Ip) {
            return;
        }
        let emails = found.len();
        let mut low = 0;
        for gap in 0..=emails {
            let (high, next) =
                found[..emails].get(gap).map_or((text.len(), 0), |email| (email.start, email.end));
            ipv4::addresses(&text[low..high], |start, end| {
                let (start, end) = (low + start, low + end);
                let address = ipv4::parse(&text[start..end]);
                if address.is_some_and(|a| !self.public_ips_only || ipv4::is_public(a)) {
                    found.push(Found { start, end, kind: Kind::Ip });
                }
            });
            low = next;
        }
    }

    fn dolma(&self, text: &str, found: &mut Vec<Found>) {
        const MAX_QUESTION_MARKS: usize = 10_000;
        let bytes = text.as_bytes();
        if memchr::memchr_iter(b'?', bytes).take(MAX_QUESTION_MARKS + 1).count()
            > MAX_QUESTION_MARKS
        {
            return;
        }
        let mut at = 0;
        while self.looks_for(Kind::Email)
            && let Some(next) = memchr::memchr(b'@', &bytes[at..])
        {
            let next = at + next;
            let line = memchr::memrchr(b'\n', &bytes[..next]).map_or(0, |end| end + 1);
            let end =
                memchr::memchr(b'\n', &bytes[next..]).map_or(text.len(), |end| next + end + 1);
            dolma::emails(&text[line..end], |email| {
                if dolma::is_email(email) {
                    let (start, end) = (line + email.start, line + email.end);
                    found.push(Found { start, end, kind: Kind::Email });
                }
            });
            at = end;
        }
        if self.looks_for(Kind::Phone) {
            dolma::phones(text, true, |start, end| {
                found.push(Found { start, end, kind: Kind::Phone });
            });
        }
        if self.looks_for(Kind::Ip) {
            ipv4::addresses(text, |start, end| found.push(Found { start, end, kind: Kind::Ip }));
        }
    }

    fn dolma_v2(&self, text: &str, found: &mut Vec<Found>) {
        if self.looks_for(Kind::Email) {
            dolma::emails(text, |email| {
                if dolma::is_email_by_match(text, email) {
                    found.push(Found { start: email.start, end: email.end, kind: Kind::Email });
                }
            });
        }
        let mut push = |kind, start, end| {
            if !dolma::is_in_false_context(text, start, end) {
                found.push(Found { start, end, kind });
            }
        };
        if self.looks_for(Kind::Phone) {
            dolma::phones(text, false, |start, end| push(Kind::Phone, start, end));
        }
        if self.looks_for(Kind::Ip) {
            ipv4::addresses(text, |start, end| push(Kind::Ip, start, end));
        }
    }

    /// Puts replacements in the place of what was found; of what overlaps, of the first.
    fn replace(&self, text: &str, found: &mut [Found], spans: &mut Vec<Span>) {
        found.sort_by_key(|found| (found.start, found.kind));
        let mut turns = [0; 3];
        let mut at = 0;
        for &Found { start, end, kind } in &*found {
            let texts = self.replacements[kind as usize].as_deref().unwrap_or_default();
            if start < at || texts.is_empty() {
                continue;
            }
            at = end;
            let turn = &mut turns[kind as usize];
            let replacement = &texts[*turn];
            *turn = (*turn + 1) % texts.len();
            if *replacement != text[start..end] {
                spans.push(Span::replace(start, end, replacement));
            }
        }
    }
}
