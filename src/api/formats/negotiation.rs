//! Which form a reader asks for: `format=` for a browser link, else `Accept` (RFC 9110 section 12.5.1). Who asks for a file waits
//! here for a turn, before anything is read.

use std::{cmp::Reverse, future::Future, pin::Pin};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web};
use serde_json::json;

use super::{
    file_paths::FilePath,
    format::{Format, PARAMETER, offered},
};
use crate::{
    api::{
        extract::{Caller, limits::Limits, query},
        problem::{Code, document::Problem},
    },
    app::App,
    domain::values::text::Text,
};

impl FromRequest for Format {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (chosen, request) = (chosen(request), request.clone());
        Box::pin(async move {
            let format = chosen?;
            if matches!(format, Format::Csv | Format::Xlsx) {
                wait_for_turn(&request).await?;
            }
            Ok(format)
        })
    }
}

fn chosen(request: &HttpRequest) -> Result<Format, Problem> {
    let of_report = offered(&request.match_pattern().unwrap_or_default());
    let file_path = request.extensions().get::<FilePath>().copied();
    let formats = file_path.map_or(of_report.to_vec(), |path| path.formats(of_report));
    let formats = formats.as_slice();
    if let Some(name) = query::value(request.query_string(), PARAMETER)? {
        return named(&name, formats);
    }
    let accept = request.headers().get_all(header::ACCEPT).filter_map(|v| v.to_str().ok());
    preferred(accept, formats)
        .ok_or_else(|| refused("/header/Accept", formats).header(header::VARY, "Accept"))
}

/// Waits until a file may be made for whoever calls; the turn is over with the request. Who may not call is told so elsewhere.
async fn wait_for_turn(request: &HttpRequest) -> Result<(), Problem> {
    let app = request.app_data::<web::Data<App>>();
    let caller = Caller::from_request(request, &mut Payload::None).into_inner();
    let (Some(app), Ok(caller)) = (app, caller) else { return Ok(()) };
    let longest = Limits::of(request).deadline / 2;
    let turn = app.file_turns.turn(caller.id, longest).await;
    let turn = turn.ok_or_else(|| Problem::new(Code::Overloaded))?;
    request.extensions_mut().insert(turn);
    Ok(())
}

fn named(name: &str, formats: &[Format]) -> Result<Format, Problem> {
    let found = formats.iter().find(|format| format.name() == name);
    found.copied().ok_or_else(|| refused("/query/format", formats))
}

fn refused(pointer: &'static str, formats: &[Format]) -> Problem {
    let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
    let types: Vec<&str> = formats.iter().map(|format| format.media_type()).collect();
    let list = names.join(", ");
    Problem::new(Code::NotAcceptable).error(
        pointer,
        "not_offered",
        Text::new(format!("This report is offered as: {list}."), format!("本报表提供的格式：{list}。")),
        json!({"formats": names, "media_types": types}),
    )
}

/// What one media range says of a form: how closely it names it, and how much it wants it, in thousandths.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wish {
    closeness: u8,
    quality: u32,
}

/// The form wanted most, the first offered among equals; none when nothing fits. No `Accept` takes anything.
fn preferred<'a>(accept: impl Iterator<Item = &'a str>, formats: &[Format]) -> Option<Format> {
    let ranges: Vec<&str> =
        accept.flat_map(|v| v.split(',')).map(str::trim).filter(|r| !r.is_empty()).collect();
    if ranges.is_empty() {
        return formats.first().copied();
    }
    // The closest range decides about a form, whatever a wider one says.
    let quality =
        |format: Format| ranges.iter().filter_map(|r| wish(r, format)).max().map_or(0, |w| w.quality);
    let mut wanted: Vec<(u32, Format)> = formats.iter().map(|format| (quality(*format), *format)).collect();
    wanted.retain(|(quality, _)| *quality > 0);
    wanted.sort_by_key(|(quality, _)| Reverse(*quality));
    wanted.first().map(|(_, format)| *format)
}

fn wish(range: &str, format: Format) -> Option<Wish> {
    let mut parts = range.split(';').map(str::trim);
    let wanted = parts.next()?.to_ascii_lowercase();
    let (family, _) = format.media_type().split_once('/')?;
    let closeness = match wanted.split_once('/')? {
        _ if wanted == format.media_type() => 2,
        (named, "*") if named == family => 1,
        ("*", "*") => 0,
        _ => return None,
    };
    let given = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Some(Wish { closeness, quality: given.map_or(1000, thousandths) })
}

/// A quality as thousandths; anything odd counts as zero.
fn thousandths(quality: &str) -> u32 {
    match quality.trim().parse::<f32>() {
        Ok(value) if (0.0..=1.0).contains(&value) => (value * 1000.0).round() as u32,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Format::*, *};

    #[test]
    fn accept_chooses_by_closeness_then_quality_then_our_order() {
        let all = &Format::ALL;
        let xlsx = Xlsx.media_type();
        let cases: &[(&str, Option<Format>)] = &[
            ("", Some(Json)),
            ("*/*", Some(Json)),
            ("application/json", Some(Json)),
            ("text/csv", Some(Csv)),
            ("TEXT/CSV; header=present", Some(Csv)),
            (xlsx, Some(Xlsx)),
            ("image/svg+xml", Some(Svg)),
            ("image/*", Some(Svg)),
            ("application/*", Some(Json)),
            ("text/csv;q=0.5, image/svg+xml;q=0.9", Some(Svg)),
            ("text/csv, application/json", Some(Json)),
            ("application/json;q=0.1, */*;q=0.9", Some(Csv)),
            ("application/json;q=0, */*", Some(Csv)),
            ("text/html, */*;q=0.8", Some(Json)),
            ("image/avif, image/svg+xml, image/*, */*;q=0.8", Some(Svg)),
            ("text/csv;q=0", None),
            ("text/csv;q=2", None),
            ("application/pdf", None),
            ("csv", None),
            ("text/*;q=0.2, application/pdf", Some(Csv)),
        ];
        for (accept, expected) in cases {
            assert_eq!(preferred(std::iter::once(*accept), all), *expected, "{accept}");
        }
        assert_eq!(preferred(std::iter::empty(), all), Some(Json));
        assert_eq!(preferred(["image/svg+xml", "text/csv;q=0.1"].into_iter(), &[Json, Csv]), Some(Csv));
    }
}
