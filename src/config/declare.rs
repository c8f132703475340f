//! The macros `params!` and `choice!`: declarations from which readers, pages and schemas are made.
//!
//! What they expand to is in `params.rs`, with an example.

/// Declares a set of parameters; see `params.rs`.
#[macro_export]
#[doc(hidden)]
macro_rules! __params {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $(
                $(#[doc = $doc:literal])*
                $field:ident : $type:ty $([$unit:ident $(, $low:literal ..= $high:literal)?])?
                $(= $default:expr)?
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        $vis struct $name {
            $( $(#[doc = $doc])* $vis $field: $type, )*
        }

        impl $crate::config::Params for $name {
            fn specs() -> Vec<$crate::config::ParamSpec> {
                vec![$({
                    #[allow(unused_mut, unused_assignments)]
                    let mut default: Option<$type> = None;
                    $( default = Some($default); )?
                    $crate::config::ParamSpec {
                        name: stringify!($field),
                        doc: [$($doc),*].map(str::trim).join(" ").trim().to_owned(),
                        unit: $crate::__params!(@unit $($unit)?),
                        range: $crate::__params!(@range $($($low, $high)?)?),
                        shape: <$type as $crate::config::ParamValue>::shape(),
                        default: default.map(|value| $crate::config::ParamValue::to_json(&value)),
                    }
                }),*]
            }

            fn read(
                table: &$crate::config::Table,
                owner: &str,
                faults: &mut Vec<$crate::config::Fault>,
            ) -> Option<Self> {
                $crate::config::params::refuse_unknown(
                    table, owner, &[$(stringify!($field)),*], faults,
                );
                $(
                    #[allow(unused_mut, unused_assignments)]
                    let mut default: Option<$type> = None;
                    $( default = Some($default); )?
                    let $field = $crate::config::params::read_key::<$type>(
                        table, owner, stringify!($field),
                        $crate::__params!(@range $($($low, $high)?)?), default, faults,
                    );
                )*
                Some(Self { $($field: $field?,)* })
            }

            fn to_json(&self) -> serde_json::Value {
                let entries: &[(&str, serde_json::Value)] = &[$(
                    (stringify!($field), $crate::config::ParamValue::to_json(&self.$field)),
                )*];
                let owned = entries.iter().cloned().map(|(name, value)| (name.to_owned(), value));
                serde_json::Value::Object(owned.collect())
            }

            fn number(&self, name: &str) -> Option<f64> {
                match name {
                    $( stringify!($field) => $crate::config::ParamValue::number(&self.$field), )*
                    _ => None,
                }
            }
        }
    };
    (@unit) => { None };
    (@unit $unit:ident) => { Some(stringify!($unit)) };
    (@range) => { None };
    (@range $low:literal, $high:literal) => { Some(($low as f64, $high as f64)) };
}

/// Declares a choice parameter: an enum whose variants have the names that the file uses.
#[macro_export]
#[doc(hidden)]
macro_rules! __choice {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[doc = $doc:literal])* $variant:ident = $text:literal ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $name {
            $( $(#[doc = $doc])* $variant, )*
        }

        impl $name {
            /// The names with their meaning, in order.
            $vis const CHOICES: &'static [(&'static str, &'static str)] =
                &[$( ($text, concat!($($doc),*)) ),*];

            /// The name that the file uses.
            $vis fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $text, )* }
            }
        }

        impl $crate::config::ParamValue for $name {
            fn shape() -> $crate::config::Shape {
                $crate::config::Shape::Choice(Self::CHOICES)
            }

            fn read(
                key: &str,
                value: &$crate::config::Value,
                _range: Option<(f64, f64)>,
            ) -> Result<Self, Vec<$crate::config::Fault>> {
                match &value.data {
                    $( $crate::config::Data::Text(text) if text == $text => Ok(Self::$variant), )*
                    $crate::config::Data::Text(text) => Err(vec![value
                        .fault(format!("`{key}` cannot be \"{text}\""), "not one of the choices")
                        .suggest(text, [$($text),*])]),
                    _ => Err(vec![value.wrong_type(key, &Self::shape().describe())]),
                }
            }

            fn to_json(&self) -> serde_json::Value {
                serde_json::Value::from(self.as_str())
            }
        }
    };
}
