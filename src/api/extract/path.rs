//! Ids in the path. One that is no UUID is 400: it can name nothing.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde_json::json;

use crate::{
    api::problem::{Code, document::Problem},
    domain::values::{id::Id, text::Text},
};

/// The only id in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathId(pub Id);

/// The first two ids in the path, in order: the parent's, then the child's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathPair(pub Id, pub Id);

impl FromRequest for PathId {
    type Error = Problem;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(nth(request, 0).map(PathId))
    }
}

impl FromRequest for PathPair {
    type Error = Problem;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(nth(request, 0).and_then(|parent| Ok(PathPair(parent, nth(request, 1)?))))
    }
}

fn nth(request: &HttpRequest, index: usize) -> Result<Id, Problem> {
    let Some((name, value)) = request.match_info().iter().nth(index) else {
        return Err(Problem::new(Code::Internal));
    };
    // Only the hyphenated form: the UUID parser would also take braces and URNs.
    let id = if value.len() == 36 { value.parse::<Id>().ok() } else { None };
    id.ok_or_else(|| {
        Problem::new(Code::InvalidParameter).error(
            format!("/path/{name}"),
            "invalid_uuid",
            Text::new(
                "A UUID, e.g. 0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e.",
                "应为 UUID，例如 0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e。",
            ),
            json!({}),
        )
    })
}
