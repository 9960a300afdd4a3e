//! What an organisation or a team may choose (method sections 3, 5 and 7 to 9), effective-dated.

use serde::{Deserialize, Serialize};

use super::{benchmark::Benchmarks, calendar::SheetWeekStart, cooling_off};

/// What happens when a fallback is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FallbackMode {
    /// It happens by itself.
    #[default]
    Auto,
    /// It is proposed; the stage stays until an agent or a supervisor decides.
    Propose,
    /// Nothing happens.
    Off,
}

impl FallbackMode {
    /// The code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            FallbackMode::Auto => "auto",
            FallbackMode::Propose => "propose",
            FallbackMode::Off => "off",
        }
    }
}

/// The choices in force for one team on one day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// What happens when a fallback is due.
    pub fallback: FallbackMode,
    /// Days a stale criterion is tolerated at 50%, 0..=90.
    pub criteria_grace_days: i32,
    /// Weekday on which the sheet's week starts.
    pub sheet_week_start: SheetWeekStart,
    /// How many last deals make the cycle: 10 or 20.
    pub cycle_window: i32,
    /// Shortest cycle a measurement may give, days, 1..=365.
    pub cycle_min_days: i32,
    /// Longest cycle a measurement may give, days, 1..=365.
    pub cycle_max_days: i32,
    /// Cooling-off period where no product table says otherwise, natural days, 0..=60.
    pub cooling_off_days: i32,
    /// New first appointments wanted a week, 0..=100.
    pub first_appointments_a_week: i32,
    /// Days since joining during which somebody is a beginner, 0..=3650.
    pub beginner_tenure_days: i32,
    /// What measured ratios are held against, and what the levers start from.
    pub benchmarks: Benchmarks,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            fallback: FallbackMode::Auto,
            criteria_grace_days: 7,
            sheet_week_start: SheetWeekStart::Friday,
            cycle_window: 10,
            cycle_min_days: 7,
            cycle_max_days: 365,
            cooling_off_days: cooling_off::DEFAULT_DAYS,
            first_appointments_a_week: 5,
            beginner_tenure_days: 180,
            benchmarks: Benchmarks::default(),
        }
    }
}

/// A choice of some settings; what is absent is left to the team above, the organisation, the default.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsPatch {
    /// See [`Settings::fallback`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<FallbackMode>,
    /// See [`Settings::criteria_grace_days`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criteria_grace_days: Option<i32>,
    /// See [`Settings::sheet_week_start`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet_week_start: Option<SheetWeekStart>,
    /// See [`Settings::cycle_window`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle_window: Option<i32>,
    /// See [`Settings::cycle_min_days`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle_min_days: Option<i32>,
    /// See [`Settings::cycle_max_days`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle_max_days: Option<i32>,
    /// See [`Settings::cooling_off_days`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooling_off_days: Option<i32>,
    /// See [`Settings::first_appointments_a_week`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_appointments_a_week: Option<i32>,
    /// See [`Settings::beginner_tenure_days`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beginner_tenure_days: Option<i32>,
    /// See [`Settings::benchmarks`]; the sets are chosen together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmarks: Option<Benchmarks>,
}

impl Settings {
    /// These settings with a patch laid over them.
    pub fn with(mut self, patch: &SettingsPatch) -> Self {
        self.fallback = patch.fallback.unwrap_or(self.fallback);
        self.criteria_grace_days = patch.criteria_grace_days.unwrap_or(self.criteria_grace_days);
        self.sheet_week_start = patch.sheet_week_start.unwrap_or(self.sheet_week_start);
        self.cycle_window = patch.cycle_window.unwrap_or(self.cycle_window);
        self.cycle_min_days = patch.cycle_min_days.unwrap_or(self.cycle_min_days);
        self.cycle_max_days = patch.cycle_max_days.unwrap_or(self.cycle_max_days);
        self.cooling_off_days = patch.cooling_off_days.unwrap_or(self.cooling_off_days);
        self.first_appointments_a_week =
            patch.first_appointments_a_week.unwrap_or(self.first_appointments_a_week);
        self.beginner_tenure_days = patch.beginner_tenure_days.unwrap_or(self.beginner_tenure_days);
        self.benchmarks = patch.benchmarks.unwrap_or(self.benchmarks);
        self
    }
}
