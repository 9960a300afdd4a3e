//! The query string: typed, strict, bounded. Unknown names are 400; a name may repeat only for an array.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;
use serde_json::json;
use validator::Validate;

use super::{
    faults,
    query_values::{Query, Reader},
};
use crate::{
    api::{
        formats,
        problem::{Code, document::Problem},
    },
    domain::values::text::Text,
};

/// A query that was read whole. `T` needs `#[serde(deny_unknown_fields)]` and no flattened part.
#[derive(Debug)]
pub struct StrictQuery<T>(pub T);

impl<T: DeserializeOwned + Validate> FromRequest for StrictQuery<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // The form of the answer is read by a door of its own.
        let offered = formats::offered(&request.match_pattern().unwrap_or_default());
        let beside = (!offered.is_empty()).then_some(formats::PARAMETER);
        ready(parse_beside(request.query_string(), beside).map(StrictQuery))
    }
}

/// 400 for an agent and a team at once.
pub fn one_of() -> Problem {
    Problem::new(Code::InvalidParameter).error(
        "/query/team_id",
        "one_of",
        Text::new("Give an agent or a team, not both.", "请给出代理人或团队之一。"),
        json!({}),
    )
}

/// The one value of a parameter, whatever else stands in the query; none when it is not there.
///
/// # Errors
/// 400 when it stands more than once. A query that cannot be read has no values: [`parse`] refuses it.
pub fn value(query: &str, name: &str) -> Result<Option<String>, Problem> {
    let Some(query) = Query::split(query) else { return Ok(None) };
    query.only_value(name).map_err(|text| fault(Code::InvalidParameter, name, "repeated", text, json!({})))
}

/// Reads a query string.
pub fn parse<T: DeserializeOwned + Validate>(query: &str) -> Result<T, Problem> {
    parse_beside(query, None)
}

fn parse_beside<T: DeserializeOwned + Validate>(query: &str, beside: Option<&str>) -> Result<T, Problem> {
    let mut query = Query::split(query).ok_or_else(|| {
        fault(
            Code::InvalidParameter,
            "",
            "unreadable",
            Text::new("The query is not percent-encoded UTF-8.", "查询字符串不是百分号编码的 UTF-8。"),
            json!({}),
        )
    })?;
    if let Some(name) = query.name_with_nul() {
        let text = Text::new("The character NUL is not taken.", "不接受 NUL 字符。");
        return Err(fault(Code::InvalidParameter, &name, "nul_character", text, json!({})));
    }
    if let Some(name) = beside {
        query.take_out(name);
    }
    let value: T = serde_path_to_error::deserialize(Reader(&query)).map_err(|error| {
        let refusal = faults::of_serde(&error.inner().0);
        let pointer = faults::pointer(error.path());
        let name = refusal
            .field
            .as_deref()
            .map_or_else(|| pointer.split('/').nth(1).unwrap_or_default().to_owned(), faults::shortened);
        if refusal.code == "unknown_field" {
            let text = Text::new("This parameter is not known here.", "此处没有这个参数。");
            let mut params = refusal.params;
            if let (Some(name), Some(allowed)) = (beside, params["allowed"].as_array_mut()) {
                allowed.push(json!(name));
            }
            return fault(Code::UnknownParameter, &name, "unknown_parameter", text, params);
        }
        let detail =
            if refusal.code == "invalid_instant" { with_plus(refusal.detail) } else { refusal.detail };
        fault(Code::InvalidParameter, &name, refusal.code, detail, refusal.params)
    })?;
    value.validate().map_err(|errors| {
        faults::of_validator(&errors).into_iter().fold(
            Problem::new(Code::InvalidParameter),
            |problem, found| {
                problem.error(format!("/query{}", found.pointer), found.code, found.detail, found.params)
            },
        )
    })?;
    Ok(value)
}

/// What is against an instant in a query: an offset is mostly refused for what became of its sign.
fn with_plus(detail: Text) -> Text {
    Text::new(
        format!("{} In a query a plus sign is written %2B: a bare one is a blank.", detail.en),
        format!("{}在查询字符串中加号须写作 %2B，否则会被读作空格。", detail.zh),
    )
}

fn fault(
    code: Code,
    name: &str,
    rule: impl Into<std::borrow::Cow<'static, str>>,
    text: Text,
    params: serde_json::Value,
) -> Problem {
    let name = faults::segment(&faults::shortened(name));
    Problem::new(code).error(format!("/query/{name}").trim_end_matches('/').to_owned(), rule, text, params)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, Validate, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Filters {
        #[validate(range(min = 1, max = 100))]
        limit: Option<i64>,
        #[serde(default)]
        stage: Vec<Stage>,
        q: Option<String>,
        flag: Option<bool>,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Stage {
        Opportunity,
        Closed,
    }

    fn refused(query: &str) -> (Code, String, String) {
        let problem = parse::<Filters>(query).unwrap_err();
        let fault = &problem.faults()[0];
        (problem.code(), fault.pointer.to_string(), fault.code.to_string())
    }

    #[test]
    fn values_are_decoded_and_arrays_repeat() {
        let filters =
            parse::<Filters>("limit=5&stage=closed&q=%E5%88%98+a&stage=opportunity&flag=true").unwrap();
        assert_eq!(filters.stage, [Stage::Closed, Stage::Opportunity]);
        assert_eq!(filters.q.as_deref(), Some("刘 a"));
        assert_eq!((filters.limit, filters.flag), (Some(5), Some(true)));
    }

    #[test]
    fn an_unknown_name_is_answered_with_all_that_are_taken_here() {
        let allowed = |beside| {
            let problem = parse_beside::<Filters>("nope=1", beside).unwrap_err();
            problem.faults()[0].params["allowed"].clone()
        };
        assert_eq!(allowed(None), json!(["limit", "stage", "q", "flag"]));
        assert_eq!(allowed(Some("format")), json!(["limit", "stage", "q", "flag", "format"]));
    }

    #[test]
    fn each_odd_query_is_named() {
        let bad = Code::InvalidParameter;
        let is = |query, code, pointer: &str, rule: &str| {
            assert_eq!(refused(query), (code, pointer.to_owned(), rule.to_owned()), "{query}");
        };
        is("nope=1", Code::UnknownParameter, "/query/nope", "unknown_parameter");
        is("limit=1&limit=2", bad, "/query/limit", "repeated");
        is("limit=abc", bad, "/query/limit", "wrong_type");
        is("limit=", bad, "/query/limit", "wrong_type");
        is("limit=101", bad, "/query/limit", "too_large");
        is("limit=0", bad, "/query/limit", "too_small");
        is("stage=won", bad, "/query/stage", "not_allowed");
        is("flag=1", bad, "/query/flag", "wrong_type");
        is("q=%zz", bad, "/query", "unreadable");
        is("q=%ff", bad, "/query", "unreadable");
        is("q=%00", bad, "/query/q", "nul_character");
    }
}
