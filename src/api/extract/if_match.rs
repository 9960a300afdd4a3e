//! Entity tags and preconditions (RFC 9110 section 13): the version a caller saw.
//!
//! A tag is `"<version>"`, or `"<version>.<suffix>"` where the same version reads differently by day or language.
//! `If-Match` looks at the version alone, `If-None-Match` at the whole tag.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    api::problem::{Code, document::Problem},
    commands::{Seen, prospects::write::Target},
    domain::values::{id::Id, text::Text},
};

/// The strong tag of a version; `suffix` tells apart what else the answer depends on (a date, a language).
pub fn etag(version: i64, suffix: &[&str]) -> String {
    let mut tag = format!("\"{version}");
    for part in suffix {
        tag.push('.');
        tag.push_str(part);
    }
    tag.push('"');
    tag
}

/// The tag of what reads differently for more reasons than its version: with a digest of the view.
pub fn etag_of(version: i64, view: &impl Serialize) -> String {
    etag(version, &[&digest(&serde_json::to_vec(view).unwrap_or_default())])
}

/// Enough of a hash, in hexadecimal digits, that no two answers of one address share it.
pub fn digest(body: &[u8]) -> String {
    Sha256::digest(body).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// The versions a write is meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// No header was sent.
    Missing,
    /// `*`: whatever version it has.
    Any,
    /// One of these versions.
    Versions(Vec<i64>),
}

impl IfMatch {
    /// Refuses with 428 when the header is missing. Call it before loading, so that a missing precondition
    /// tells nothing about what exists.
    pub fn present(&self) -> Result<(), Problem> {
        match self {
            IfMatch::Missing => Err(Problem::new(Code::PreconditionRequired)),
            IfMatch::Any | IfMatch::Versions(_) => Ok(()),
        }
    }

    /// From which version somebody writes, in the words of the commands.
    ///
    /// # Errors
    /// 428 when the header is missing.
    pub fn seen(self) -> Result<Seen, Problem> {
        match self {
            IfMatch::Missing => Err(Problem::new(Code::PreconditionRequired)),
            IfMatch::Any => Ok(Seen::Any),
            IfMatch::Versions(versions) => Ok(Seen::Versions(versions)),
        }
    }

    /// The prospect to write on, from the version that the header names.
    ///
    /// # Errors
    /// 428 when the header is missing.
    pub fn target(self, id: Id) -> Result<Target, Problem> {
        Ok(Target { id, seen: self.seen()? })
    }

    /// Refuses with 428 when the header is missing, with 412 when it names other versions than the present one.
    pub fn require(&self, version: i64) -> Result<(), Problem> {
        match self {
            IfMatch::Missing => Err(Problem::new(Code::PreconditionRequired)),
            IfMatch::Any => Ok(()),
            IfMatch::Versions(versions) if versions.contains(&version) => Ok(()),
            IfMatch::Versions(_) => Err(Problem::new(Code::Stale)),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(tags(request, header::IF_MATCH, "/header/If-Match").map(|tags| match tags {
            Tags::None => IfMatch::Missing,
            Tags::Any => IfMatch::Any,
            // A weak tag never matches strongly, and a foreign one matches nothing: both are merely stale.
            Tags::These(tags) => IfMatch::Versions(tags.iter().filter_map(|tag| version(tag)).collect()),
        }))
    }
}

/// The tags a reader already holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfNoneMatch(Tags);

impl IfNoneMatch {
    /// Those that a request names.
    ///
    /// # Errors
    /// 400 `invalid_header` for what is no list of tags.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        tags(request, header::IF_NONE_MATCH, "/header/If-None-Match").map(IfNoneMatch)
    }

    /// True when the reader's copy is the one we would send (weak comparison, as the RFC has it).
    pub fn holds(&self, etag: &str) -> bool {
        match &self.0 {
            Tags::None => false,
            Tags::Any => true,
            Tags::These(tags) => tags.iter().any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == etag),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    None,
    Any,
    These(Vec<String>),
}

fn version(tag: &str) -> Option<i64> {
    let inside = tag.strip_prefix('"')?.strip_suffix('"')?;
    inside.split('.').next()?.parse().ok()
}

fn tags(request: &HttpRequest, name: header::HeaderName, pointer: &'static str) -> Result<Tags, Problem> {
    let mut found = Vec::new();
    for value in request.headers().get_all(name) {
        let value = value.to_str().map_err(|_| unreadable(pointer))?.trim();
        if value == "*" {
            return Ok(Tags::Any);
        }
        for tag in value.split(',').map(str::trim) {
            let strong = tag.strip_prefix("W/").unwrap_or(tag);
            let quoted = strong.len() >= 2 && strong.starts_with('"') && strong.ends_with('"');
            if !quoted {
                return Err(unreadable(pointer));
            }
            found.push(tag.to_owned());
        }
    }
    Ok(if found.is_empty() { Tags::None } else { Tags::These(found) })
}

fn unreadable(pointer: &'static str) -> Problem {
    Problem::new(Code::InvalidHeader).error(
        pointer,
        "invalid_etag",
        Text::new(
            "An ETag as the service sent it, with its quotation marks, e.g. \"3\".",
            "应为服务返回的 ETag，包括引号，例如 \"3\"。",
        ),
        json!({}),
    )
}
