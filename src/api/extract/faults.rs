//! From a reader's or validator's complaint to a place, a code and a sentence in both languages.
//!
//! The sentences never repeat the value that was sent: it may be personal.

use std::borrow::Cow;

use serde_json::{Value, json};
use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use crate::{api::problem::document::Fault, domain::values::text::Text};

/// What a reader (serde) refused, without its place.
pub struct Refusal {
    /// The code of the fault.
    pub code: Cow<'static, str>,
    /// The rule in words.
    pub detail: Text,
    /// The figures in the words.
    pub params: Value,
    /// The name of a field that the message names but the path does not.
    pub field: Option<String>,
}

/// The message to give to `serde::de::Error::custom` so that [`of_serde`] finds code and both sentences again.
pub fn message(code: &str, detail: &Text) -> String {
    message_with(code, detail, &json!({}))
}

/// [`message`] with the figures in the sentences.
pub fn message_with(code: &str, detail: &Text, params: &Value) -> String {
    format!("\u{1}{code}\u{1}{}\u{1}{}\u{1}{params}\u{1}", detail.en, detail.zh)
}

/// A validator error with a code and both sentences, for `#[validate(custom(function = …))]`.
pub fn invalid(code: &'static str, detail: Text) -> ValidationError {
    let mut error = ValidationError::new(code).with_message(detail.en);
    error.add_param(Cow::Borrowed("zh"), &detail.zh);
    error
}

/// Understands a serde message.
pub fn of_serde(message: &str) -> Refusal {
    let plain = |code: &'static str, detail: Text, params: Value, field: Option<String>| Refusal {
        code: code.into(),
        detail,
        params,
        field,
    };
    let mut own = message.strip_prefix('\u{1}').unwrap_or_default().split('\u{1}');
    if let (Some(code), Some(en), Some(zh), Some(params)) = (own.next(), own.next(), own.next(), own.next()) {
        let detail = Text::new(en.to_owned(), zh.to_owned());
        let params = serde_json::from_str(params).unwrap_or_else(|_| json!({}));
        return Refusal { code: code.to_owned().into(), detail, params, field: None };
    }
    let mut quoted = message.split('`').skip(1).step_by(2).map(str::to_owned);
    let first = quoted.next();
    if message.starts_with("unknown field") {
        let text = Text::new("This field is not known here.", "此处没有这个字段。");
        return plain("unknown_field", text, json!({"allowed": quoted.collect::<Vec<_>>()}), first);
    }
    if message.starts_with("missing field") {
        return plain("required", Text::new("This field is required.", "此字段必填。"), json!({}), first);
    }
    if message.starts_with("duplicate field") {
        let text = Text::new("This field stands more than once.", "此字段重复出现。");
        return plain("duplicate_field", text, json!({}), first);
    }
    if message.starts_with("unknown variant") {
        let allowed = quoted.collect::<Vec<_>>();
        let list = allowed.join(", ");
        let text = Text::new(format!("One of: {list}."), format!("应为以下之一：{list}。"));
        return plain("not_allowed", text, json!({"allowed": allowed}), None);
    }
    if message.starts_with("invalid type") || message.starts_with("invalid value") {
        let expected = message.split(", expected ").nth(1).unwrap_or_default();
        if message.starts_with("invalid value: integer") {
            let text = Text::new("This number is out of range.", "数值超出范围。");
            return plain("out_of_range", text, bounds(expected), None);
        }
        let (kind, en, zh) = kind(expected);
        let text = Text::new(format!("This must be {en}."), format!("此处应为{zh}。"));
        return plain("wrong_type", text, json!({"expected": kind}), None);
    }
    let text = Text::new(
        "This is not readable in the form the field takes; see the API description.",
        "无法按该字段要求的格式读取；请参阅接口说明。",
    );
    plain("invalid_format", text, json!({}), None)
}

/// The bounds of an integer type that serde expected, under the names that a range of our own has.
fn bounds(expected: &str) -> Value {
    match expected.trim() {
        "i32" => json!({"min": i32::MIN, "max": i32::MAX}),
        "u32" => json!({"min": u32::MIN, "max": u32::MAX}),
        "u64" => json!({"min": u64::MIN, "max": u64::MAX}),
        _ => json!({"min": i64::MIN, "max": i64::MAX}),
    }
}

/// What serde expected, as a JSON type and in words.
fn kind(expected: &str) -> (&'static str, &'static str, &'static str) {
    let has = |word: &str| expected.contains(word);
    if has("date and time") || has("RFC 3339") {
        (
            "date-time",
            "an instant as in RFC 3339, e.g. 2009-12-14T10:00:00+08:00",
            "RFC 3339 时间，例如 2009-12-14T10:00:00+08:00",
        )
    } else if has("date") {
        ("date", "a date YYYY-MM-DD", "日期 YYYY-MM-DD")
    } else if has("UUID") {
        ("uuid", "a UUID", "UUID")
    } else if has("boolean") {
        ("boolean", "true or false", "true 或 false")
    } else if has("sequence") || has("array") || has("tuple") {
        ("array", "an array", "数组")
    } else if has("struct") || has("map") {
        ("object", "an object", "对象")
    } else if has("f64") || has("f32") {
        ("number", "a number", "数字")
    } else if expected.starts_with(['i', 'u'])
        && expected[1..].starts_with(|c: char| c.is_ascii_digit() || c == 's')
    {
        ("integer", "an integer", "整数")
    } else {
        ("string", "a string", "字符串")
    }
}

/// Understands a validator's complaints, sorted by place.
pub fn of_validator(errors: &ValidationErrors) -> Vec<Fault> {
    let mut faults = Vec::new();
    collect(errors, "", &mut faults);
    faults.sort_by(|one, other| (&one.pointer, &one.code).cmp(&(&other.pointer, &other.code)));
    faults
}

fn collect(errors: &ValidationErrors, at: &str, faults: &mut Vec<Fault>) {
    for (field, kind) in errors.errors() {
        // A rule of the whole struct is filed under `__all__` and concerns the struct's own place.
        let at = if field == "__all__" { at.to_owned() } else { format!("{at}/{field}") };
        match kind {
            ValidationErrorsKind::Field(errors) => {
                faults.extend(errors.iter().map(|error| of_rule(error, &at)));
            }
            ValidationErrorsKind::Struct(inner) => collect(inner, &at, faults),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{at}/{index}"), faults);
                }
            }
        }
    }
}

fn of_rule(error: &ValidationError, at: &str) -> Fault {
    let param = |name: &str| error.params.get(name);
    let number = |name: &str| param(name).and_then(Value::as_i64);
    let (code, detail): (Cow<'static, str>, Text) = match error.code.as_ref() {
        "length" => of_length(param("value"), number("min"), number("max")),
        "range" => {
            let value = param("value").and_then(Value::as_f64).unwrap_or_default();
            match (number("min"), number("max")) {
                (Some(min), _) if value < min as f64 => {
                    ("too_small".into(), Text::new(format!("At least {min}."), format!("不得小于 {min}。")))
                }
                (_, Some(max)) => {
                    ("too_large".into(), Text::new(format!("At most {max}."), format!("不得大于 {max}。")))
                }
                _ => ("out_of_range".into(), Text::new("This number is out of range.", "数值超出范围。")),
            }
        }
        "regex" | "email" | "url" => {
            ("invalid_format".into(), Text::new("Not in the form this field takes.", "格式不符合要求。"))
        }
        _ => {
            let en = error.message.clone().unwrap_or(Cow::Borrowed("Not valid."));
            let zh = param("zh")
                .and_then(Value::as_str)
                .map_or(Cow::Borrowed("无效。"), |zh| Cow::Owned(zh.to_owned()));
            (error.code.clone(), Text { en, zh })
        }
    };
    let params = error
        .params
        .iter()
        .filter(|(name, _)| *name != "value" && *name != "zh")
        .map(|(name, value)| (name.to_string(), value.clone()))
        .collect::<serde_json::Map<_, _>>();
    Fault { pointer: at.to_owned().into(), code, detail, params: Value::Object(params) }
}

/// A text or a list of another length than its bounds.
fn of_length(value: Option<&Value>, min: Option<i64>, max: Option<i64>) -> (Cow<'static, str>, Text) {
    let (length, is_list) = match value {
        Some(Value::String(text)) => (text.chars().count() as i64, false),
        Some(Value::Array(items)) => (items.len() as i64, true),
        _ => (0, false),
    };
    match (min, max) {
        (Some(min), _) if length < min && is_list => {
            ("too_short".into(), Text::new(format!("At least {min} entries."), format!("至少 {min} 项。")))
        }
        (_, Some(max)) if is_list => {
            ("too_long".into(), Text::new(format!("At most {max} entries."), format!("至多 {max} 项。")))
        }
        (Some(min), _) if length < min => {
            ("too_short".into(), Text::new(format!("At least {min} long."), format!("长度至少为 {min}。")))
        }
        (_, Some(max)) => {
            ("too_long".into(), Text::new(format!("At most {max} long."), format!("长度至多为 {max}。")))
        }
        _ => ("invalid_length".into(), Text::new("Of another length.", "长度不符。")),
    }
}

/// Escapes one segment of a JSON pointer (RFC 6901).
pub fn segment(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The JSON pointer of a path that serde followed, bounded: a hostile name cannot fill the answer.
pub fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for part in path.iter() {
        match part {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", segment(&shortened(key)))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    bounded(&pointer)
}

/// A pointer as far as the answer has room for it.
pub fn bounded(pointer: &str) -> String {
    shortened_to(pointer, 400)
}

/// A name as far as it is worth repeating.
pub fn shortened(name: &str) -> String {
    shortened_to(name, 64)
}

fn shortened_to(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}
