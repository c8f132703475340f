//! Which leaf columns hold the wanted fields, and how they are to be read.

use std::fmt;
use std::sync::Arc;

use arrow_schema::{DataType, Field, FieldRef, Fields as ArrowFields, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::Type as PhysicalType;
use parquet::errors::Result as ParquetResult;
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor, Type, TypePtr};

use super::file::Source;
use crate::pool::Fields;

/// A field that no column of a file can give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnFault {
    /// The field: `text`, `id`, `url` or `date`.
    pub field: &'static str,
    /// The column that was named for it.
    pub column: String,
    /// The type the column has, if it is there at all.
    pub found: Option<String>,
    /// Every column of the file, nested ones with dots.
    pub columns: Vec<String>,
}

impl fmt::Display for ColumnFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, column, found, columns } = self;
        match found {
            Some(found) => {
                write!(f, "{field}: column `{column}` is {found}, not {}", wanted_type(field))
            }
            None => {
                let columns = columns.join(", ");
                write!(f, "{field}: no column `{column}`; the columns are: {columns}")
            }
        }
    }
}

fn wanted_type(field: &str) -> &'static str {
    match field {
        "id" => "a string or an integer",
        "date" => "a string, a timestamp or a date",
        _ => "a string",
    }
}

/// How the values of a column are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Strings, and bytes that nothing says otherwise about.
    Bytes,
    Integer,
    Time,
    /// A column of a file in which it had no value at all.
    Null,
}

/// The leaf column of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) path: Vec<String>,
    pub(super) kind: Kind,
    leaf: usize,
}

/// The columns of the fields, `None` where none is named.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub(super) text: Column,
    pub(super) id: Option<Column>,
    pub(super) url: Option<Column>,
    pub(super) date: Option<Column>,
}

impl Columns {
    /// Finds the columns of all fields.
    ///
    /// # Errors
    /// Every field without a column of a type that can hold it.
    pub(super) fn find(
        metadata: &ArrowReaderMetadata,
        fields: &Fields,
    ) -> Result<Self, Vec<ColumnFault>> {
        let mut faults = Vec::new();
        let mut find = |field, name: &str| match find(metadata, field, name) {
            Ok(column) => Some(column),
            Err(fault) => {
                faults.push(fault);
                None
            }
        };
        let text = find("text", &fields.text);
        let id = fields.id.as_ref().and_then(|name| find("id", name));
        let url = fields.url.as_ref().and_then(|name| find("url", name));
        let date = fields.date.as_ref().and_then(|name| find("date", name));
        match text {
            Some(text) if faults.is_empty() => Ok(Self { text, id, url, date }),
            _ => Err(faults),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Column> {
        [Some(&self.text), self.id.as_ref(), self.url.as_ref(), self.date.as_ref()]
            .into_iter()
            .flatten()
    }

    /// Just the leaves of these columns.
    pub(super) fn mask(&self, schema: &SchemaDescriptor) -> ProjectionMask {
        ProjectionMask::leaves(schema, self.all().map(|column| column.leaf))
    }

    /// Bytes that these columns take in a row group, uncompressed, as the file has it.
    pub(super) fn bytes(&self, group: &parquet::file::metadata::RowGroupMetaData) -> u64 {
        let size = |column: &Column| {
            group.columns().get(column.leaf).map_or(0, |chunk| chunk.uncompressed_size())
        };
        self.all().map(|column| u64::try_from(size(column)).unwrap_or(0)).sum()
    }

    /// The metadata of the file, such that strings are read as views of bytes.
    ///
    /// As bytes, since one string that is not UTF-8 would otherwise fail its whole page; as views,
    /// since a dictionary then stands once in memory however many rows name its entries.
    pub(super) fn as_byte_views(
        &self,
        source: &Source,
        metadata: &ArrowReaderMetadata,
    ) -> ParquetResult<ArrowReaderMetadata> {
        let paths: Vec<&[String]> =
            self.all().filter(|c| c.kind == Kind::Bytes).map(|c| c.path.as_slice()).collect();
        let root = without_annotation(&metadata.parquet_schema().root_schema_ptr(), &paths)?;
        let options = ArrowReaderOptions::new()
            .with_skip_arrow_metadata(true)
            .with_parquet_schema(Arc::new(SchemaDescriptor::new(root)));
        let plain = ArrowReaderMetadata::load(source, options.clone())?;
        let views = Schema::new_with_metadata(
            with_views(plain.schema().fields(), &paths),
            plain.schema().metadata().clone(),
        );
        ArrowReaderMetadata::try_new(plain.metadata().clone(), options.with_schema(Arc::new(views)))
    }
}

fn find(
    metadata: &ArrowReaderMetadata,
    field: &'static str,
    name: &str,
) -> Result<Column, ColumnFault> {
    let leaves = metadata.parquet_schema().columns();
    let leaf = leaves
        .iter()
        .enumerate()
        .filter(|(_, leaf)| leaf.path().string() == name)
        // Names may have dots themselves: the one with the fewest parts is the most literal.
        .min_by_key(|(_, leaf)| leaf.path().parts().len());
    let fault = |found| ColumnFault {
        field,
        column: name.to_owned(),
        found,
        columns: leaves.iter().map(|leaf| leaf.path().string()).collect(),
    };
    let Some((leaf, descriptor)) = leaf else {
        // A struct or a list of that name is there, but is no value.
        let group = metadata.schema().column_with_name(name);
        return Err(fault(group.map(|(_, field)| type_name(field.data_type()))));
    };
    let path = descriptor.path().parts().to_vec();
    let data_type = data_type(metadata.schema().fields(), &path);
    let kind = kind(field, descriptor, data_type);
    match kind {
        Some(kind) => Ok(Column { path, kind, leaf }),
        None => Err(fault(Some(data_type.map_or_else(|| "nested".to_owned(), type_name)))),
    }
}

fn kind(field: &str, leaf: &ColumnDescriptor, data_type: Option<&DataType>) -> Option<Kind> {
    if leaf.max_rep_level() > 0 {
        return None;
    }
    let kind = match data_type? {
        DataType::Utf8 | DataType::Binary => Kind::Bytes,
        DataType::Null => Kind::Null,
        t if t.is_integer() => Kind::Integer,
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => Kind::Time,
        _ => return None,
    };
    let fits = match kind {
        Kind::Bytes => leaf.physical_type() == PhysicalType::BYTE_ARRAY,
        Kind::Integer => field == "id",
        Kind::Time => field == "date",
        Kind::Null => field != "text",
    };
    fits.then_some(kind)
}

/// The Arrow type at a path of structs.
fn data_type<'a>(fields: &'a ArrowFields, path: &[String]) -> Option<&'a DataType> {
    let (first, rest) = path.split_first()?;
    let (_, field) = fields.find(first)?;
    match field.data_type() {
        leaf if rest.is_empty() => Some(leaf),
        DataType::Struct(fields) => data_type(fields, rest),
        _ => None,
    }
}

fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Struct(_) => "a struct".to_owned(),
        DataType::List(_) | DataType::LargeList(_) => "a list".to_owned(),
        DataType::Map(..) => "a map".to_owned(),
        other => other.to_string(),
    }
}

/// Paths that go on below a field of this name.
fn under<'a>(paths: &[&'a [String]], name: &str) -> Vec<&'a [String]> {
    let below = |path: &&'a [String]| match path.split_first() {
        Some((first, rest)) if first == name => Some(rest),
        _ => None,
    };
    paths.iter().filter_map(below).collect()
}

/// The schema with the leaves at these paths as bytes of which nothing is said.
fn without_annotation(node: &TypePtr, paths: &[&[String]]) -> ParquetResult<TypePtr> {
    if paths.is_empty() {
        return Ok(node.clone());
    }
    let info = node.get_basic_info();
    let id = info.has_id().then(|| info.id());
    if node.is_primitive() {
        let leaf = Type::primitive_type_builder(node.name(), node.get_physical_type())
            .with_repetition(info.repetition())
            .with_id(id);
        return Ok(Arc::new(leaf.build()?));
    }
    let fields = node.get_fields().iter();
    let fields = fields.map(|field| without_annotation(field, &under(paths, field.name())));
    let mut group = Type::group_type_builder(node.name())
        .with_fields(fields.collect::<ParquetResult<_>>()?)
        .with_logical_type(info.logical_type_ref().cloned())
        .with_converted_type(info.converted_type())
        .with_id(id);
    if info.has_repetition() {
        group = group.with_repetition(info.repetition());
    }
    Ok(Arc::new(group.build()?))
}

/// The fields with the leaves at these paths as views.
fn with_views(fields: &ArrowFields, paths: &[&[String]]) -> ArrowFields {
    let change = |field: &FieldRef| {
        let below = under(paths, field.name());
        let data_type = match field.data_type() {
            _ if below.is_empty() => return field.clone(),
            DataType::Struct(fields) => DataType::Struct(with_views(fields, &below)),
            DataType::Binary => DataType::BinaryView,
            other => other.clone(),
        };
        Arc::new(Field::clone(field).with_data_type(data_type))
    };
    fields.iter().map(change).collect()
}
