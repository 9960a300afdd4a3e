//! Appointments as iCalendar events (RFC 5545).

use std::collections::BTreeMap;

use chrono::TimeDelta;
use chrono_tz::Tz;
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};

use crate::{
    domain::{
        prospects::appointment::Outcome,
        values::{
            id::Id,
            text::{Language, Text},
        },
    },
    store::journal::appointment_list::Meeting,
};

/// An appointment has no end of its own; a calendar shows one hour.
const SHOWN_FOR: TimeDelta = TimeDelta::hours(1);

/// The calendar of some meetings. Starts are written in UTC, which needs no table of time zones to be right; `zone` is
/// the one to show the calendar in. `names` are those of the users who attend. It says the same until something changes.
pub fn calendar(meetings: &[Meeting], names: &BTreeMap<Id, String>, zone: Tz, language: Language) -> String {
    let name = Text::new("Prospector: appointments", "潜在客户：见面");
    let mut calendar = Calendar::empty();
    // No METHOD: it would make a message between people of it, which needs an organizer (RFC 5546, 3.2.1).
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Prospector//Prospector//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("X-WR-CALNAME", name.in_language(language)),
        ("X-WR-TIMEZONE", zone.name()),
    ] {
        calendar.append_property(Property::new(key, value));
    }
    calendar.extend(meetings.iter().map(|meeting| event(meeting, names, language)));
    calendar.to_string()
}

fn event(meeting: &Meeting, names: &BTreeMap<Id, String>, language: Language) -> Event {
    let row = &meeting.row;
    let kind = row.kind.label();
    let kind = kind.in_language(language);
    let summary = match &meeting.name {
        Some(name) => format!("{} · {kind}", one_line(name)),
        None => kind.to_owned(),
    };
    let status = match row.outcome {
        Outcome::Cancelled => EventStatus::Cancelled,
        Outcome::Open | Outcome::Held | Outcome::NoShow => EventStatus::Confirmed,
    };
    let starts_at = row.starts_at.and_utc();
    let mut event = Event::with_uid(&row.appointment_id.to_string());
    event
        // Without a METHOD it says when the event was last changed (RFC 5545, 3.8.7.2), not when the feed was read.
        .timestamp(meeting.updated_at.and_utc())
        .starts(starts_at)
        .ends(starts_at + SHOWN_FOR)
        // A void brings an outcome back, so neither outcomes nor deferrals only grow (RFC 5545, 3.8.7.4); the version does.
        .sequence(u32::try_from(meeting.version).unwrap_or_default())
        .status(status)
        .summary(&summary);
    let description = description(meeting, names, language);
    if !description.is_empty() {
        event.description(&description);
    }
    event.done()
}

/// What it is for, who goes along, and what came of it.
fn description(meeting: &Meeting, names: &BTreeMap<Id, String>, language: Language) -> String {
    let name = |id: Id| names.get(&id).map(|name| one_line(name)).unwrap_or_default();
    let joint_visit = meeting.row.joint_visit_with.map(|supervisor| {
        let (agent, supervisor) = (name(meeting.row.owner_id), name(supervisor));
        let text = Text::new(
            format!("Joint visit: {supervisor} goes along with {agent}"),
            format!("陪访：{supervisor} 陪同 {agent}"),
        );
        text.in_language(language).to_owned()
    });
    let outcome = meeting.row.outcome.label().map(|text| text.in_language(language).to_owned());
    let agenda = meeting.agenda.as_deref().map(plain);
    agenda.into_iter().chain(joint_visit).chain(outcome).collect::<Vec<_>>().join("\n")
}

/// Text without the control characters that no content line may hold; line ends stay, as the escaper knows them, and what
/// else keeps words apart becomes a blank.
fn plain(text: &str) -> String {
    let kept = |c: char| match c {
        '\n' => Some(c),
        c if c.is_control() => c.is_whitespace().then_some(' '),
        c => Some(c),
    };
    text.replace("\r\n", "\n").chars().filter_map(kept).collect()
}

fn one_line(text: &str) -> String {
    plain(text).replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::prospects::fact::AppointmentKind, store::ledger::projections::AppointmentRow};

    fn meeting(outcome: Outcome) -> Meeting {
        let id = |n: u128| Id(uuid::Uuid::from_u128(n));
        let starts_at: chrono::DateTime<chrono::Utc> = "2009-12-15T02:00:00Z".parse().unwrap();
        Meeting {
            row: AppointmentRow {
                prospect_id: id(1),
                position: 0,
                appointment_id: id(2),
                owner_id: id(3),
                pursuit_number: 1,
                kind: AppointmentKind::First,
                fixed_on: starts_at.date_naive(),
                starts_at: starts_at.naive_utc(),
                day: starts_at.date_naive(),
                outcome,
                deferrals: 2,
                set_by: id(4),
                settled_by: None,
                settled_recorded_on: None,
                joint_visit_with: Some(id(5)),
            },
            version: 7,
            updated_at: "2009-12-14T01:00:00".parse().unwrap(),
            name: Some("王芳".to_owned()),
            time_zone: "Asia/Shanghai".to_owned(),
            agenda: Some("budget".to_owned()),
            notes: None,
        }
    }

    fn lines(meeting: Meeting, language: Language) -> Vec<String> {
        let names =
            [(3, "杨晓玲\nX:"), (5, "Head")].map(|(n, name)| (Id(uuid::Uuid::from_u128(n)), name.to_owned()));
        let text = calendar(&[meeting], &names.into(), chrono_tz::Asia::Shanghai, language);
        assert!(text.ends_with("END:VCALENDAR\r\n"));
        text.replace("\r\n ", "").split_terminator("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn an_appointment_is_written_as_an_event_at_an_instant() {
        assert_eq!(
            lines(meeting(Outcome::Held), Language::En),
            [
                "BEGIN:VCALENDAR",
                "VERSION:2.0",
                "PRODID:-//Prospector//Prospector//EN",
                "CALSCALE:GREGORIAN",
                "X-WR-CALNAME:Prospector: appointments",
                "X-WR-TIMEZONE:Asia/Shanghai",
                "BEGIN:VEVENT",
                "DESCRIPTION:budget\\nJoint visit: Head goes along with 杨晓玲 X:\\nHeld",
                "DTEND:20091215T030000Z",
                "DTSTAMP:20091214T010000Z",
                "DTSTART:20091215T020000Z",
                "SEQUENCE:7",
                "STATUS:CONFIRMED",
                "SUMMARY:王芳 · first appointment",
                "UID:00000000-0000-0000-0000-000000000002",
                "END:VEVENT",
                "END:VCALENDAR",
            ]
        );
        let cancelled = lines(meeting(Outcome::Cancelled), Language::ZhCn);
        assert!(cancelled.contains(&"STATUS:CANCELLED".to_owned()));
        assert!(cancelled.contains(&"SUMMARY:王芳 · 初次见面".to_owned()));
        assert!(cancelled.contains(&"DESCRIPTION:budget\\n陪访：Head 陪同 杨晓玲 X:\\n已取消".to_owned()));
    }

    #[test]
    fn what_keeps_words_apart_keeps_them_apart_in_the_calendar() {
        let mut tabbed = meeting(Outcome::Open);
        tabbed.agenda = Some("budget\tplan\rproposal\u{7}\r\nnext".to_owned());
        tabbed.row.joint_visit_with = None;
        let lines = lines(tabbed, Language::En);
        assert!(lines.contains(&"DESCRIPTION:budget plan proposal\\nnext".to_owned()), "{lines:?}");
        assert!(lines.iter().all(|line| !line.starts_with("METHOD")), "a feed is no message: {lines:?}");
    }

    #[test]
    fn nobodys_name_or_agenda_becomes_a_line_of_its_own() {
        let mut sly = meeting(Outcome::Open);
        sly.name = Some("a\r\nEND:VEVENT\u{0}\r\nb;c,d\\".to_owned());
        sly.agenda = Some("x\rSTATUS:CANCELLED\r\nBEGIN:VALARM\n\u{2028}y".repeat(20));
        let lines = lines(sly, Language::En);
        assert_eq!(
            lines.iter().filter(|line| line.starts_with("END:") || line.starts_with("BEGIN:")).count(),
            4
        );
        assert!(lines.contains(&"SUMMARY:a END:VEVENT b\\;c\\,d\\\\ · first appointment".to_owned()));
        assert!(lines.iter().all(|line| !line.chars().any(char::is_control)));
        assert!(lines.contains(&"STATUS:CONFIRMED".to_owned()));
    }
}
