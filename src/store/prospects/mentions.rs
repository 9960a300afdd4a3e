//! Where a person is named in texts that hang on nobody, or on several people: notes of a journal about nobody of the book,
//! reasons of transfers and of revoked sign-offs, and what was answered about any of these. An erasure takes the name out
//! of those of the person's owners; what was noted about somebody else stays with that one.

use diesel::prelude::*;

use crate::{
    domain::{prospects::naming::Naming, values::id::Id},
    store::{
        Conn, StoreError,
        db::{
            dialect::containing,
            schema::{
                activities, activity_texts, idempotent_answers, ownerships, policy_event_decisions,
                policy_event_texts, policy_events, sign_off_texts, sign_offs, transfer_texts,
            },
        },
    },
};

/// Takes the name out of the rows of a query that may contain it.
macro_rules! rewrite {
    ($conn:expr, $naming:expr, $words:expr, $rows:expr, $table:ident, $id:ident, $text:ident) => {{
        let naming_it = $table::$text.like(containing($words)).escape('!');
        let found: Vec<(Id, String)> =
            $rows.filter(naming_it).select(($table::$id, $table::$text)).load($conn)?;
        for (id, text) in found {
            if let Some(erased) = $naming.erased_from(&text) {
                diesel::update($table::table.find(id)).set($table::$text.eq(erased)).execute($conn)?;
            }
        }
    }};
}

/// Takes a person's name and numbers out of what these agents wrote about nobody, and of what was written about them.
///
/// # Errors
/// Those of the database.
pub(super) fn erase(conn: &mut Conn, agents: &[Id], naming: &Naming) -> Result<(), StoreError> {
    for words in naming.words() {
        let notes = activity_texts::table.filter(activity_texts::prospect_id.is_null()).filter(
            activity_texts::activity_id.eq_any(
                activities::table.filter(activities::agent_id.eq_any(agents.to_vec())).select(activities::id),
            ),
        );
        rewrite!(conn, naming, words, notes, activity_texts, activity_id, content);
        let revoked = sign_off_texts::table.filter(sign_off_texts::sign_off_id.eq_any(
            sign_offs::table.filter(sign_offs::agent_id.eq_any(agents.to_vec())).select(sign_offs::id),
        ));
        rewrite!(conn, naming, words, revoked, sign_off_texts, sign_off_id, content);
        let handed = ownerships::from_agent_id
            .eq_any(agents.to_vec())
            .or(ownerships::to_agent_id.eq_any(agents.to_vec()));
        let transfers = transfer_texts::table.filter(
            transfer_texts::transfer_id
                .eq_any(ownerships::table.filter(handed).select(ownerships::transfer_id)),
        );
        rewrite!(conn, naming, words, transfers, transfer_texts, transfer_id, content);
        let told = || {
            policy_events::table
                .filter(policy_events::agent_id.eq_any(agents.to_vec()))
                .select(policy_events::id)
        };
        let decided = policy_event_decisions::table
            .filter(policy_event_decisions::event_id.eq_any(told()))
            .select(policy_event_decisions::id);
        let why = policy_event_texts::table.filter(policy_event_texts::decision_id.eq_any(decided));
        rewrite!(conn, naming, words, why, policy_event_texts, decision_id, content);
        let answers = idempotent_answers::table
            .filter(idempotent_answers::caller_id.eq_any(agents.to_vec()))
            .filter(idempotent_answers::prospect_ids.eq("[]"));
        rewrite!(conn, naming, words, answers, idempotent_answers, id, body);
    }
    Ok(())
}
