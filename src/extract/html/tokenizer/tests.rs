//! The tokenizer against the tests of html5lib (`fixtures/html5lib-tokenizer/`), all of them.
//!
//! Not looked at: parse errors, and of a document type anything but that it is there.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::*;

/// The files, with how many runs each has (a test is run once for each state it starts in).
const FILES: &[(&str, usize)] = &[
    ("contentModelFlags", 24),
    ("domjs", 59),
    ("entities", 80),
    ("escapeFlag", 9),
    ("namedEntities", 4_210),
    ("numericEntities", 336),
    ("pendingSpecChanges", 1),
    ("test1", 69),
    ("test2", 45),
    ("test3", 1_786),
    ("test4", 85),
    ("unicodeChars", 323),
    ("unicodeCharsProblematic", 1),
];

/// Runs whose input or output holds half of a surrogate pair, which is no character here.
const HALF_PAIRS: usize = 4;

/// A token with everything in it read; what the tests expect and what the tokenizer gives.
#[derive(Debug, PartialEq)]
pub(super) enum Meant {
    Characters(String),
    Start { name: String, attributes: BTreeMap<String, String>, self_closing: bool },
    End(String),
    Comment(String),
    Doctype,
}

/// Characters next to each other are one token, and none are no token.
pub(super) fn push(tokens: &mut Vec<Meant>, token: Meant) {
    match (tokens.last_mut(), token) {
        (_, Meant::Characters(none)) if none.is_empty() => {}
        (Some(Meant::Characters(before)), Meant::Characters(more)) => before.push_str(&more),
        (_, token) => tokens.push(token),
    }
}

/// A name of a tag or of an attribute.
fn name(source: &str) -> String {
    source.to_ascii_lowercase().replace('\0', "\u{FFFD}")
}

/// Names, values and comments are slices of the page until somebody reads them; here all are.
pub(super) fn meant(tokenizer: &Tokenizer<'_>, token: Token<'_>) -> Meant {
    match token {
        Token::Text(raw) => Meant::Characters(raw.read().into_owned()),
        Token::Start { name: source, self_closing } => {
            let mut attributes = BTreeMap::new();
            for attribute in tokenizer.attributes() {
                let value = Raw { source: attribute.value, reading: Reading::Attribute };
                attributes.entry(name(attribute.name)).or_insert(value.read().into_owned());
            }
            Meant::Start { name: name(source), attributes, self_closing }
        }
        Token::End { name: source } => Meant::End(name(source)),
        Token::Comment(source) => {
            let text = Raw { source, reading: Reading::Literal };
            Meant::Comment(text.read().into_owned())
        }
        Token::Doctype => Meant::Doctype,
    }
}

/// Where a test starts.
fn start<'a>(state: &str, input: &'a str, last_start_tag: &'a str) -> Tokenizer<'a> {
    let mut tokenizer = Tokenizer::new(input, usize::MAX);
    let raw = match state {
        "Data state" | "CDATA section state" => return tokenizer,
        "PLAINTEXT state" => RawText::Plaintext,
        "RCDATA state" => RawText::Rcdata,
        "RAWTEXT state" => RawText::Rawtext,
        "Script data state" => RawText::Script,
        _ => panic!("a state that is not known: {state}"),
    };
    tokenizer.enter(raw, last_start_tag);
    tokenizer
}

fn tokens(state: &str, input: &str, last_start_tag: &str) -> Vec<Meant> {
    let mut tokens = Vec::new();
    let in_section = format!("<![CDATA[{input}");
    let input = if state == "CDATA section state" { &in_section } else { input };
    let mut tokenizer = start(state, input, last_start_tag);
    if state == "CDATA section state" {
        let section = tokenizer.section().unwrap();
        let characters = meant(&tokenizer, section);
        push(&mut tokens, characters);
    }
    while let Some(token) = tokenizer.next() {
        let token = meant(&tokenizer, token);
        push(&mut tokens, token);
    }
    assert_eq!(tokenizer.at, input.len());
    tokens
}

/// The strings of a test; some are escaped twice. `None` for half of a surrogate pair.
fn unescape(text: &str, escaped_twice: bool) -> Option<String> {
    if !escaped_twice {
        return Some(text.to_owned());
    }
    let mut units = Vec::new();
    let mut parts = text.split("\\u");
    units.extend(parts.next()?.encode_utf16());
    for part in parts {
        let (unit, rest) = part.split_at(4);
        units.push(u16::from_str_radix(unit, 16).unwrap());
        units.extend(rest.encode_utf16());
    }
    String::from_utf16(&units).ok()
}

/// The tokens that a test expects.
fn expected(output: &Value, escaped_twice: bool) -> Option<Vec<Meant>> {
    let mut tokens = Vec::new();
    for token in output.as_array().unwrap() {
        let text = |at: usize| unescape(token[at].as_str().unwrap(), escaped_twice);
        let token = match token[0].as_str().unwrap() {
            "Character" => Meant::Characters(text(1)?),
            "Comment" => Meant::Comment(text(1)?),
            "DOCTYPE" => Meant::Doctype,
            "EndTag" => Meant::End(text(1)?),
            "StartTag" => {
                let mut attributes = BTreeMap::new();
                for (name, value) in token[2].as_object().unwrap() {
                    let value = unescape(value.as_str().unwrap(), escaped_twice)?;
                    attributes.insert(unescape(name, escaped_twice)?, value);
                }
                let self_closing = token.get(3).is_some();
                Meant::Start { name: text(1)?, attributes, self_closing }
            }
            kind => panic!("a kind of token that is not known: {kind}"),
        };
        push(&mut tokens, token);
    }
    Some(tokens)
}

/// The tests of a file.
fn load(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/html5lib-tokenizer");
    let file = std::fs::File::open(folder.join(format!("{name}.test.gz"))).unwrap();
    let text = std::io::BufReader::new(flate2::read::MultiGzDecoder::new(file));
    serde_json::from_reader(text).unwrap()
}

#[test]
fn every_test_of_html5lib_passes() {
    let mut half_pairs = 0;
    let mut counts = Vec::new();
    let mut faults = Vec::new();
    for (file, _) in FILES {
        let mut passed = 0;
        for test in load(file)["tests"].as_array().unwrap() {
            let escaped_twice = test["doubleEscaped"] == true;
            let states = match test["initialStates"].as_array() {
                Some(states) => states.iter().map(|state| state.as_str().unwrap()).collect(),
                None => vec!["Data state"],
            };
            let input = unescape(test["input"].as_str().unwrap(), escaped_twice);
            let expected = expected(&test["output"], escaped_twice);
            let (Some(input), Some(expected)) = (input, expected) else {
                half_pairs += states.len();
                continue;
            };
            for state in states {
                let last_start_tag = test["lastStartTag"].as_str().unwrap_or("no-such-tag");
                let given = tokens(state, &input, last_start_tag);
                if given == expected {
                    passed += 1;
                } else {
                    faults.push(format!(
                        "{file}, {}, {state}: {input:?}\n  expected {expected:?}\n  given    {given:?}",
                        test["description"]
                    ));
                }
            }
        }
        counts.push((*file, passed));
    }
    assert!(faults.is_empty(), "{} fail\n{}", faults.len(), faults.join("\n"));
    assert_eq!(counts, FILES);
    assert_eq!(half_pairs, HALF_PAIRS);
}
