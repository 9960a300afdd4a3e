//! The reader's language, from `Accept-Language` (RFC 9110 section 12.5.4).

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};

use crate::domain::values::text::Language;

/// The language the reader wants most among those we speak; English when nothing fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReaderLanguage(pub Language);

impl ReaderLanguage {
    /// Reads it from the request. A header that cannot be read counts as none.
    pub fn of(request: &HttpRequest) -> Language {
        preferred(request.headers().get_all(header::ACCEPT_LANGUAGE).filter_map(|value| value.to_str().ok()))
    }
}

impl FromRequest for ReaderLanguage {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(ReaderLanguage(ReaderLanguage::of(request))))
    }
}

/// The best of our languages for these header values: the highest quality, the first named among equals.
pub fn preferred<'a>(values: impl Iterator<Item = &'a str>) -> Language {
    let mut best = (0, Language::En);
    for range in values.flat_map(|value| value.split(',')) {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let quality = parts.find_map(|part| part.trim().strip_prefix("q=").map(thousandths)).unwrap_or(1000);
        let language = match tag.split('-').next() {
            Some("zh") => Language::ZhCn,
            Some("en" | "*") => Language::En,
            _ => continue,
        };
        if quality > best.0 {
            best = (quality, language);
        }
    }
    best.1
}

/// A quality value as thousandths; anything odd counts as zero.
fn thousandths(quality: &str) -> u32 {
    match quality.trim().parse::<f32>() {
        Ok(value) if (0.0..=1.0).contains(&value) => (value * 1000.0).round() as u32,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(value: &str) -> Language {
        preferred(std::iter::once(value))
    }

    #[test]
    fn the_highest_quality_wins_and_english_is_the_default() {
        assert_eq!(language("zh-CN,zh;q=0.9,en;q=0.8"), Language::ZhCn);
        assert_eq!(language("en;q=0.9, zh-CN;q=0.3"), Language::En);
        assert_eq!(language("zh-Hans;q=0"), Language::En);
        assert_eq!(language("fr, *;q=0.1"), Language::En);
        assert_eq!(language("zh;q=nonsense"), Language::En);
        assert_eq!(language(""), Language::En);
    }
}
