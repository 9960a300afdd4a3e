//! Where the policies of one client leave the pursuit: a second reading of method sections 4 and 10, which shares no code with
//! the product. It hears what happened in order; when something arrived it is told only for a closed→50.

use chrono::{Days, NaiveDate};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    Submitted,
    Received,
    Failed,
    Refunded,
    Declined,
    Issued,
    Receipt,
    Withdrawn,
    Voided,
}

/// Something that happened to an application. `minute` is of the day; two never share one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Happening {
    pub on: NaiveDate,
    pub minute: u32,
    pub application: usize,
    pub kind: Kind,
    /// The day of its arrival, and its turn among all arrivals of that day.
    pub arrives: (NaiveDate, u32),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    At25,
    At50,
    At90,
    Closed,
}

/// What is compared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct End {
    pub place: Place,
    pub since: NaiveDate,
    /// Fen received less fen returned.
    pub advance: i64,
    /// Fen of standard premium of policies issued.
    pub standard: i64,
}

pub const AMOUNT: i64 = 300_000;
pub const STANDARD: i64 = 60_000;
/// A stale criterion is forgiven for so many days.
const GRACE: u64 = 7;

/// The client has been at 50% since `at_50_on`, with a next date and a signing date so far off that only the policies matter.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    pub at_50_on: NaiveDate,
    pub cooling_off_days: u64,
}

#[derive(Clone, Copy, Default, Debug)]
struct Application {
    signed: Option<NaiveDate>,
    paid: bool,
    issued: bool,
    receipt: Option<NaiveDate>,
    /// Fen that the company holds.
    held: i64,
    /// Told since something was undone, so that a repetition counts for nothing.
    money_told: bool,
    policy_told: bool,
}

struct Walk {
    client: Client,
    applications: Vec<Application>,
    place: Place,
    since: NaiveDate,
    /// The day of the last way back to 50%, while timing and next step are stale.
    fell_on: Option<NaiveDate>,
    advance: i64,
    standard: i64,
}

fn plus(day: NaiveDate, days: u64) -> NaiveDate {
    day + Days::new(days)
}

impl Walk {
    fn begin(client: Client) -> Self {
        Walk {
            client,
            applications: Vec::new(),
            place: Place::At50,
            since: client.at_50_on,
            fell_on: None,
            advance: 0,
            standard: 0,
        }
    }

    fn go(&mut self, place: Place, on: NaiveDate) {
        (self.place, self.since) = (place, on);
        match place {
            Place::At50 => self.fell_on = Some(on),
            Place::At90 => self.fell_on = None,
            Place::At25 | Place::Closed => {}
        }
    }

    fn matures(&self) -> Option<NaiveDate> {
        let over = |a: &Application| {
            let receipt = a.receipt.filter(|_| a.paid && a.issued && a.signed.is_some())?;
            Some(plus(receipt, self.client.cooling_off_days + 1))
        };
        self.applications.iter().filter_map(over).min()
    }

    fn stands(&self) -> bool {
        self.applications.iter().any(|a| a.paid && a.signed.is_some())
    }

    /// The calendar goes on to a day, whose own events come before what falls due on it.
    fn calendar(&mut self, until: NaiveDate) {
        if self.place == Place::At90
            && let Some(on) = self.matures().filter(|on| *on < until)
        {
            self.go(Place::Closed, on.max(self.since));
        }
        if self.place == Place::At50
            && let Some(on) = self.fell_on.map(|on| plus(on, GRACE + 1)).filter(|on| *on < until)
        {
            self.go(Place::At25, on);
        }
    }

    fn hear(&mut self, what: &Happening) {
        while self.applications.len() <= what.application {
            self.applications.push(Application::default());
        }
        let days = self.client.cooling_off_days;
        let application = &mut self.applications[what.application];
        match what.kind {
            Kind::Submitted => application.signed = application.signed.or(Some(what.on)),
            Kind::Received => {
                if !application.money_told {
                    self.advance += AMOUNT;
                    application.held += AMOUNT;
                }
                (application.paid, application.money_told) = (true, true);
            }
            Kind::Issued => {
                if !application.policy_told {
                    self.standard += STANDARD;
                }
                (application.issued, application.policy_told) = (true, true);
            }
            Kind::Receipt => application.receipt = application.receipt.or(Some(what.on)),
            Kind::Failed | Kind::Refunded | Kind::Declined | Kind::Withdrawn | Kind::Voided => {
                let early = application.signed.is_some_and(|signed| what.on < signed);
                let late = application.receipt.is_some_and(|receipt| what.on > plus(receipt, days));
                (application.money_told, application.policy_told) = (false, false);
                if matches!(what.kind, Kind::Failed | Kind::Refunded) {
                    self.advance -= application.held;
                    application.held = 0;
                }
                if !early && !late && application.paid {
                    (application.paid, application.issued, application.receipt) = (false, false, None);
                }
            }
        }
    }

    /// What has been heard of a day up to now moves the client.
    fn moved(&mut self, on: NaiveDate) {
        match (self.place, self.stands()) {
            (Place::At50 | Place::At25, true) => self.go(Place::At90, on.max(self.since)),
            (Place::At90, false) => self.go(Place::At50, on),
            _ => {}
        }
    }

    fn play(&mut self, happenings: &[Happening], until: NaiveDate) {
        for what in happenings.iter().filter(|what| what.on <= until) {
            self.calendar(what.on);
            self.hear(what);
            self.moved(what.on);
        }
        self.calendar(plus(until, 1));
    }
}

/// The end of it on a day. `happened` may come in any order.
pub fn end(client: Client, happened: &[Happening], until: NaiveDate) -> End {
    let mut arrivals: Vec<(NaiveDate, u32)> = happened.iter().map(|what| what.arrives).collect();
    arrivals.sort_unstable();
    // A closing that stood when something arrived stays in the log; if it would never have come to it, the way back is
    // dated on the day of arrival, and everything that has happened counts from there on.
    let mut reopened: Option<NaiveDate> = None;
    let mut closed: Option<NaiveDate> = None;
    for arrival in arrivals {
        let day = arrival.0;
        let known = |by: &dyn Fn((NaiveDate, u32)) -> bool| {
            let mut known: Vec<Happening> = happened.iter().copied().filter(|w| by(w.arrives)).collect();
            known.sort_unstable();
            known
        };
        let before = walked(client, &known(&|at| at < arrival), reopened, day);
        if before.place == Place::Closed {
            closed = Some(before.since);
        }
        let after = known(&|at| at <= arrival);
        if let Some(on) = closed {
            let truly = walked(client, &after, reopened, on);
            if truly.place != Place::Closed {
                (reopened, closed) = (Some(day), None);
            }
        }
    }
    let mut all = happened.to_vec();
    all.sort_unstable();
    let walk = walked(client, &all, reopened, until);
    let (place, since) = match closed {
        Some(on) => (Place::Closed, on),
        None => (walk.place, walk.since),
    };
    End { place, since, advance: walk.advance, standard: walk.standard }
}

fn walked(client: Client, known: &[Happening], reopened: Option<NaiveDate>, until: NaiveDate) -> Walk {
    let mut walk = Walk::begin(client);
    let Some(day) = reopened else {
        walk.play(known, until);
        return walk;
    };
    let (by_then, later): (Vec<Happening>, Vec<Happening>) = known.iter().partition(|what| what.on <= day);
    by_then.iter().for_each(|what| walk.hear(what));
    walk.go(Place::At50, day);
    walk.moved(day);
    walk.play(&later, until);
    walk
}
