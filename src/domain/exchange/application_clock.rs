//! How each application of a pursuit stands on a day (method section 10): its dates, its cooling-off, and who can still withdraw.

use chrono::NaiveDate;

use crate::domain::{
    method::cooling_off,
    organisation::settings::Settings,
    prospects::{
        application::Sale,
        history::{Cut, History},
        transition::Reason,
    },
    values::{id::Id, timeline::Timeline},
};

/// How an application stands on a day. What is told of it counts, and what people typed in for it where nothing was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ApplicationClock {
    /// The application.
    pub application_id: Id,
    /// Signature.
    pub signed_on: Option<NaiveDate>,
    /// The money, while it stands.
    pub premium_received_on: Option<NaiveDate>,
    /// Issue of the policy.
    pub policy_issued_on: Option<NaiveDate>,
    /// Signature of the receipt.
    pub receipt_signed_on: Option<NaiveDate>,
    /// Cooling-off period, natural days; once there is a receipt.
    pub cooling_off_days: Option<i32>,
    /// The last day on which the policyholder may withdraw.
    pub last_day: Option<NaiveDate>,
    /// The day from whose beginning it is closed, if nothing undoes it.
    pub closes_on: Option<NaiveDate>,
    /// What undid it, and when.
    pub undone: Option<(NaiveDate, Reason)>,
    /// Whether the policyholder can still withdraw.
    pub can_withdraw: bool,
}

/// The clocks of a pursuit's applications, in the order of their first events.
pub fn clocks(
    history: &History,
    pursuit_number: i32,
    today: NaiveDate,
    settings: &Timeline<Settings>,
) -> Vec<ApplicationClock> {
    let sales = history.dossier(pursuit_number).sales_on(Cut::EndOf(today), None, settings);
    let clock = |sale: &Sale| {
        let application_id = sale.application_id?;
        let days = sale.receipt_on.map(|_| sale.cooling_off_days.unwrap_or(sale.default_days));
        let last_day = sale.receipt_on.zip(days).map(|(on, days)| cooling_off::last_day(on, days));
        let matures = sale.receipt_on.zip(days).map(|(on, days)| cooling_off::matures_on(on, days));
        let stands = sale.stands() && sale.undone.is_none();
        Some(ApplicationClock {
            application_id,
            signed_on: sale.signed_on,
            premium_received_on: sale.premium_on,
            policy_issued_on: sale.issued_on,
            receipt_signed_on: sale.receipt_on,
            cooling_off_days: days,
            last_day,
            closes_on: matures.filter(|_| stands && sale.issued_on.is_some()),
            undone: sale.undone.map(|undone| (undone.on, undone.reason)),
            can_withdraw: stands && last_day.is_none_or(|last| today <= last),
        })
    };
    sales.iter().filter_map(clock).collect()
}
