//! What a request about settings says, and what it is answered.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::extract::{Given, On, Patch, faults},
    domain::{
        organisation::{
            benchmark::Benchmarks,
            settings::{Choice, FallbackMode, Settings, SettingsPatch},
        },
        values::{calendar::SheetWeekStart, id::Id, text::Text},
    },
    store::organisation::cycles::SettingsOf,
};

/// Whose settings, on which day.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SettingsQuery {
    /// The team; the organisation's own choices when neither is given.
    #[serde(default)]
    #[param(required = false)]
    pub team_id: Option<Id>,
    /// One agent instead: what is in force for this agent.
    #[serde(default)]
    #[param(required = false)]
    pub agent_id: Option<Id>,
    /// The day asked about; today when absent.
    #[serde(default)]
    #[param(required = false)]
    pub as_of: Option<On>,
}

/// Whose settings to change.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SettingsTarget {
    /// The team; the organisation when neither is given (only supervisors of the one team that stands above all others).
    #[serde(default)]
    #[param(required = false)]
    pub team_id: Option<Id>,
    /// One agent instead; only figures: `benchmarks`, `first_appointments_a_week`, `beginner_tenure_days`, `default_cycle_days`.
    #[serde(default)]
    #[param(required = false)]
    pub agent_id: Option<Id>,
}

/// Settings in force.
#[derive(Serialize, ToSchema)]
#[schema(as = SettingsInForce)]
pub struct SettingsView {
    /// The team; null for the organisation and for an agent.
    #[schema(required = true)]
    pub team_id: Option<Id>,
    /// The agent; null for the organisation and for a team.
    #[schema(required = true)]
    pub agent_id: Option<Id>,
    /// The day asked about.
    pub as_of: On,
    /// What happens when a fallback is due.
    pub fallback: FallbackMode,
    /// Days a stale criterion is tolerated at 50%.
    #[schema(minimum = 0, maximum = 90, example = 7)]
    pub criteria_grace_days: i32,
    /// Whether a move to 50% needs the confirmation of a supervisor.
    #[schema(example = false)]
    pub confirm_stage_50: bool,
    /// Weekday on which the sheet's week starts.
    pub sheet_week_start: SheetWeekStart,
    /// How many last deals make the cycle.
    #[schema(minimum = 10, maximum = 20, example = 10)]
    pub cycle_window: i32,
    /// The cycle of an agent who has neither deals nor a declared value, and of the deals missing in the window, days.
    #[schema(minimum = 7, maximum = 365, example = 28)]
    pub default_cycle_days: i32,
    /// Shortest cycle a measurement may give, days.
    #[schema(minimum = 1, maximum = 365, example = 7)]
    pub cycle_min_days: i32,
    /// Longest cycle a measurement may give, days.
    #[schema(minimum = 1, maximum = 365, example = 365)]
    pub cycle_max_days: i32,
    /// Cooling-off period where no product says otherwise, natural days.
    #[schema(minimum = 0, maximum = 60, example = 10)]
    pub cooling_off_days: i32,
    /// Days at 90% after which a policy that is not issued yet asks for attention.
    #[schema(minimum = 0, maximum = 365, example = 15)]
    pub issue_pending_days: i32,
    /// New first appointments a week that keep the board full.
    #[schema(minimum = 0, maximum = 100, example = 5)]
    pub first_appointments_a_week: i32,
    /// Days in the service during which an agent counts as a beginner.
    #[schema(minimum = 0, maximum = 3650, example = 180)]
    pub beginner_tenure_days: i32,
    /// What measured ratios are held against.
    pub benchmarks: BenchmarksBody,
}

impl SettingsView {
    /// What is in force for somebody on a day.
    pub(super) fn new(whose: &SettingsOf, day: On, s: &Settings) -> Self {
        let (team_id, agent_id) = match whose {
            SettingsOf::Organisation => (None, None),
            SettingsOf::Team { id, .. } => (Some(*id), None),
            SettingsOf::Agent(id) => (None, Some(*id)),
        };
        SettingsView {
            team_id,
            agent_id,
            as_of: day,
            fallback: s.fallback,
            criteria_grace_days: s.criteria_grace_days,
            confirm_stage_50: s.confirm_stage_50,
            sheet_week_start: s.sheet_week_start,
            cycle_window: s.cycle_window,
            default_cycle_days: s.default_cycle_days,
            cycle_min_days: s.cycle_min_days,
            cycle_max_days: s.cycle_max_days,
            cooling_off_days: s.cooling_off_days,
            issue_pending_days: s.issue_pending_days,
            first_appointments_a_week: s.first_appointments_a_week,
            beginner_tenure_days: s.beginner_tenure_days,
            benchmarks: s.benchmarks.into(),
        }
    }
}

/// A choice of some settings, in force from a day on: absent keeps, null takes the own choice back, so that what the team
/// above, the organisation or the default has is in force again.
#[derive(Deserialize, Serialize, Validate, ToSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct UpdateSettings {
    /// First day; today when absent, never in the past.
    #[schema(value_type = On, required = false)]
    pub valid_from: Given<On>,
    /// What happens when a fallback is due.
    #[schema(value_type = Option<FallbackMode>)]
    pub fallback: Patch<FallbackMode>,
    /// Days a stale criterion is tolerated at 50%.
    #[validate(range(min = 0, max = 90))]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 90, example = 7)]
    pub criteria_grace_days: Patch<i32>,
    /// Whether a move to 50% needs the confirmation of a supervisor.
    #[schema(value_type = Option<bool>)]
    pub confirm_stage_50: Patch<bool>,
    /// Weekday on which the sheet's week starts.
    #[schema(value_type = Option<SheetWeekStart>)]
    pub sheet_week_start: Patch<SheetWeekStart>,
    /// How many last deals make the cycle: 10 or 20.
    #[validate(custom(function = "window"))]
    #[schema(value_type = Option<i32>, minimum = 10, maximum = 20, example = 10)]
    pub cycle_window: Patch<i32>,
    /// The cycle of an agent who has neither deals nor a declared value, and of the deals missing in the window, days.
    #[validate(range(min = 7, max = 365))]
    #[schema(value_type = Option<i32>, minimum = 7, maximum = 365, example = 28)]
    pub default_cycle_days: Patch<i32>,
    /// Shortest cycle a measurement may give, days.
    #[validate(range(min = 1, max = 365))]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 365, example = 7)]
    pub cycle_min_days: Patch<i32>,
    /// Longest cycle a measurement may give, days.
    #[validate(range(min = 1, max = 365))]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 365, example = 365)]
    pub cycle_max_days: Patch<i32>,
    /// Cooling-off period, natural days.
    #[validate(range(min = 0, max = 60))]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 60, example = 10)]
    pub cooling_off_days: Patch<i32>,
    /// Days at 90% after which a policy that is not issued yet asks for attention.
    #[validate(range(min = 0, max = 365))]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 365, example = 15)]
    pub issue_pending_days: Patch<i32>,
    /// New first appointments a week that keep the board full.
    #[validate(range(min = 0, max = 100))]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 100, example = 5)]
    pub first_appointments_a_week: Patch<i32>,
    /// Days in the service during which an agent counts as a beginner.
    #[validate(range(min = 0, max = 3650))]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 3650, example = 180)]
    pub beginner_tenure_days: Patch<i32>,
    /// What measured ratios are held against; the sets are chosen together.
    #[validate(nested)]
    #[schema(value_type = Option<BenchmarksBody>)]
    pub benchmarks: Patch<BenchmarksBody>,
}

/// The method's benchmark sets: 15-7-1 a day, 8 appointments a week, 8:1, 20:5:1. They stand beside each other and are
/// never chained.
#[derive(Deserialize, Serialize, Validate, ToSchema, Clone, Copy)]
#[serde(deny_unknown_fields)]
#[schema(as = Benchmarks)]
pub struct BenchmarksBody {
    /// New contacts dialled a working day.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 15)]
    pub dials_a_day: i32,
    /// Of those, reached.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 7)]
    pub connects_a_day: i32,
    /// Of those, agreed to meet.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 1)]
    pub appointments_a_day: i32,
    /// New appointments held a week.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 5)]
    pub new_a_week: i32,
    /// Deferred ones held a week.
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000, example = 3)]
    pub deferred_a_week: i32,
    /// Appointments held for one policy.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 8)]
    pub appointments_per_sale: i32,
    /// New contacts for one sale.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 20)]
    pub contacts_per_sale: i32,
    /// Prospects for one sale.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 5)]
    pub prospects_per_sale: i32,
    /// Working days a week.
    #[validate(range(min = 1, max = 7))]
    #[schema(minimum = 1, maximum = 7, example = 5)]
    pub days_a_week: i32,
    /// Working weeks a year.
    #[validate(range(min = 1, max = 52))]
    #[schema(minimum = 1, maximum = 52, example = 50)]
    pub weeks_a_year: i32,
}

macro_rules! same_fields {
    ($from:ty => $to:ident { $($field:ident),* }) => {
        impl From<$from> for $to {
            fn from(b: $from) -> Self {
                $to { $($field: b.$field),* }
            }
        }
    };
}
macro_rules! both_ways {
    ($($field:ident),*) => {
        same_fields!(Benchmarks => BenchmarksBody { $($field),* });
        same_fields!(BenchmarksBody => Benchmarks { $($field),* });
    };
}
both_ways!(
    dials_a_day,
    connects_a_day,
    appointments_a_day,
    new_a_week,
    deferred_a_week,
    appointments_per_sale,
    contacts_per_sale,
    prospects_per_sale,
    days_a_week,
    weeks_a_year
);

fn window(value: &Patch<i32>) -> Result<(), validator::ValidationError> {
    if matches!(value.as_set(), None | Some(10 | 20)) {
        return Ok(());
    }
    Err(faults::invalid("ten_or_twenty", Text::new("10 or 20.", "应为 10 或 20。")))
}

impl<T> From<Patch<T>> for Choice<T> {
    fn from(patch: Patch<T>) -> Self {
        match patch {
            Patch::Keep => Choice::Kept,
            Patch::Clear => Choice::Cleared,
            Patch::Set(value) => Choice::Chosen(value),
        }
    }
}

impl From<UpdateSettings> for SettingsPatch {
    fn from(body: UpdateSettings) -> Self {
        SettingsPatch {
            fallback: body.fallback.into(),
            criteria_grace_days: body.criteria_grace_days.into(),
            confirm_stage_50: body.confirm_stage_50.into(),
            sheet_week_start: body.sheet_week_start.into(),
            cycle_window: body.cycle_window.into(),
            default_cycle_days: body.default_cycle_days.into(),
            cycle_min_days: body.cycle_min_days.into(),
            cycle_max_days: body.cycle_max_days.into(),
            cooling_off_days: body.cooling_off_days.into(),
            issue_pending_days: body.issue_pending_days.into(),
            first_appointments_a_week: body.first_appointments_a_week.into(),
            beginner_tenure_days: body.beginner_tenure_days.into(),
            benchmarks: body.benchmarks.map(Benchmarks::from).into(),
        }
    }
}
