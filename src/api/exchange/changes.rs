//! `/v1/changes`: what reads differently since a token, so that a copy can be kept without reading everything again.

use std::borrow::Cow;

use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};
use validator::Validate;

use crate::{
    api::{
        extract::{At, Caller, StrictQuery},
        problem::{Code, document::Problem},
        respond::{due, page, sealed::Seal},
    },
    app::App,
    domain::{
        exchange::change::{Became, Topic},
        organisation::actor::Actor,
        values::id::Id,
    },
    store::exchange::outbox::{self, Position, Told},
};

/// A resource, by its name in the paths.
#[derive(Serialize, Clone, Copy, Debug)]
#[serde(transparent)]
pub struct ChangedResource(&'static str);

impl PartialSchema for ChangedResource {
    fn schema() -> RefOr<Schema> {
        let mut names: Vec<&'static str> =
            Topic::ALL.iter().filter(|topic| topic.is_told()).map(|topic| topic.resource()).collect();
        names.dedup();
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "A resource, by its name in the paths. `prospects` stands for everything that is read under one as \
                well: pursuits, next steps, timeline. `memberships` and `cycle` carry the agent's id, \
                `fallback-proposals` the prospect's, `settings` that of the choice.",
            ))
            .enum_values(Some(names))
            .into()
    }
}

impl ToSchema for ChangedResource {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ChangedResource")
    }
}

/// Something that reads differently.
#[derive(Serialize, ToSchema)]
pub struct ResourceChange {
    /// Which resource.
    pub kind: ChangedResource,
    /// Its id.
    pub id: Id,
    /// What became of it: `upserted`, read it again; `erased`, it is gone with everything under it; `out_of_reach`, it was
    /// handed on to somebody whose work you do not see, with everything under it.
    pub change: Became,
    /// Its version after the change; null where it has none, or where you may not see it any more.
    #[schema(required = true, minimum = 1, maximum = 2147483647, example = 7)]
    pub version: Option<i32>,
    /// When it was written.
    pub at: At,
}

impl From<Told> for ResourceChange {
    fn from(told: Told) -> Self {
        ResourceChange {
            kind: ChangedResource(told.topic.resource()),
            id: told.subject_id,
            change: told.topic.became(),
            version: told.version,
            at: At(told.at.and_utc()),
        }
    }
}

/// What changed since a token.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"data": [{"kind": "prospects", "id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e", "change": "upserted",
    "version": 7, "at": "2009-12-14T01:00:00Z"}], "next": "Zm9sbG93IG1l", "has_more": false}))]
pub struct ChangePage {
    /// In the order in which it became visible. A resource that changed twice stands here twice.
    #[schema(max_items = 100)]
    pub data: Vec<ResourceChange>,
    /// The token for the next question. It stays good for as long as the service keeps changes, 30 days unless set otherwise.
    #[schema(max_length = 1000)]
    pub next: String,
    /// Whether there is more already.
    pub has_more: bool,
}

/// Since when.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangesQuery {
    /// `next` of the answer before. Without it the answer is the token of now, and nothing else.
    #[validate(length(min = 1, max = 1000))]
    #[param(min_length = 1, max_length = 1000)]
    pub since: Option<String>,
    /// Most changes in one answer.
    #[serde(default = "page::default_limit")]
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20, required = false)]
    pub limit: i32,
}

/// What a token holds.
#[derive(Serialize, Deserialize)]
struct Token {
    at: Position,
    /// Whose work its holder saw when it was given.
    reach: String,
}

fn reach(actor: &Actor) -> String {
    format!("{}:{}", actor.role.code(), actor.team_id)
}

/// Follow what changes
///
/// Ask once without `since`, read everything you need, then ask with `next` of the answer before, again and again: every
/// resource within your reach that reads differently is named, in the order in which it became visible, and none is skipped.
/// Moves that fall due by date are among them. Settings move cycles and dates of everybody they are for. 410
/// `resync_required`: the token is too old, or you see other people's work than when it was given; begin anew.
#[utoipa::path(tag = "integration", operation_id = "listChanges", params(ChangesQuery),
    responses((status = 200, description = "What changed.", body = ChangePage)))]
#[get("/v1/changes")]
pub async fn list_changes(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<ChangesQuery>,
) -> Result<HttpResponse, Problem> {
    let seal = Seal::new(&app, "changes", &[&caller.id.to_string()]);
    let since = query
        .0
        .since
        .as_deref()
        .map(|word| seal.open::<Token>(word).ok_or_else(|| Problem::new(Code::InvalidCursor)));
    let since = since.transpose()?;
    let limit = usize::try_from(query.0.limit).unwrap_or(1);
    let (mut rows, until, reach) = due::read(&app, &caller, move |conn, actor, _| {
        let reach = reach(actor);
        if since.as_ref().is_some_and(|token| token.reach != reach) {
            return Err(Problem::new(Code::ResyncRequired));
        }
        let known = since.map(|token| token.at);
        let (until, stands) = outbox::horizon(conn, known)?;
        if !stands {
            return Err(Problem::new(Code::ResyncRequired));
        }
        let fetch = i64::try_from(limit).unwrap_or(100) + 1;
        let rows = match known {
            Some(since) => outbox::page(conn, actor, (since, until), fetch)?,
            None => Vec::new(),
        };
        Ok((rows, until, reach))
    })
    .await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    if rows.iter().any(|row| !row.topic.is_told()) {
        return Err(Problem::new(Code::ResyncRequired));
    }
    let at = rows.last().filter(|_| has_more).map_or(until, Told::position);
    let next = seal.close(&Token { at, reach }).ok_or_else(|| Problem::new(Code::Internal))?;
    let data = rows.into_iter().map(ResourceChange::from).collect();
    Ok(HttpResponse::Ok().json(ChangePage { data, next, has_more }))
}
