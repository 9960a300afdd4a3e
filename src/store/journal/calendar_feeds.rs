//! Links under which a calendar is read without signing in. The secret in a link is kept as a hash only; a link that was
//! revoked stays revoked.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::{
    domain::values::{id::Id, text::Language},
    store::{
        Conn, StoreError,
        db::schema::calendar_feeds,
        organisation::callers::{self, Known},
    },
    text_enum,
};

text_enum!(Language { En => "en", ZhCn => "zh-CN" });

/// A feed.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = calendar_feeds)]
pub struct FeedRow {
    /// Id.
    pub id: Id,
    /// Whose calendar.
    pub user_id: Id,
    /// Hash of the secret.
    pub token_hash: String,
    /// In which language events are written.
    pub language: Language,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it was revoked.
    pub revoked_at: Option<NaiveDateTime>,
}

/// Writes a feed.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, row: &FeedRow) -> Result<(), StoreError> {
    diesel::insert_into(calendar_feeds::table).values(row).execute(conn)?;
    Ok(())
}

/// The feeds of a user that stand, oldest first.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn, user_id: Id) -> Result<Vec<FeedRow>, StoreError> {
    Ok(calendar_feeds::table
        .filter(calendar_feeds::user_id.eq(user_id))
        .filter(calendar_feeds::revoked_at.is_null())
        .order(calendar_feeds::id)
        .select(FeedRow::as_select())
        .load(conn)?)
}

/// One standing feed of a user.
///
/// # Errors
/// `NotFound` for anybody else's, and for a revoked one.
pub fn find(conn: &mut Conn, user_id: Id, id: Id) -> Result<FeedRow, StoreError> {
    Ok(calendar_feeds::table
        .find(id)
        .filter(calendar_feeds::user_id.eq(user_id))
        .filter(calendar_feeds::revoked_at.is_null())
        .select(FeedRow::as_select())
        .first(conn)?)
}

/// Revokes a standing feed of a user.
///
/// # Errors
/// `NotFound` as for [`find`].
pub fn revoke(conn: &mut Conn, user_id: Id, id: Id, at: NaiveDateTime) -> Result<(), StoreError> {
    let standing = calendar_feeds::table
        .find(id)
        .filter(calendar_feeds::user_id.eq(user_id))
        .filter(calendar_feeds::revoked_at.is_null());
    match diesel::update(standing).set(calendar_feeds::revoked_at.eq(Some(at))).execute(conn)? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Revokes every standing feed of a user; which they were.
///
/// # Errors
/// Those of the database.
pub fn revoke_all(conn: &mut Conn, user_id: Id, at: NaiveDateTime) -> Result<Vec<Id>, StoreError> {
    let standing = calendar_feeds::table
        .filter(calendar_feeds::user_id.eq(user_id))
        .filter(calendar_feeds::revoked_at.is_null());
    let revoked = diesel::update(standing).set(calendar_feeds::revoked_at.eq(Some(at)));
    Ok(revoked.returning(calendar_feeds::id).get_results(conn)?)
}

/// Whose calendar a secret opens, with the role and the team that the user has now, and in which language.
///
/// # Errors
/// `NotFound` when there is no such feed, when it was revoked, and while the user is disabled.
pub fn opened_by(
    conn: &mut Conn,
    token_hash: &str,
    business_now: DateTime<Utc>,
) -> Result<(Known, Language), StoreError> {
    let (user_id, language): (Id, Language) = calendar_feeds::table
        .filter(calendar_feeds::token_hash.eq(token_hash))
        .filter(calendar_feeds::revoked_at.is_null())
        .select((calendar_feeds::user_id, calendar_feeds::language))
        .first(conn)?;
    let known = callers::known(conn, user_id, business_now)?.ok_or(StoreError::NotFound)?;
    Ok((known, language))
}
