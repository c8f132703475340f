//! A condition: parsed by sqlparser, checked for names and types, and evaluated on values.

use std::cmp::Ordering;
use std::ops::Range;

use sqlparser::ast::{BinaryOperator, Expr, Ident, Spanned, UnaryOperator, Value as Literal};
use sqlparser::dialect::DuckDbDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token};

use super::value::{Scalar, and, or};
use crate::steps::{Build, Input, SignalKind, Value};

/// Longest condition and deepest nesting, so that neither parsing nor compiling can exhaust a stack:
/// a chain of `AND` nests to its left in the tree, without parentheses in the text.
const MAX_BYTES: usize = 4096;
const MAX_NESTING: usize = 32;
const MAX_DEPTH: usize = 200;

/// A compiled condition.
#[derive(Debug)]
pub(super) struct Condition(Node);

impl Condition {
    /// Whether it holds, given the values of its inputs; `None` where that is unknown.
    pub(super) fn holds(&self, inputs: &[Value]) -> Option<bool> {
        self.0.evaluate(inputs).truth()
    }
}

/// A part of a condition.
#[derive(Debug)]
enum Node {
    Input(usize),
    Number(f64),
    Bool(bool),
    Text(String),
    Compare(Box<[Node; 2]>, fn(Ordering) -> bool),
    Calculate(Box<[Node; 2]>, fn(f64, f64) -> f64),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    Not(Box<Node>),
    /// Whether the value is exactly this, where null is a value like others.
    Is(Box<Node>, Is),
    In(Box<Node>, Vec<Node>),
    /// Whether two values differ, where null is a value like others.
    Distinct(Box<[Node; 2]>),
}

#[derive(Debug, Clone, Copy)]
enum Is {
    Null,
    True,
    False,
}

impl Node {
    fn evaluate<'v>(&'v self, inputs: &'v [Value]) -> Scalar<'v> {
        match self {
            Self::Input(index) => inputs.get(*index).map_or(Scalar::Null, Scalar::from),
            Self::Number(number) => Scalar::Number(*number),
            Self::Bool(flag) => Scalar::Bool(*flag),
            Self::Text(text) => Scalar::Text(text),
            Self::Compare(sides, test) => {
                let [a, b] = sides.each_ref().map(|side| side.evaluate(inputs));
                a.compare(b).map(test).into()
            }
            Self::Calculate(sides, with) => {
                let [a, b] = sides.each_ref().map(|side| side.evaluate(inputs));
                a.calculate(b, *with)
            }
            Self::And(sides) => {
                and(sides[0].evaluate(inputs).truth(), || sides[1].evaluate(inputs).truth()).into()
            }
            Self::Or(sides) => {
                or(sides[0].evaluate(inputs).truth(), || sides[1].evaluate(inputs).truth()).into()
            }
            Self::Not(inner) => inner.evaluate(inputs).truth().map(|flag| !flag).into(),
            Self::Is(inner, is) => {
                let value = inner.evaluate(inputs);
                Scalar::Bool(match is {
                    Is::Null => value == Scalar::Null,
                    Is::True => value == Scalar::Bool(true),
                    Is::False => value == Scalar::Bool(false),
                })
            }
            Self::Distinct(sides) => {
                let [a, b] = sides.each_ref().map(|side| side.evaluate(inputs));
                Scalar::Bool(a != b)
            }
            Self::In(inner, items) => {
                let value = inner.evaluate(inputs);
                let equals = |item: &Node| {
                    value.compare(item.evaluate(inputs)).map(|order| order == Ordering::Equal)
                };
                let mut found = Some(false);
                for item in items {
                    found = or(found, || equals(item));
                }
                found.into()
            }
        }
    }
}

/// The type of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Number,
    Text,
}

impl Kind {
    fn describe(self) -> &'static str {
        match self {
            Self::Bool => "a condition",
            Self::Number => "a number",
            Self::Text => "a string",
        }
    }
}

/// Compiles the condition at a key; `None` after reporting what is wrong with it.
pub(super) fn compile(
    key: &str,
    text: &str,
    build: &mut Build<'_>,
    inputs: &mut Vec<Input>,
) -> Option<Condition> {
    let expression = match parse(text) {
        Ok(expression) => expression,
        Err((message, place)) => {
            build.fault_within(key, place, message).label = "not a condition".into();
            return None;
        }
    };
    let mut compiler = Compiler { key, text, build, inputs };
    compiler.expect(&expression, Kind::Bool, 0).map(Condition)
}

/// The expression that the whole text is.
fn parse(text: &str) -> Result<Expr, (String, Range<usize>)> {
    if text.len() > MAX_BYTES {
        let message = format!("a condition may be {MAX_BYTES} bytes long: split it in two steps");
        return Err((message, 0..text.len()));
    }
    let dialect = DuckDbDialect {};
    let whole = |parser: &mut Parser<'_>| {
        let expression = parser.parse_expr()?;
        let next = parser.peek_token();
        match next.token {
            Token::EOF => Ok(expression),
            token => Err(ParserError::ParserError(format!(
                "Expected: an operator, found: {token}{}",
                next.span.start
            ))),
        }
    };
    let parsed = Parser::new(&dialect)
        .with_recursion_limit(MAX_NESTING)
        .try_with_sql(text)
        .and_then(|mut parser| whole(&mut parser));
    parsed.map_err(|error| match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            located(&message, text)
        }
        ParserError::RecursionLimitExceeded => {
            ("the condition is nested too deeply".to_owned(), 0..text.len())
        }
    })
}

/// The parser's message without the place that it ends in, and the place.
fn located(message: &str, text: &str) -> (String, Range<usize>) {
    let (said, place) = message.split_once(" at Line: ").unwrap_or((message, ""));
    let place = place.split_once(", Column: ").and_then(|(line, column)| {
        Some(offset(text, Location::new(line.parse().ok()?, column.parse().ok()?)))
    });
    let start = place.unwrap_or(text.len());
    let end = text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
    let said = said.strip_prefix("sql parser error: ").unwrap_or(said);
    let mut said = said.replace("Expected: ", "expected ").replace(", found: ", ", found ");
    if let Some(first) = said.get(..1).map(str::to_lowercase) {
        said.replace_range(..1, &first);
    }
    (said, start..end)
}

/// Byte offset of a line and column (in characters, both from 1).
fn offset(text: &str, location: Location) -> usize {
    let before = usize::try_from(location.line).unwrap_or(usize::MAX).saturating_sub(1);
    let line: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let column = usize::try_from(location.column).unwrap_or(usize::MAX).saturating_sub(1);
    let rest = &text[line..];
    line + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
}

struct Compiler<'c, 'b> {
    key: &'c str,
    text: &'c str,
    build: &'c mut Build<'b>,
    inputs: &'c mut Vec<Input>,
}

impl Compiler<'_, '_> {
    /// Compiles a part that must be of a kind.
    fn expect(&mut self, expression: &Expr, wanted: Kind, depth: usize) -> Option<Node> {
        let (node, kind) = self.compile(expression, depth)?;
        if kind == wanted {
            return Some(node);
        }
        let message = format!("{} is needed here, not {}", wanted.describe(), kind.describe());
        self.refuse(expression, message)
    }

    fn refuse<T>(&mut self, expression: &Expr, message: impl Into<String>) -> Option<T> {
        let span = expression.span();
        // A literal without a place is shown by the whole condition.
        let place = match span.start.line {
            0 => 0..self.text.len(),
            _ => offset(self.text, span.start)..offset(self.text, span.end),
        };
        self.build.fault_within(self.key, place, message);
        None
    }

    fn compile(&mut self, expression: &Expr, depth: usize) -> Option<(Node, Kind)> {
        if depth > MAX_DEPTH {
            return self.refuse(expression, "the condition is nested too deeply");
        }
        let depth = depth + 1;
        let boolean = |node| Some((node, Kind::Bool));
        match expression {
            Expr::Nested(inner) => self.compile(inner, depth),
            Expr::CompoundIdentifier(names) => self.signal(expression, names),
            Expr::Identifier(name) => {
                let message = format!("`{}` names no signal: write step.signal", name.value);
                self.refuse(expression, message)
            }
            Expr::Value(literal) => self.literal(expression, &literal.value),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                boolean(Node::Not(Box::new(self.expect(expr, Kind::Bool, depth)?)))
            }
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => {
                Some((self.expect(expr, Kind::Number, depth)?, Kind::Number))
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                let sides = [Node::Number(0.0), self.expect(expr, Kind::Number, depth)?];
                Some((Node::Calculate(Box::new(sides), |a, b| a - b), Kind::Number))
            }
            Expr::BinaryOp { left, op, right } => self.binary(expression, [left, right], op, depth),
            Expr::IsNull(inner) => boolean(self.is(inner, Is::Null, depth)?),
            Expr::IsNotNull(inner) => boolean(not(self.is(inner, Is::Null, depth)?)),
            Expr::IsTrue(inner) => boolean(self.is_truth(inner, Is::True, depth)?),
            Expr::IsNotTrue(inner) => boolean(not(self.is_truth(inner, Is::True, depth)?)),
            Expr::IsFalse(inner) => boolean(self.is_truth(inner, Is::False, depth)?),
            Expr::IsNotFalse(inner) => boolean(not(self.is_truth(inner, Is::False, depth)?)),
            Expr::IsDistinctFrom(left, right) => {
                boolean(Node::Distinct(self.same_kind([left, right], depth)?))
            }
            Expr::IsNotDistinctFrom(left, right) => {
                boolean(not(Node::Distinct(self.same_kind([left, right], depth)?)))
            }
            Expr::Between { expr, negated, low, high } => {
                let at_least = self.compare([expr, low], Ordering::is_ge, depth)?;
                let at_most = self.compare([expr, high], Ordering::is_le, depth)?;
                boolean(negate_if(*negated, Node::And(Box::new([at_least, at_most]))))
            }
            Expr::InList { expr, list, negated } => {
                let (node, kind) = self.compile(expr, depth)?;
                let items = list.iter().map(|item| self.expect(item, kind, depth));
                let items = items.collect::<Option<Vec<_>>>()?;
                boolean(negate_if(*negated, Node::In(Box::new(node), items)))
            }
            _ => self.refuse(expression, "a condition cannot have this"),
        }
    }

    fn signal(&mut self, expression: &Expr, names: &[Ident]) -> Option<(Node, Kind)> {
        let [step, signal] = names else {
            return self
                .refuse(expression, "a signal is named by its step and itself: step.signal");
        };
        let place = offset(self.text, step.span.start)..offset(self.text, signal.span.end);
        let (input, kind) = self.build.input(self.key, place, &step.value, &signal.value)?;
        let known = self.inputs.iter().position(|other| *other == input);
        let index = known.unwrap_or_else(|| {
            self.inputs.push(input);
            self.inputs.len() - 1
        });
        let kind = match kind {
            SignalKind::Bool => Kind::Bool,
            SignalKind::Integer | SignalKind::Float => Kind::Number,
            SignalKind::Text => Kind::Text,
        };
        Some((Node::Input(index), kind))
    }

    fn literal(&mut self, expression: &Expr, literal: &Literal) -> Option<(Node, Kind)> {
        match literal {
            Literal::Number(digits, _) => match digits.parse::<f64>() {
                Ok(number) if number.is_finite() => Some((Node::Number(number), Kind::Number)),
                _ => self.refuse(expression, format!("`{digits}` is no number")),
            },
            Literal::SingleQuotedString(text) => Some((Node::Text(text.clone()), Kind::Text)),
            Literal::Boolean(flag) => Some((Node::Bool(*flag), Kind::Bool)),
            Literal::Null => self.refuse(expression, "nothing equals null: ask `IS NULL`"),
            _ => self.refuse(expression, "a condition has numbers, 'strings', TRUE and FALSE"),
        }
    }

    fn binary(
        &mut self,
        expression: &Expr,
        sides: [&Expr; 2],
        operator: &BinaryOperator,
        depth: usize,
    ) -> Option<(Node, Kind)> {
        let test: fn(Ordering) -> bool = match operator {
            BinaryOperator::Eq => Ordering::is_eq,
            BinaryOperator::NotEq => Ordering::is_ne,
            BinaryOperator::Lt => Ordering::is_lt,
            BinaryOperator::LtEq => Ordering::is_le,
            BinaryOperator::Gt => Ordering::is_gt,
            BinaryOperator::GtEq => Ordering::is_ge,
            BinaryOperator::And => {
                return Some((Node::And(self.both(sides, Kind::Bool, depth)?), Kind::Bool));
            }
            BinaryOperator::Or => {
                return Some((Node::Or(self.both(sides, Kind::Bool, depth)?), Kind::Bool));
            }
            _ => {
                let with: fn(f64, f64) -> f64 = match operator {
                    BinaryOperator::Plus => |a, b| a + b,
                    BinaryOperator::Minus => |a, b| a - b,
                    BinaryOperator::Multiply => |a, b| a * b,
                    BinaryOperator::Divide => |a, b| a / b,
                    other => {
                        return self.refuse(expression, format!("there is no operator `{other}`"));
                    }
                };
                let sides = self.both(sides, Kind::Number, depth)?;
                return Some((Node::Calculate(sides, with), Kind::Number));
            }
        };
        Some((self.compare(sides, test, depth)?, Kind::Bool))
    }

    fn compare(
        &mut self,
        [left, right]: [&Expr; 2],
        test: fn(Ordering) -> bool,
        depth: usize,
    ) -> Option<Node> {
        Some(Node::Compare(self.same_kind([left, right], depth)?, test))
    }

    fn same_kind(&mut self, [left, right]: [&Expr; 2], depth: usize) -> Option<Box<[Node; 2]>> {
        let (left, kind) = self.compile(left, depth)?;
        let right = self.expect(right, kind, depth)?;
        Some(Box::new([left, right]))
    }

    /// Both sides, so that the faults of both are reported.
    fn both(&mut self, sides: [&Expr; 2], kind: Kind, depth: usize) -> Option<Box<[Node; 2]>> {
        let [left, right] = sides.map(|side| self.expect(side, kind, depth));
        Some(Box::new([left?, right?]))
    }

    fn is(&mut self, inner: &Expr, is: Is, depth: usize) -> Option<Node> {
        Some(Node::Is(Box::new(self.compile(inner, depth)?.0), is))
    }

    fn is_truth(&mut self, inner: &Expr, is: Is, depth: usize) -> Option<Node> {
        Some(Node::Is(Box::new(self.expect(inner, Kind::Bool, depth)?), is))
    }
}

fn not(node: Node) -> Node {
    Node::Not(Box::new(node))
}

fn negate_if(negated: bool, node: Node) -> Node {
    if negated { not(node) } else { node }
}
