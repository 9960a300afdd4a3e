//! The domain's refusals as problem documents: every unmet guard, why, and the field that mends it.

mod corrections;
mod dates;
mod moves;
mod place;
mod pursuits;
mod single_rule;

use super::{Code, document::Problem};
use crate::domain::prospects::decision::Refusal;
use place::Place;

/// The problem document of a refusal by an operation whose body has the dates at its top, without `/facts`.
pub fn problem_at_top(refusal: Refusal) -> Problem {
    problem_in(refusal, Place::Top)
}

/// The problem document of a refusal to fix an appointment.
pub fn problem_of_fixing(refusal: Refusal) -> Problem {
    problem_in(refusal, Place::Fixing)
}

/// The problem document of a refusal to record a check.
pub fn problem_of_check(refusal: Refusal) -> Problem {
    problem_in(refusal, Place::Check)
}

/// The problem document of a refusal of a correction.
pub fn problem_of_correction(refusal: Refusal) -> Problem {
    problem_in(refusal, Place::Correction)
}

/// The problem document of a refusal.
pub fn problem(refusal: Refusal) -> Problem {
    problem_in(refusal, Place::Facts)
}

fn problem_in(refusal: Refusal, place: Place) -> Problem {
    match refusal {
        Refusal::Guards { to, as_of, unmet } => moves::guards(to, as_of, &unmet),
        Refusal::NoSuchMove { from, to } => moves::no_such_move(from, to),
        Refusal::AlreadyThere { stage } => moves::already_there(stage),
        Refusal::ReasonNeeded { allowed } => moves::reason_needed(&allowed),
        Refusal::NotTheOwner => moves::not_the_owner(),
        Refusal::NotASupervisor => moves::not_a_supervisor(),
        Refusal::FallbackNotDue { from, as_of } => moves::fallback_not_due(from, as_of),
        Refusal::FiftyStands { as_of } => moves::fifty_stands(as_of),
        Refusal::CoDeciderNotEngaged { which } => moves::co_decider_not_engaged(place, &which),
        Refusal::BeforeItWasFixed { kind, date, fixed_on } => {
            dates::before_it_was_fixed(place, kind, date, fixed_on)
        }
        Refusal::BeforeItsDay { date, day } => dates::before_its_day(place, date, day),
        Refusal::BeforeTheSignature { which, date, signed_on } => {
            dates::before_the_signature(place, which, date, signed_on)
        }
        Refusal::CoolingOffTooShort { days, least } => dates::cooling_off_too_short(place, days, least),
        Refusal::InTheFuture { date, today } => dates::in_the_future(place, date, today),
        Refusal::BeforeLastMove { date, last_on } => dates::before_last_move(place, date, last_on),
        Refusal::NotTheLatest { date, expected } => dates::not_the_latest(place, date, expected),
        Refusal::DatedElsewhere { to, date, expected } => dates::dated_elsewhere(place, to, date, expected),
        Refusal::NewerPursuitBegun { dating, date, begun_on } => {
            pursuits::newer_pursuit_begun(place.dating(dating), date, begun_on)
        }
        Refusal::AfterTheClosing { last_day } => dates::after_the_closing(last_day),
        Refusal::OutcomeBeforeItWasFixed { date, fixed_on } => {
            dates::outcome_before_it_was_fixed(place, date, fixed_on)
        }
        Refusal::NoPursuit { stage, ended_on } => pursuits::no_pursuit(stage, ended_on),
        Refusal::UnknownAppointment => Problem::new(Code::NotFound),
        Refusal::PursuitEnded { ended_on } => pursuits::pursuit_ended(ended_on),
        Refusal::AppointmentSettled => pursuits::appointment_settled(),
        Refusal::FirstAppointmentExists { appointment_id, day } => {
            pursuits::first_appointment_exists(appointment_id, day)
        }
        Refusal::ExtensionExists => pursuits::extension_exists(),
        Refusal::NoPendingExtension => pursuits::no_pending_extension(),
        Refusal::ExtensionLapsed => pursuits::extension_lapsed(),
        Refusal::ExtensionTooLong { most } => pursuits::extension_too_long(most),
        Refusal::NotVoidable { why } => corrections::not_voidable(why),
        Refusal::NothingToCorrect => corrections::nothing_to_correct(),
    }
}
