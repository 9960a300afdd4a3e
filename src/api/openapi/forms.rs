//! Reports that come in several forms: each form that is a file has an operation of its own, so that an operation answers
//! one kind of thing.

use serde_json::{Map, Value, json};

use super::parts::field;
use crate::api::formats::{FilePath, Format, OFFERS, PARAMETER, offered};

/// Largest file in bytes, as a bound for clients that must give one.
const LARGEST: u32 = 64 << 20;

/// Adds the operations of the files beside those of their reports.
pub fn add(root: &mut Map<String, Value>) {
    let Some(paths) = root.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, formats) in OFFERS {
        for kind in FilePath::ALL {
            let forms = kind.formats(formats);
            let Some(mut operation) = paths.get(*path).map(|item| item["get"].clone()) else { continue };
            if let (false, Some(file)) = (forms.is_empty(), operation.as_object_mut()) {
                of_file(file, path, (kind, &forms));
                paths.insert(format!("{path}{}", kind.ending()), json!({"get": operation}));
            }
        }
        if let Some(text) = paths.get_mut(*path).map(|item| &mut item["get"]["description"])
            && let Some(told) = text.as_str()
        {
            let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
            *text = json!(format!(
                "{told}\n\nFor links in a browser the same path gives the files too, by `Accept` or `format=` ({}); \
                 clients take them from the operations of their own.",
                names.join(", ")
            ));
        }
    }
}

/// Whether a path gives files.
pub fn is_of_files(path: &str) -> bool {
    let of_report =
        |kind: &FilePath| path.strip_suffix(kind.ending()).is_some_and(|report| !offered(report).is_empty());
    FilePath::ALL.iter().any(of_report)
}

/// `getFunnel` makes `exportFunnel` and `getFunnelPicture`.
fn of_file(operation: &mut Map<String, Value>, path: &str, (kind, formats): (FilePath, &[Format])) {
    let text = |operation: &Map<String, Value>, name: &str| {
        operation.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (id, summary) = (text(operation, "operationId"), text(operation, "summary"));
    let what = summary.trim_start_matches("Show ");
    let (id, summary, about) = match kind {
        FilePath::Export => (
            id.replacen("get", "export", 1),
            format!("Take away {what} as a file"),
            format!(
                "The report of `{path}` as a table or a workbook, in the reader's language; asked for by `format` or by \
                 `Accept`. It leaves a row in the audit."
            ),
        ),
        FilePath::Picture => (
            format!("{id}Picture"),
            format!("Draw {what}"),
            format!("The report of `{path}` as a picture, in the reader's language."),
        ),
    };
    operation.insert("operationId".to_owned(), json!(id));
    operation.insert("summary".to_owned(), json!(summary));
    operation.insert("description".to_owned(), json!(about));
    if let (true, Some(parameters)) =
        (formats.len() > 1, field(operation, "parameters", json!([])).as_array_mut())
    {
        let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
        parameters.push(json!({
            "name": PARAMETER, "in": "query", "required": false,
            "description": "Which file. It wins over `Accept`; a form that is not offered is 406.",
            "schema": {"type": "string", "enum": names, "default": names.first()}, "example": names.first(),
        }));
    }
    let content: Map<String, Value> = formats
        .iter()
        .map(|format| (format.media_type().to_owned(), json!({"schema": schema(*format)})))
        .collect();
    let named = json!({"$ref": "#/components/headers/ContentDisposition"});
    let answer =
        json!({"description": "The file.", "headers": {"Content-Disposition": named}, "content": content});
    operation.insert("responses".to_owned(), json!({"200": answer}));
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
    // CSV and SVG are text: clients that were told otherwise read bytes out of a text.
    if format == Format::Xlsx {
        schema["format"] = json!("binary");
    }
    schema
}
