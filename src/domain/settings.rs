//! What an organisation or a team may choose (method sections 3, 5 and 8), effective-dated.

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

/// One table makes the settings, their defaults, the patch of a choice, and how one is laid over the other.
macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $default:expr;)*) => {
        /// The choices in force for one team on one day.
        #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
        pub struct Settings {
            $($(#[$doc])* pub $name: $type,)*
        }

        impl Default for Settings {
            fn default() -> Self {
                Settings { $($name: $default,)* }
            }
        }

        /// A choice of some settings; what is absent is left to the team above, the organisation, the default.
        #[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
        #[serde(default)]
        pub struct SettingsPatch {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<$type>,)*
        }

        impl Settings {
            /// These settings with a patch laid over them.
            pub fn with(mut self, patch: &SettingsPatch) -> Self {
                $(if let Some(chosen) = patch.$name.clone() {
                    self.$name = chosen;
                })*
                self
            }
        }
    };
}

settings! {
    /// What happens when a fallback is due.
    fallback: FallbackMode = FallbackMode::Auto;
    /// Days a stale criterion is tolerated at 50%, 0..=90.
    criteria_grace_days: i32 = 7;
    /// Whether a move to 50% needs the confirmation of a supervisor (method section 4).
    confirm_stage_50: bool = false;
    /// Weekday on which the sheet's week starts.
    sheet_week_start: SheetWeekStart = SheetWeekStart::Friday;
    /// How many last deals make the cycle: 10 or 20.
    cycle_window: i32 = 10;
    /// Shortest cycle a measurement may give, days, 1..=365.
    cycle_min_days: i32 = 7;
    /// Longest cycle a measurement may give, days, 1..=365.
    cycle_max_days: i32 = 365;
    /// Cooling-off period where no product table says otherwise, natural days, 0..=60.
    cooling_off_days: i32 = cooling_off::DEFAULT_DAYS;
    /// New first appointments a week that keep the board full (method section 7), 0..=100.
    first_appointments_a_week: i32 = 5;
    /// Days since joining during which somebody is a beginner (method section 9), 0..=3650.
    beginner_tenure_days: i32 = 180;
    /// What measured ratios are held against, and what the levers start from (method section 7); chosen together.
    benchmarks: Benchmarks = Benchmarks::default();
}
