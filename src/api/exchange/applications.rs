//! `…/pursuits/{pursuit_id}/applications`: what the policy system told of a pursuit, application by application, each with its
//! clock (method section 10).

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        extract::{At, Caller, On, PathPair},
        problem::document::Problem,
        respond::{
            due,
            money::{MoneyBody, NetMoney},
            page::whole_page,
        },
    },
    app::App,
    domain::{
        exchange::{
            application_clock::{ApplicationClock, clocks},
            policy_event::PolicyEventType,
        },
        prospects::{
            confirmed::{Money, Told},
            transition::Reason,
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        exchange::{
            applications::{self, ApplicationRow},
            policy_event_people::PersonalRow,
            policy_event_queue,
            policy_events::PolicyEventRow,
        },
        ledger::{self, Loaded, deals},
    },
};

/// Where a figure of standard premium comes from.
#[derive(Serialize, ToSchema, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum StandardPremiumSource {
    /// The policy system's own figure.
    PolicySystem,
    /// Premium times the factor in force on the signature (折标系数).
    Factor,
}

/// An event of an application.
#[derive(Serialize, ToSchema)]
pub struct ApplicationEvent {
    /// The event.
    pub id: Id,
    /// What happened.
    #[serde(rename = "type")]
    pub event_type: PolicyEventType,
    /// When.
    pub occurred_at: At,
    /// The day of it in the insurer's time zone.
    pub occurred_on: On,
    /// When it was taken in.
    pub received_at: At,
    /// The money that it is about.
    #[schema(required = true)]
    pub amount: Option<MoneyBody>,
    /// Why it happened, in the policy system's words; null once it was erased.
    #[schema(required = true, max_length = 500)]
    pub reason: Option<String>,
}

/// An application (投保申请) with its clock.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyApplication)]
pub struct ApplicationView {
    /// Id.
    pub id: Id,
    /// The insurer's number of it.
    #[schema(required = true, max_length = 64, example = "A-7781")]
    pub application_number: Option<String>,
    /// The insurer's number of the policy.
    #[schema(required = true, max_length = 64, example = "P-20091221-01")]
    pub policy_number: Option<String>,
    /// The product.
    #[schema(required = true, max_length = 40, example = "TL20")]
    pub product_code: Option<String>,
    /// The channel.
    #[schema(required = true, max_length = 40, example = "agency")]
    pub channel: Option<String>,
    /// Over how many years premiums are paid.
    #[schema(required = true, minimum = 1, maximum = 100, example = 20)]
    pub payment_term_years: Option<i32>,
    /// Signature.
    #[schema(required = true)]
    pub signed_on: Option<On>,
    /// The money; null while none stands.
    #[schema(required = true)]
    pub premium_received_on: Option<On>,
    /// 预收保费, net of what went back.
    pub advance_premium: NetMoney,
    /// 标准保费; null while no policy is issued, and where neither the policy system nor a factor says it.
    #[schema(required = true)]
    pub standard_premium: Option<NetMoney>,
    /// Where that figure comes from.
    #[schema(required = true)]
    pub standard_premium_source: Option<StandardPremiumSource>,
    /// Issue of the policy (承保).
    #[schema(required = true)]
    pub policy_issued_on: Option<On>,
    /// Signature of the receipt (回执).
    #[schema(required = true)]
    pub receipt_signed_on: Option<On>,
    /// Cooling-off period, natural days; null before the receipt.
    #[schema(required = true, minimum = 0, maximum = 60, example = 10)]
    pub cooling_off_days: Option<i32>,
    /// The last day on which the policyholder may withdraw; null before the receipt.
    #[schema(required = true)]
    pub cooling_off_last_day: Option<On>,
    /// The day from whose beginning it is closed, if nothing undoes it.
    #[schema(required = true)]
    pub closes_on: Option<On>,
    /// Whether the policyholder can still withdraw.
    pub can_withdraw: bool,
    /// The day on which it was undone; null while it stands.
    #[schema(required = true)]
    pub undone_on: Option<On>,
    /// What undid it.
    #[schema(required = true)]
    pub undone_by: Option<Reason>,
    /// Its events, in the order in which they happened.
    #[schema(max_items = 1000)]
    pub events: Vec<ApplicationEvent>,
}

whole_page! {
    /// The applications of a pursuit.
    pub struct PolicyApplicationPage {
        /// In the order of their first events.
        #[schema(max_items = 1000)]
        data: Vec<ApplicationView>
    }
}

/// What is known of the applications of a prospect.
pub struct Known {
    rows: Vec<ApplicationRow>,
    events: BTreeMap<Id, Vec<(PolicyEventRow, Option<PersonalRow>)>>,
}

impl Known {
    /// Loads it for a prospect that was found within the reader's scope.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(conn: &mut Conn, loaded: &Loaded) -> Result<Self, StoreError> {
        let rows = applications::of_prospect(conn, &loaded.row)?;
        let events = match rows.as_slice() {
            [] => BTreeMap::new(),
            _ => policy_event_queue::of_prospect(conn, &loaded.row)?,
        };
        Ok(Known { rows, events })
    }

    /// The applications of one pursuit.
    fn views(mut self, loaded: &Loaded, number: i32, zone: chrono_tz::Tz) -> Vec<ApplicationView> {
        let told = Told::of(&loaded.history, number);
        let of = |money: &[Money<'_>], id: Id| -> Vec<i64> {
            let mine = |money: &&Money<'_>| {
                money.told_by.body.policy_fact().is_some_and(|told| told.application_id == id)
            };
            money.iter().filter(mine).map(|money| money.minor).collect()
        };
        let (advances, issues) = (told.advances(), told.issues());
        clocks(&loaded.history, number, loaded.today, &loaded.env().settings)
            .into_iter()
            .filter_map(|clock| {
                let row = self.rows.iter().find(|row| row.id == clock.application_id)?;
                let events = self.events.remove(&row.id).unwrap_or_default();
                let standard: Option<i64> = of(&issues, row.id).first().copied();
                Some(view(row, &clock, (of(&advances, row.id).iter().sum(), standard), events, zone))
            })
            .collect()
    }
}

fn view(
    row: &ApplicationRow,
    clock: &ApplicationClock,
    (advance, standard): (i64, Option<i64>),
    events: Vec<(PolicyEventRow, Option<PersonalRow>)>,
    zone: chrono_tz::Tz,
) -> ApplicationView {
    let first = |of: fn(&PolicyEventRow) -> Option<String>| events.iter().find_map(|(event, _)| of(event));
    let stated = events.iter().any(|(event, _)| event.standard_premium_minor.is_some());
    let source = if stated { StandardPremiumSource::PolicySystem } else { StandardPremiumSource::Factor };
    ApplicationView {
        id: row.id,
        application_number: row.application_number.clone(),
        policy_number: row.policy_number.clone(),
        product_code: first(|event| event.product_code.clone()),
        channel: first(|event| event.channel.clone()),
        payment_term_years: events.iter().find_map(|(event, _)| event.payment_term_years),
        signed_on: clock.signed_on.map(On),
        premium_received_on: clock.premium_received_on.map(On),
        advance_premium: NetMoney::from_minor(advance),
        standard_premium: standard.map(NetMoney::from_minor),
        standard_premium_source: standard.map(|_| source),
        policy_issued_on: clock.policy_issued_on.map(On),
        receipt_signed_on: clock.receipt_signed_on.map(On),
        cooling_off_days: clock.cooling_off_days,
        cooling_off_last_day: clock.last_day.map(On),
        closes_on: clock.closes_on.map(On),
        can_withdraw: clock.can_withdraw,
        undone_on: clock.undone.map(|(on, _)| On(on)),
        undone_by: clock.undone.map(|(_, reason)| reason),
        events: events
            .into_iter()
            .map(|(event, personal)| ApplicationEvent {
                id: event.id,
                event_type: event.event_type,
                occurred_at: At(event.occurred_at.and_utc()),
                occurred_on: On(event.occurred_at.and_utc().with_timezone(&zone).date_naive()),
                received_at: At(event.received_at.and_utc()),
                amount: event.amount_minor.map(MoneyBody::from_minor),
                reason: personal.and_then(|personal| personal.reason),
            })
            .collect(),
    }
}

/// List the applications of a pursuit
///
/// What the policy system told of it, application by application: the events in the order in which they happened, the last day
/// of cooling-off, when it closes, and whether the policyholder can still withdraw.
#[utoipa::path(tag = "policy-events", operation_id = "listApplications",
    params(("prospect_id" = Id, Path, description = "The prospect."), ("pursuit_id" = Id, Path, description = "The pursuit.")),
    responses((status = 200, description = "The applications.", body = PolicyApplicationPage)))]
#[get("/v1/prospects/{prospect_id}/pursuits/{pursuit_id}/applications")]
pub async fn list_applications(
    app: web::Data<App>,
    caller: Caller,
    ids: PathPair,
) -> Result<HttpResponse, Problem> {
    let zone = app.config.time_zone;
    let data = due::read(&app, &caller, move |conn, actor, now| {
        let loaded = ledger::load(conn, &actor.scope, ids.0, now)?;
        let pursuits = deals::pursuit_ids(conn, &loaded.row)?;
        let number = pursuits.iter().find(|(_, id)| **id == ids.1).map(|(number, _)| *number);
        let number = number.ok_or(StoreError::NotFound)?;
        Ok::<_, Problem>(Known::load(conn, &loaded)?.views(&loaded, number, zone))
    })
    .await?;
    Ok(HttpResponse::Ok().json(PolicyApplicationPage::of(data)))
}
