//! Reports that come in several forms: the `format` parameter, and a content type for each form.

use serde_json::{Map, Value, json};

use super::parts::field;
use crate::api::formats::{Format, PARAMETER};

/// Largest file in bytes, as a bound for clients that must give one.
const LARGEST: u32 = 64 << 20;

/// Adds them to an operation whose 200 is described as JSON.
pub fn add(operation: &mut Map<String, Value>, formats: &[Format]) {
    let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
    if let Some(parameters) = field(operation, "parameters", json!([])).as_array_mut() {
        parameters.push(json!({
            "name": PARAMETER, "in": "query", "required": false,
            "description": "Form of the answer, for a browser link. It wins over `Accept`, which asks for the same forms by \
                media type. A form that is not offered is 406.",
            "schema": {"type": "string", "enum": names}, "example": names.first(),
        }));
    }
    let Some(answer) = field(operation, "responses", json!({})).get_mut("200").and_then(Value::as_object_mut)
    else {
        return;
    };
    if let Some(headers) = field(answer, "headers", json!({})).as_object_mut() {
        let named = json!({"$ref": "#/components/headers/ContentDisposition"});
        headers.insert("Content-Disposition".to_owned(), named);
    }
    let Some(content) = field(answer, "content", json!({})).as_object_mut() else { return };
    for format in formats.iter().filter(|format| **format != Format::Json) {
        content.insert(format.media_type().to_owned(), json!({"schema": schema(*format)}));
    }
}

fn schema(format: Format) -> Value {
    let about = match format {
        Format::Csv => {
            "UTF-8 with a byte-order mark, CR LF, one line of headings in the reader's language. Text that a \
             spreadsheet would run has an apostrophe in front."
        }
        Format::Xlsx => "A workbook that prints on A4 like the paper form, in the reader's language.",
        Format::Svg => "A picture 360 wide, with a title and a description in the reader's language.",
        Format::Json => "",
    };
    let mut schema = json!({"type": "string", "maxLength": LARGEST, "description": about});
    if format == Format::Xlsx {
        schema["format"] = json!("binary");
    }
    schema
}
