//! stub
use crate::{
    api::problem::{Code, Problem},
    domain::actor::Actor,
};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use std::future::{Ready, ready};
/// Caller.
#[derive(Clone, Debug)]
pub struct Caller(pub Actor);
impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;
    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Err(Problem::new(Code::Unauthenticated)))
    }
}
