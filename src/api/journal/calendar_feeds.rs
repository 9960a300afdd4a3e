//! `/v1/calendar-feeds`: the own appointments in any calendar, under a link nobody can guess and everybody can revoke.

pub mod events;

use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, post, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::{
        extract::{
            At, Caller, IfMatch, IfNoneMatch, PathId, ReaderLanguage, ValidJson, caller::calls, digest, etag,
        },
        middleware::idempotency::{self, Answer},
        problem::{Code, document::Problem},
        respond::{due, page::whole_page, people},
    },
    app::App,
    clock::Occasion,
    commands::journal::calendar_feeds::{MOST_FEEDS, Refused, VERSION, hashed, make, revoke},
    domain::values::{
        calendar::plus_days,
        id::Id,
        text::{Language, Text},
    },
    store::{
        Conn,
        journal::{
            appointment_list::{self, Filter, Order},
            calendar_feeds::{self, FeedRow},
        },
    },
};

/// How far back a calendar reaches, days.
const DAYS_BACK: i64 = 90;
/// Events in one calendar; beyond that the oldest are left out.
const MOST_EVENTS: i64 = 2000;

/// The language in which events are written.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, Debug)]
pub enum FeedLanguage {
    /// English.
    #[serde(rename = "en")]
    En,
    /// 简体中文.
    #[serde(rename = "zh-CN")]
    ZhCn,
}

impl From<Language> for FeedLanguage {
    fn from(language: Language) -> Self {
        match language {
            Language::En => FeedLanguage::En,
            Language::ZhCn => FeedLanguage::ZhCn,
        }
    }
}

impl From<FeedLanguage> for Language {
    fn from(language: FeedLanguage) -> Self {
        match language {
            FeedLanguage::En => Language::En,
            FeedLanguage::ZhCn => Language::ZhCn,
        }
    }
}

/// A feed to make.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"language": "zh-CN"}))]
pub struct CreateCalendarFeed {
    /// The language of the events; the reader's own when absent.
    #[serde(default)]
    pub language: Option<FeedLanguage>,
}

/// A feed.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e", "language": "zh-CN", "created_at": "2009-12-14T01:00:00Z", "version": 1}))]
pub struct CalendarFeed {
    /// Id.
    pub id: Id,
    /// The language of the events.
    pub language: FeedLanguage,
    /// When it was made.
    pub created_at: At,
    /// Version; the ETag carries it.
    #[schema(minimum = 1, maximum = 1, example = 1)]
    pub version: i32,
}

impl CalendarFeed {
    fn of(row: &FeedRow) -> Self {
        CalendarFeed {
            id: row.id,
            language: row.language.into(),
            created_at: At(row.created_at.and_utc()),
            version: 1,
        }
    }
}

/// A feed just made, with the link that is shown this once.
#[derive(Serialize, ToSchema)]
pub struct IssuedCalendarFeed {
    /// The feed.
    pub feed: CalendarFeed,
    /// The link, relative to the address of this service. Whoever has it reads the calendar: treat it like a password.
    /// Null when the request is answered again under its Idempotency-Key: the link itself is not kept.
    #[schema(
        required = true,
        format = "uri-reference",
        max_length = 100,
        example = "/calendar-feeds/pZ8Yx0c1Jq2fV3mW4nE5rT6yU7iO8pA9sD0fG1hJ2kL/calendar.ics"
    )]
    pub url: Option<String>,
}

whole_page! {
    /// The feeds of the signed-in user.
    pub struct CalendarFeedPage {
        /// Oldest first.
        #[schema(max_items = 10)]
        data: Vec<CalendarFeed>
    }
}

fn refused(why: Refused) -> Problem {
    match why {
        Refused::Store(error) => error.into(),
        Refused::Stale => Problem::new(Code::Stale),
        Refused::TooMany => {
            let said = Text::new(
                format!("At most {MOST_FEEDS} links stand at a time; revoke one first."),
                format!("同时最多有 {MOST_FEEDS} 个链接；请先撤销一个。"),
            );
            Problem::new(Code::Conflict).error("", "too_many_feeds", said, json!({"max": MOST_FEEDS}))
        }
    }
}

/// Make a calendar feed
///
/// Answers with a link for your calendar program: your appointments from 90 days ago on, and those to which you go along, with names, readable by whoever
/// has the link until you revoke it. The link is shown once; at most ten stand at a time.
#[utoipa::path(tag = "appointments", operation_id = "createCalendarFeed", request_body = CreateCalendarFeed,
    responses((status = 201, description = "Made.", body = IssuedCalendarFeed)))]
#[post("/v1/calendar-feeds")]
pub async fn create_calendar_feed(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    body: ValidJson<CreateCalendarFeed>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let source = app.clone();
    let language = body.0.language.map_or(language.0, Language::from);
    let mut answer = idempotency::run(&app, &caller, &request, move |conn, actor| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let (row, secret) = make(conn, actor, &occasion, language).map_err(refused)?;
        let shown = |url| IssuedCalendarFeed { feed: CalendarFeed::of(&row), url };
        // The link is told once: a repeated answer leaves it out.
        Ok(Answer::new(201, &shown(Some(format!("/calendar-feeds/{secret}/calendar.ics"))))
            .kept_as(&shown(None))
            .header("Location", format!("/v1/calendar-feeds/{}", row.id))
            .header("ETag", etag(VERSION, &[])))
    })
    .await?;
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// List calendar feeds
///
/// Your own that stand, without their links.
#[utoipa::path(tag = "appointments", operation_id = "listCalendarFeeds",
    responses((status = 200, description = "The feeds.", body = CalendarFeedPage)))]
#[get("/v1/calendar-feeds")]
pub async fn list_calendar_feeds(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    let rows = caller.read(&app, |conn, actor| Ok(calendar_feeds::list(conn, actor.id)?)).await?;
    Ok(HttpResponse::Ok().json(CalendarFeedPage::of(rows.iter().map(CalendarFeed::of).collect())))
}

/// Read a calendar feed
///
/// One of your own, without its link.
#[utoipa::path(tag = "appointments", operation_id = "getCalendarFeed",
    responses((status = 200, description = "The feed.", body = CalendarFeed)))]
#[get("/v1/calendar-feeds/{feed_id}")]
pub async fn get_calendar_feed(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
) -> Result<HttpResponse, Problem> {
    let row = caller.read(&app, move |conn, actor| Ok(calendar_feeds::find(conn, actor.id, id.0)?)).await?;
    let tag = etag(VERSION, &[]);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(CalendarFeed::of(&row)))
}

/// Revoke a calendar feed
///
/// From now on its link opens nothing.
#[utoipa::path(tag = "appointments", operation_id = "deleteCalendarFeed",
    responses((status = 204, description = "Revoked.")))]
#[delete("/v1/calendar-feeds/{feed_id}")]
pub async fn delete_calendar_feed(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let occasion = Occasion::of(&app.clock, app.ids);
    caller
        .write(&app, move |conn, actor| {
            revoke(conn, actor, &occasion, (id.0, &seen.seen()?)).map_err(refused)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An iCalendar stream (RFC 5545).
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 10_000_000, example = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")]
pub struct CalendarText(pub String);

/// Read a calendar
///
/// For calendar programs: whoever has the link may read. Times are instants, so every program shows them in its own time
/// zone; each appointment is shown for one hour; `SEQUENCE` grows with every change; what was called off is shown as
/// cancelled. Of more than 2,000 appointments the latest are in it. A link that is wrong, revoked or of a disabled user is 404.
#[utoipa::path(tag = "appointments", operation_id = "readCalendar", security(()),
    params(("feed_token" = String, Path, description = "The secret of the link.", min_length = 1, max_length = 128,
        pattern = "^[A-Za-z0-9_-]+$")),
    responses((status = 200, description = "The appointments.", body = CalendarText, content_type = "text/calendar")))]
#[get("/calendar-feeds/{feed_token}/calendar.ics")]
pub async fn read_calendar(
    app: web::Data<App>,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let hash = hashed(&token);
    let business_now = app.clock.business_now();
    let opened = move |conn: &mut Conn| Ok(calendar_feeds::opened_by(conn, &hash, business_now)?);
    let (text, language, by, shown) =
        due::read_by(&app, opened, move |conn, actor, language, business_now| {
            calls(actor.id);
            let from = Some(plus_days(actor.today(business_now), -DAYS_BACK));
            let filter = Filter { attended_by: Some(actor.id), from, ..Filter::default() };
            let meetings = appointment_list::page(conn, actor, &filter, Order::StartsLast, MOST_EVENTS)?;
            let names = appointment_list::attendants(conn, &meetings)?;
            let shown: Vec<Id> = meetings.iter().map(|meeting| meeting.row.prospect_id).collect();
            let text = events::calendar(&meetings, &names, actor.time_zone, language);
            Ok((text, language, (actor.id, actor.acts_as()), shown))
        })
        .await?;
    // Programs ask every few minutes, and mostly nothing has changed.
    let tag = format!("\"{}\"", digest(text.as_bytes()));
    if IfNoneMatch::of(&request)?.holds(&tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    people::shown_to(&app, by, shown).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::ETAG, tag))
        // The feed's own language, whatever the program that fetches it asks for.
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .content_type("text/calendar; charset=utf-8")
        .body(text))
}
