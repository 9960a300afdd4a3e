//! Sends to webhooks what changed, on every instance, safely on many at once: whoever claims a webhook holds it by a lease, and
//! each webhook is worked on apart from all others, so that a slow receiver delays nobody else.

mod send;

use std::{collections::BTreeSet, sync::Mutex, time::Duration};

use actix_web::{rt, web};
use futures_util::{StreamExt as _, stream};

pub use self::send::Sender;
use crate::{
    app::App,
    clock::Occasion,
    commands::exchange::deliveries::{self, Attempt, Batch},
    domain::values::id::Id,
    store::{
        StoreError,
        exchange::{
            deliveries::{self as rows, DeliveryRow},
            webhooks,
        },
    },
};

/// Pause between two looks at what waits.
const PAUSE: Duration = Duration::from_millis(500);
/// Looks between two at how much waits.
const LOOKS: u32 = 20;
/// Webhooks that one instance works on at the same time.
const AT_ONCE: usize = 256;
/// Deliveries to one webhook that are on their way at the same time.
const TO_ONE: usize = 4;
/// Longest time that a stopping service waits for what is on its way.
pub const LONGEST_END: Duration = Duration::from_secs(15);

/// The webhooks that this instance works on.
#[derive(Default)]
struct InHand(Mutex<BTreeSet<Id>>);

impl InHand {
    fn with<T>(&self, f: impl FnOnce(&mut BTreeSet<Id>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

/// Sends until the service stops, then waits for what is on its way.
pub async fn until_the_end(app: web::Data<App>) {
    let sender = web::Data::new(Sender::new(&app));
    let in_hand = web::Data::new(InHand::default());
    let mut looks = 0;
    while app.is_ready() {
        let room = AT_ONCE.saturating_sub(in_hand.with(|ids| ids.len()));
        for id in waiting(&app, room).await {
            if in_hand.with(|ids| ids.insert(id)) {
                let (app, sender, in_hand) = (app.clone(), sender.clone(), in_hand.clone());
                rt::spawn(async move {
                    work(&app, &sender, id).await;
                    in_hand.with(|ids| ids.remove(&id));
                });
            }
        }
        if looks % LOOKS == 0 {
            look(&app).await;
        }
        looks = looks.wrapping_add(1);
        rt::time::sleep(PAUSE).await;
    }
    while in_hand.with(|ids| !ids.is_empty()) {
        rt::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Sends everything that is due now, once; answers how many webhooks there was something to do for.
pub async fn run(app: &web::Data<App>, sender: &Sender) -> usize {
    let ids = waiting(app, AT_ONCE).await;
    let all = ids.iter().map(|id| work(app, sender, *id));
    futures_util::future::join_all(all).await;
    ids.len()
}

async fn waiting(app: &App, room: usize) -> Vec<Id> {
    let (now, limit) = (app.clock.now(), i64::try_from(room).unwrap_or(0));
    match app.db.read(move |conn| webhooks::waiting(conn, now, limit)).await {
        Ok(ids) => ids,
        Err::<_, StoreError>(error) => {
            tracing::warn!(%error, "what waits for webhooks could not be read");
            Vec::new()
        }
    }
}

/// Looks at how long the oldest delivery has waited.
async fn look(app: &App) {
    let backlog: Result<_, StoreError> = app.db.read(rows::backlog).await;
    if let Ok((_, oldest)) = backlog {
        let waited = oldest.map_or(0, |since| (app.clock.now() - since.and_utc()).num_seconds().max(0));
        app.job_figures.deliveries.waits(waited);
    }
}

/// Works on one webhook until nothing is due for it, it fails, or somebody else has it.
async fn work(app: &App, sender: &Sender, id: Id) {
    loop {
        let occasion = Occasion::of(&app.clock, app.ids);
        let claimed = app.db.write(move |conn| deliveries::claim(conn, &occasion, id)).await;
        let batch = match claimed {
            Ok(Some(batch)) => batch,
            Ok(None) => return,
            Err::<_, StoreError>(error) => {
                tracing::warn!(webhook_id = %id, %error, "a webhook could not be claimed; the next look tries again");
                return;
            }
        };
        let goes_on = batch.has_more || !batch.due.is_empty();
        let attempts = attempts(app, sender, &batch).await;
        let all_took = attempts.iter().all(|(_, attempt)| attempt.took());
        let occasion = Occasion::of(&app.clock, app.ids);
        let webhook = batch.webhook;
        let settled = app.db.write(move |conn| deliveries::settle(conn, &occasion, &webhook, attempts)).await;
        match settled {
            Ok(sent) => {
                app.job_figures.deliveries.sent(sent.delivered, sent.postponed, sent.failed);
                if let Some(why) = sent.disabled {
                    tracing::warn!(webhook_id = %id, reason = why.code(), "a webhook was disabled");
                }
            }
            Err::<_, StoreError>(error) => {
                tracing::warn!(webhook_id = %id, %error, "what was sent could not be noted; it is sent again");
                return;
            }
        }
        if !goes_on || !all_took || !app.is_ready() {
            return;
        }
    }
}

/// Tries what is due, a few at a time; after the first that is not taken nothing more is begun.
async fn attempts(app: &App, sender: &Sender, batch: &Batch) -> Vec<(DeliveryRow, Attempt)> {
    let mut under_way = stream::iter(batch.due.clone())
        .map(|row| async move {
            let attempt = sender.attempt(app, batch, &row).await;
            (row, attempt)
        })
        .buffer_unordered(TO_ONE);
    let mut ended = Vec::with_capacity(batch.due.len());
    while let Some((row, attempt)) = under_way.next().await {
        let took = attempt.took();
        ended.push((row, attempt));
        if !took {
            break;
        }
    }
    ended
}
