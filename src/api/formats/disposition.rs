//! The name under which a file is saved (RFC 6266): plain ASCII for every client, Chinese for those who know RFC 8187.

use super::{about::About, format::Format};
use crate::domain::values::text::Language;

/// The value of `Content-Disposition`. A picture is shown in its place, everything else is saved.
pub fn of(format: Format, language: Language, about: &About) -> String {
    let kind = if format == Format::Svg { "inline" } else { "attachment" };
    let (from, to) = (about.window.from, about.window.to);
    let days = if from == to { from.to_string() } else { format!("{from}_{to}") };
    let ending = format.name();
    let plain = format!("{}_{days}.{ending}", about.report.code().replace('_', "-"));
    match language {
        Language::En => format!("{kind}; filename=\"{plain}\""),
        Language::ZhCn => {
            let chinese = format!("{}_{days}.{ending}", about.report.title().zh);
            format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{}", percent_encoded(&chinese))
        }
    }
}

/// As RFC 8187 wants it: everything but letters, digits and a few marks as percent and two digits.
fn percent_encoded(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{reports::report::Report, values::window::Window};

    #[test]
    fn the_name_is_ascii_for_all_and_chinese_for_chinese_readers() {
        let day = |d: u32| chrono::NaiveDate::from_ymd_opt(2009, 12, d).unwrap();
        let about = About {
            report: Report::TeamSheet,
            subject_kind: "team",
            subject_id: "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e".parse().unwrap(),
            window: Window { from: day(12), to: day(18) },
        };
        let plain = "filename=\"team-sheet_2009-12-12_2009-12-18";
        assert_eq!(of(Format::Csv, Language::En, &about), format!("attachment; {plain}.csv\""));
        assert_eq!(of(Format::Svg, Language::En, &about), format!("inline; {plain}.svg\""));
        let of_a_day = About { window: Window { from: day(12), to: day(12) }, ..about.clone() };
        assert!(of(Format::Csv, Language::En, &of_a_day).ends_with("team-sheet_2009-12-12.csv\""));
        assert_eq!(
            of(Format::Xlsx, Language::ZhCn, &about),
            format!(
                "attachment; {plain}.xlsx\"; filename*=UTF-8''%E5%B0%8F%E7%BB%84%E8%BF%BD%E8%B8%AA%E8%A1%A8_2009-12-12_2009-12-18.xlsx"
            )
        );
    }
}
