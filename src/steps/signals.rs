//! Signals: the values that a step measures, declared once.
//!
//! ```
//! use gristmill::steps::signals;
//!
//! signals! {
//!     /// What `example` measures.
//!     pub struct Signals {
//!         /// Words by whitespace.
//!         words: u64,
//!         /// Mean length of a word; null without words.
//!         mean_word_chars: Option<f64>,
//!     }
//! }
//! ```

/// A measured value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not defined on this document (a mean without members).
    Null,
    /// A yes or no.
    Bool(bool),
    /// A count.
    Integer(i64),
    /// A ratio, mean, score or probability; never NaN.
    Float(f64),
    /// A label.
    Text(String),
}

impl Value {
    /// The value as a number that a threshold can be held against.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            Self::Null | Self::Bool(_) | Self::Text(_) => None,
        }
    }
}

/// The type of a signal; the type of its Parquet column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalKind {
    /// boolean
    Bool,
    /// 64-bit signed integer (engines without unsigned types read it as it is)
    Integer,
    /// 64-bit float
    Float,
    /// UTF-8 string
    Text,
}

impl SignalKind {
    /// The name for pages and plans.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bool => "boolean",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Text => "string",
        }
    }
}

/// One signal: its name with its unit, its type and its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignalSpec {
    /// The field of the step's struct column.
    pub name: &'static str,
    /// Type.
    pub kind: SignalKind,
    /// What it is, from its doc comment.
    pub doc: &'static str,
}

/// A type that a signal can have.
pub trait SignalValue {
    /// The type of the column.
    const KIND: SignalKind;
    /// The value.
    fn value(self) -> Value;
}

impl SignalValue for bool {
    const KIND: SignalKind = SignalKind::Bool;
    fn value(self) -> Value {
        Value::Bool(self)
    }
}

impl SignalValue for u64 {
    const KIND: SignalKind = SignalKind::Integer;
    fn value(self) -> Value {
        Value::Integer(i64::try_from(self).unwrap_or(i64::MAX))
    }
}

impl SignalValue for f64 {
    const KIND: SignalKind = SignalKind::Float;
    fn value(self) -> Value {
        // A NaN would break statistics and every comparison; it means "not defined".
        if self.is_nan() { Value::Null } else { Value::Float(self) }
    }
}

impl SignalValue for String {
    const KIND: SignalKind = SignalKind::Text;
    fn value(self) -> Value {
        Value::Text(self)
    }
}

impl SignalValue for &'static str {
    const KIND: SignalKind = SignalKind::Text;
    fn value(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl<T: SignalValue> SignalValue for Option<T> {
    const KIND: SignalKind = T::KIND;
    fn value(self) -> Value {
        self.map_or(Value::Null, SignalValue::value)
    }
}

/// A set of signals, made by `signals!`.
pub trait Signals {
    /// The declarations, in order.
    const SPECS: &'static [SignalSpec];
    /// Appends the values, in the order of the declarations.
    fn write(self, values: &mut Vec<Value>);
}

/// Declares a set of signals; see the module's documentation.
#[macro_export]
#[doc(hidden)]
macro_rules! __signals {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[doc = $doc:literal])+ $field:ident : $type:ty ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        $vis struct $name {
            $( $(#[doc = $doc])+ $vis $field: $type, )*
        }

        impl $crate::steps::Signals for $name {
            const SPECS: &'static [$crate::steps::SignalSpec] = &[$(
                $crate::steps::SignalSpec {
                    name: stringify!($field),
                    kind: <$type as $crate::steps::SignalValue>::KIND,
                    doc: concat!($($doc),+),
                },
            )*];

            fn write(self, values: &mut Vec<$crate::steps::Value>) {
                $( values.push($crate::steps::SignalValue::value(self.$field)); )*
            }
        }
    };
}
