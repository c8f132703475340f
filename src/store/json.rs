//! Rows of Parquet files as JSON.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::document::day;

/// A row with its columns in order; what JSON has no type for (days, moments) as text.
pub fn json_row(batch: &RecordBatch, row: usize) -> Map<String, Json> {
    let fields = batch.schema_ref().fields().iter().zip(batch.columns());
    fields.map(|(field, column)| (field.name().clone(), json_value(column, row))).collect()
}

fn json_value(array: &ArrayRef, row: usize) -> Json {
    if array.is_null(row) {
        return Json::Null;
    }
    match array.data_type() {
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::Float32 => f64::from(array.as_primitive::<Float32Type>().value(row)).into(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).into(),
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::Date32 => {
            let date = day(array.as_primitive::<Date32Type>().value(row));
            date.map_or(Json::Null, |date| date.to_string().into())
        }
        DataType::Timestamp(..) => {
            let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
            let moment = Timestamp::from_microsecond(micros).ok();
            moment.map_or(Json::Null, |moment| moment.to_string().into())
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            let values = fields.iter().zip(columns);
            let values =
                values.map(|(field, value)| (field.name().clone(), json_value(value, row)));
            Json::Object(values.collect())
        }
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            (0..items.len()).map(|item| json_value(&items, item)).collect()
        }
        _ => Json::Null,
    }
}
