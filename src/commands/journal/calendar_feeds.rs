//! Links to the own calendar: made and revoked.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::{
    clock::Occasion,
    commands::Seen,
    domain::{
        exchange::event::Event,
        organisation::actor::Actor,
        values::{id::Id, text::Language},
    },
    store::{
        Conn, StoreError,
        db::codec::stored_instant,
        journal::calendar_feeds::{self, FeedRow},
        organisation::{audit, standing},
    },
};

/// The version of a feed: it is written once, and revoked whole.
pub const VERSION: i64 = 1;
/// How many feeds of a user stand at a time.
pub const MOST_FEEDS: usize = 10;
const SECRET_BYTES: usize = 32;

/// Why nothing was written.
#[derive(Debug)]
pub enum Refused {
    /// The store failed; `NotFound` for what is not there, or somebody else's.
    Store(StoreError),
    /// As many stand as may.
    TooMany,
    /// It has another version than the one that was seen.
    Stale,
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

/// As which a feed's secret is kept.
pub fn hashed(secret: &str) -> String {
    // 256 random bits need no slow hash.
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

/// Makes a feed of the actor's calendar; answers it with its secret, which is told once.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn make(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    language: Language,
) -> Result<(FeedRow, String), Refused> {
    // A link made while the login ends must not outlive it.
    standing::hold_own(conn, actor)?;
    if calendar_feeds::list(conn, actor.id)?.len() >= MOST_FEEDS {
        return Err(Refused::TooMany);
    }
    let secret = URL_SAFE_NO_PAD.encode(occasion.ids.secret(SECRET_BYTES));
    let row = FeedRow {
        id: occasion.ids.id(),
        user_id: actor.id,
        token_hash: hashed(&secret),
        language,
        created_at: stored_instant(occasion.now),
        revoked_at: None,
    };
    calendar_feeds::insert(conn, &row)?;
    let made = Event::CalendarFeedMade { feed_id: row.id, user_id: actor.id };
    audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[made])?;
    Ok((row, secret))
}

/// Revokes a feed of the actor's: from now on its secret opens nothing.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn revoke(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    (id, seen): (Id, &Seen),
) -> Result<(), Refused> {
    let row = calendar_feeds::find(conn, actor.id, id)?;
    if !seen.is(VERSION) {
        return Err(Refused::Stale);
    }
    calendar_feeds::revoke(conn, actor.id, row.id, stored_instant(occasion.now))?;
    let revoked = Event::CalendarFeedRevoked { feed_id: row.id, user_id: actor.id };
    audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[revoked])?;
    Ok(())
}
