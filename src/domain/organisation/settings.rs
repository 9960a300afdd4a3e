//! What an organisation or a team may choose (method sections 3, 5 and 8), effective-dated.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::benchmark::Benchmarks;
use crate::domain::{method::cooling_off, values::calendar::SheetWeekStart};

/// The cycle of an agent of whom nothing is known where nobody chose otherwise, days: that of the method's exercises.
pub const DEFAULT_CYCLE_DAYS: i32 = 28;

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

/// What a choice says about one setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Choice<T> {
    /// Nothing: an earlier choice of the same subject goes on.
    #[default]
    Kept,
    /// The subject's own choice ends: what the level above has is in force again.
    Cleared,
    /// This value.
    Chosen(T),
}

impl<T> Choice<T> {
    /// Whether nothing is said.
    pub fn is_kept(&self) -> bool {
        matches!(self, Choice::Kept)
    }
}

/// A kept setting is left out of the document; a cleared one is null.
impl<T: Serialize> Serialize for Choice<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Choice::Kept | Choice::Cleared => serializer.serialize_none(),
            Choice::Chosen(value) => serializer.serialize_some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Choice::Cleared, Choice::Chosen))
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

        /// What one subject (an agent, a team, the organisation) chooses of the settings.
        #[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
        #[serde(default)]
        pub struct SettingsPatch {
            $($(#[$doc])* #[serde(skip_serializing_if = "Choice::is_kept")] pub $name: Choice<$type>,)*
        }

        impl SettingsPatch {
            /// This choice with a later one of the same subject over it.
            pub fn then(mut self, later: &SettingsPatch) -> Self {
                $(if !later.$name.is_kept() {
                    self.$name = later.$name.clone();
                })*
                self
            }

            /// Whether this choice leaves what the same subject chose before as it was.
            pub fn adds_nothing_to(&self, own: &SettingsPatch) -> bool {
                $((self.$name.is_kept()
                    || self.$name == own.$name
                    || (self.$name == Choice::Cleared && own.$name.is_kept()))
                    &&)* true
            }
        }

        impl Settings {
            /// These settings with the choices of the next lower level laid over them.
            pub fn with(mut self, patch: &SettingsPatch) -> Self {
                $(if let Choice::Chosen(chosen) = patch.$name.clone() {
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
    /// The cycle of an agent who has neither deals nor a declared value, and of the deals missing in the window, days,
    /// 7..=365 (method section 5).
    default_cycle_days: i32 = DEFAULT_CYCLE_DAYS;
    /// Shortest cycle a measurement may give, days, 1..=365.
    cycle_min_days: i32 = 7;
    /// Longest cycle a measurement may give, days, 1..=365.
    cycle_max_days: i32 = 365;
    /// Cooling-off period where no product table says otherwise, natural days, 0..=60.
    cooling_off_days: i32 = cooling_off::DEFAULT_DAYS;
    /// Days at 90% after which a policy that is not issued yet asks for attention, 0..=365 (method section 10).
    issue_pending_days: i32 = 15;
    /// New first appointments a week that keep the board full (method section 7), 0..=100.
    first_appointments_a_week: i32 = 5;
    /// Days since joining during which somebody is a beginner (method section 9), 0..=3650.
    beginner_tenure_days: i32 = 180;
    /// What measured ratios are held against, and what the levers start from (method section 7); chosen together.
    benchmarks: Benchmarks = Benchmarks::default();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> SettingsPatch {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_choice_is_stored_as_a_merge_patch_and_read_again() {
        let patch = SettingsPatch {
            fallback: Choice::Chosen(FallbackMode::Off),
            cycle_window: Choice::Cleared,
            ..SettingsPatch::default()
        };
        let text = serde_json::to_string(&patch).unwrap();
        assert_eq!(text, r#"{"fallback":"off","cycle_window":null}"#);
        assert_eq!(read(&text), patch);
        assert_eq!(read("{}"), SettingsPatch::default());
    }

    #[test]
    fn the_later_choice_of_a_subject_wins_and_a_cleared_one_lets_the_level_above_through() {
        let above = Settings::default().with(&read(r#"{"cycle_window":20,"criteria_grace_days":3}"#));
        let own =
            read(r#"{"cycle_window":10,"criteria_grace_days":9}"#).then(&read(r#"{"cycle_window":null}"#));
        let now = above.clone().with(&own);
        assert_eq!((now.cycle_window, now.criteria_grace_days), (20, 9));
        let chosen_again = own.then(&read(r#"{"cycle_window":10}"#));
        assert_eq!(above.with(&chosen_again).cycle_window, 10);
    }

    #[test]
    fn a_choice_that_was_made_already_adds_nothing() {
        let own = read(r#"{"cycle_window":10,"fallback":null}"#);
        for nothing in ["{}", r#"{"cycle_window":10}"#, r#"{"fallback":null}"#, r#"{"cycle_min_days":null}"#]
        {
            assert!(read(nothing).adds_nothing_to(&own), "{nothing}");
        }
        for other in [r#"{"cycle_window":20}"#, r#"{"cycle_window":null}"#, r#"{"fallback":"auto"}"#] {
            assert!(!read(other).adds_nothing_to(&own), "{other}");
        }
    }
}
