//! The wanted fields of one JSON object, without building what is not wanted.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Fault, Fields};

/// How many fields can be wanted: text, id, URL and date.
const SLOTS: usize = 4;

/// A field of the line, as far as it matters what it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Value<'a> {
    /// Absent or null.
    #[default]
    None,
    String(Cow<'a, str>),
    /// An integer, in decimal digits.
    Integer(String),
    /// Anything else, by the name of its type.
    Other(&'static str),
}

/// The wanted values of a line.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Values<'a> {
    pub(super) text: Value<'a>,
    pub(super) id: Value<'a>,
    pub(super) url: Value<'a>,
    pub(super) date: Value<'a>,
}

/// For each slot the path that is still to go, `None` where nothing is wanted.
type Paths<'p> = [Option<&'p str>; SLOTS];

/// A value and the number of objects it was reached through; fewer win, then the later one.
type Found<'de> = [Option<(usize, Value<'de>)>; SLOTS];

/// Reads the wanted fields of a line.
///
/// # Errors
/// `bad_json`, `lone_surrogate` or `not_an_object`.
pub(super) fn read<'a>(line: &'a str, fields: &Fields) -> Result<Values<'a>, Fault> {
    if !line.trim_start_matches([' ', '\t', '\r']).starts_with('{') {
        serde_json::from_str::<IgnoredAny>(line).map_err(fault)?;
        return Err(Fault::new("not_an_object", "the line is JSON, but no object"));
    }
    let paths = [
        Some(fields.text.as_str()),
        fields.id.as_deref(),
        fields.url.as_deref(),
        fields.date.as_deref(),
    ];
    let mut found = Found::default();
    let mut json = serde_json::Deserializer::from_str(line);
    let wanted = Wanted { leaf: [false; SLOTS], below: paths };
    let root = ValueSeed { wanted, depth: 0, found: &mut found };
    root.deserialize(&mut json).and_then(|()| json.end()).map_err(fault)?;
    let [text, id, url, date] = found.map(|slot| slot.map(|(_, value)| value).unwrap_or_default());
    Ok(Values { text, id, url, date })
}

fn fault(error: serde_json::Error) -> Fault {
    let message = error.to_string();
    // The parser tells these apart in its text alone; a test holds it to that.
    let surrogate = message.contains("surrogate") || message.contains("hex escape");
    Fault::new(if surrogate { "lone_surrogate" } else { "bad_json" }, message)
}

/// What a value is wanted for: the slots it fills itself, and paths that go on inside it.
#[derive(Clone, Copy)]
struct Wanted<'p> {
    leaf: [bool; SLOTS],
    below: Paths<'p>,
}

impl<'p> Wanted<'p> {
    fn under(paths: &Paths<'p>, key: &str) -> Option<Self> {
        let mut wanted = Self { leaf: [false; SLOTS], below: [None; SLOTS] };
        let mut any = false;
        for (slot, path) in paths.iter().enumerate() {
            let Some(rest) = path.and_then(|path| path.strip_prefix(key)) else { continue };
            wanted.leaf[slot] = rest.is_empty();
            wanted.below[slot] = rest.strip_prefix('.');
            any |= wanted.leaf[slot] || wanted.below[slot].is_some();
        }
        any.then_some(wanted)
    }
}

/// Looks a key up without keeping it.
struct KeySeed<'a, 'p>(&'a Paths<'p>);

impl<'de, 'p> DeserializeSeed<'de> for KeySeed<'_, 'p> {
    type Value = Option<Wanted<'p>>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'p> Visitor<'_> for KeySeed<'_, 'p> {
    type Value = Option<Wanted<'p>>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Wanted::under(self.0, key))
    }
}

struct ValueSeed<'f, 'p, 'de> {
    wanted: Wanted<'p>,
    depth: usize,
    found: &'f mut Found<'de>,
}

impl<'de> ValueSeed<'_, '_, 'de> {
    fn fill(self, value: Value<'de>) {
        for (slot, found) in self.found.iter_mut().enumerate() {
            if self.wanted.leaf[slot] && found.as_ref().is_none_or(|(at, _)| self.depth <= *at) {
                *found = Some((self.depth, value.clone()));
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: Error>(self, string: &'de str) -> Result<(), E> {
        self.fill(Value::String(Cow::Borrowed(string)));
        Ok(())
    }

    fn visit_str<E: Error>(self, string: &str) -> Result<(), E> {
        self.fill(Value::String(Cow::Owned(string.to_owned())));
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.fill(Value::Integer(number.to_string()));
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.fill(Value::Integer(number.to_string()));
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.fill(Value::Other("a number"));
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.fill(Value::Other("a boolean"));
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.fill(Value::None);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        self.fill(Value::Other("an array"));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(wanted) = object.next_key_seed(KeySeed(&self.wanted.below))? {
            match wanted {
                Some(wanted) => {
                    let depth = self.depth + 1;
                    object.next_value_seed(ValueSeed { wanted, depth, found: self.found })?;
                }
                None => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        self.fill(Value::Other("an object"));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(id: &str) -> Fields {
        Fields { id: Some(id.to_owned()), ..Fields::default() }
    }

    fn id<'a>(line: &'a str, path: &str) -> Value<'a> {
        read(line, &fields(path)).unwrap().id
    }

    fn string(text: &str) -> Value<'_> {
        Value::String(Cow::Borrowed(text))
    }

    #[test]
    fn dots_reach_into_objects_and_literal_keys_win() {
        assert_eq!(id(r#"{"m": {"WARC-Record-ID": "x"}}"#, "m.WARC-Record-ID"), string("x"));
        for line in [
            r#"{"a.b.c": "1", "a": {"b.c": "2", "b": {"c": "3"}}}"#,
            r#"{"a": {"b": {"c": "3"}, "b.c": "2"}, "a.b.c": "1"}"#,
        ] {
            assert_eq!(id(line, "a.b.c"), string("1"), "{line}");
        }
        assert_eq!(id(r#"{"a": {"b": {"c": "3"}, "b.c": "2"}}"#, "a.b.c"), string("2"));
        assert_eq!(id(r#"{"a.b": {"c": "2"}, "a": {"b": {"c": "3"}}}"#, "a.b.c"), string("2"));
        assert_eq!(id(r#"{"a": {"b": [{"c": "3"}]}}"#, "a.b.c"), Value::None);
        assert_eq!(id(r#"{"a": "{\"b\": 1}"}"#, "a.b"), Value::None);
        assert_eq!(id(r#"{"ab": {"c": 1}}"#, "a.c"), Value::None);
    }

    #[test]
    fn one_value_can_serve_two_fields() {
        let fields = Fields { url: Some("u".into()), ..fields("u") };
        let values = read(r#"{"u": "http://a/"}"#, &fields).unwrap();
        assert_eq!((values.id, values.url), (string("http://a/"), string("http://a/")));
    }

    #[test]
    fn types_are_told_apart() {
        let is = |json: &str, value: Value<'_>| {
            assert_eq!(id(&format!(r#"{{"i": {json}}}"#), "i"), value, "{json}");
        };
        is("null", Value::None);
        is("-7", Value::Integer("-7".into()));
        is("18446744073709551615", Value::Integer(u64::MAX.to_string()));
        is("18446744073709551616", Value::Other("a number"));
        is("1.0", Value::Other("a number"));
        is("true", Value::Other("a boolean"));
        is("[1, [2]]", Value::Other("an array"));
        is(r#"{"i": "x"}"#, Value::Other("an object"));
        is(r#""\ud83d\ude00\n""#, string("😀\n"));
        // Of equal keys the last one counts, as in other parsers.
        assert_eq!(id(r#"{"i": "1", "i": "2"}"#, "i"), string("2"));
    }

    #[test]
    fn faults_have_kinds() {
        let kind = |line: &str| read(line, &Fields::default()).unwrap_err().kind;
        assert_eq!(kind(r#"{"text": "a""#), "bad_json");
        assert_eq!(kind(r#"{"text": "a"} {}"#), "bad_json");
        assert_eq!(kind("{'text': 'a'}"), "bad_json");
        assert_eq!(kind("nonsense"), "bad_json");
        assert_eq!(kind(r#""text""#), "not_an_object");
        assert_eq!(kind("[]"), "not_an_object");
        assert_eq!(kind(r#"{"text": "\ud83d"}"#), "lone_surrogate");
        assert_eq!(kind(r#"{"text": "\ud83dx"}"#), "lone_surrogate");
        assert_eq!(kind(r#"{"text": "\ude00"}"#), "lone_surrogate");
        assert_eq!(kind(r#"{"text": "\ud83d\ud83d"}"#), "lone_surrogate");
        assert_eq!(kind(r#"{"text": "\uZZZZ"}"#), "bad_json");
    }

    #[test]
    fn depth_does_not_exhaust_the_stack() {
        let deep =
            format!(r#"{{"x": {}{}, "text": "t"}}"#, "[".repeat(1 << 20), "]".repeat(1 << 20));
        assert_eq!(read(&deep, &Fields::default()).unwrap().text, string("t"));
        let deep = format!(r#"{{"text": {}"#, "[".repeat(1 << 20));
        assert_eq!(read(&deep, &Fields::default()).unwrap_err().kind, "bad_json");
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_refused(line in r#"\PC*|[\[\]{}":,.\\uda0-9e truefalsn-]{0,40}"#) {
            let whole = serde_json::from_str::<serde_json::Value>(&line);
            match read(&line, &fields("a.b")) {
                // A refusal must have a cause; unread strings may have faults of their own.
                Err(fault) if fault.kind == "bad_json" => prop_assert!(whole.is_err(), "{fault:?}"),
                Err(_) => {}
                Ok(_) => prop_assert!(whole.is_err() || whole.is_ok_and(|v| v.is_object())),
            }
        }
    }
}
