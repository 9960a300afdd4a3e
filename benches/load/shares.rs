//! Fair shares and too much of everything (reliability O3): what the others notice of one agent who asks without end, and what is
//! left of the service when five times as much is asked as it can answer. The queue has its default bounds here, and nobody heeds
//! `Retry-After`.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use super::{
    CONNECTIONS,
    client::{Asks as _, Connection, press},
    goals::{self, Goal},
    requests::{Asker, Kind, Somebody},
    seeded::Seeded,
};

/// Connections of the one agent.
const FLOOD: usize = 64;
/// What the one agent asks for.
const FLOODS: [Kind; 4] = [Kind::Read, Kind::List, Kind::ActionSheet, Kind::Workbook];
/// The others, each a reader with one connection.
const OTHERS: usize = 8;
/// How often each of the others reads, at a pace.
const PACE: Duration = Duration::from_millis(20);
/// What everybody asks for when too much is asked.
const CROWDED: [Kind; 3] = [Kind::List, Kind::ActionSheet, Kind::Today];
/// Connections of everybody together.
const CROWD: usize = 800;
/// How long a connection is kept between two requests; the service ends a pause of five seconds.
const KEPT: Duration = Duration::from_secs(3);
/// So many times what the service can answer is asked of it.
const TIMES: f64 = 5.0;

/// One connection that asks at its own pace, whatever comes back; without one, as fast as answers come.
struct Client {
    asker: Asker,
    pace: Option<Duration>,
    answers: Vec<Answer>,
}

struct Answer {
    /// Since it was asked.
    took: Duration,
    /// Since it was to be asked: later answers to the same connection wait for this one.
    waited: Duration,
    is_refusal: bool,
    says_when: bool,
}

impl Client {
    fn new(agent: &Somebody, seeded: &Seeded, kind: Kind, pace: Option<Duration>) -> Self {
        let mut asker = Asker::share(std::slice::from_ref(agent), &seeded.head, 1).remove(0);
        asker.kind = kind;
        Client { asker, pace, answers: Vec::new() }
    }

    /// Asks until the end.
    fn ask(&mut self, address: &str, start: &Barrier, place: f64, length: Duration) {
        let mut kept = None;
        start.wait();
        let begun = Instant::now();
        let mut due = begun + self.pace.unwrap_or_default().mul_f64(place);
        while due.max(Instant::now()) < begun + length
            && let Some(request) = self.asker.request()
        {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let still_open = kept.take().filter(|(_, since): &(Connection, Instant)| since.elapsed() < KEPT);
            let mut connection = still_open.map_or_else(|| Connection::open(address), |(open, _)| open);
            let asked = Instant::now();
            let (status, body) = connection.ask(&request);
            let is_refusal = matches!(status, 429 | 503);
            if !is_refusal {
                self.asker.answered(status, body);
            }
            let (took, waited, says_when) = (asked.elapsed(), due.elapsed(), connection.says_when);
            self.answers.push(Answer { took, waited, is_refusal, says_when });
            kept = Some((connection, Instant::now()));
            due = self.pace.map_or_else(Instant::now, |pace| due + pace);
        }
    }
}

/// Lets all of them ask at once; answers how long it took, in seconds.
fn run(address: &str, clients: &mut [Client], length: Duration) -> f64 {
    let start = &Barrier::new(clients.len());
    let (n, begun) = (clients.len() as f64, Instant::now());
    thread::scope(|scope| {
        for (place, client) in clients.iter_mut().enumerate() {
            scope.spawn(move || client.ask(address, start, place as f64 / n, length));
        }
    });
    begun.elapsed().as_secs_f64()
}

/// What came of some of them.
#[derive(Default)]
struct Came {
    answered: Vec<Duration>,
    refused: Vec<Duration>,
    with_retry_after: usize,
}

impl Came {
    /// In order of these times.
    fn of(clients: &[Client], time: fn(&Answer) -> Duration) -> Self {
        let mut came = Came::default();
        for answer in clients.iter().flat_map(|client| &client.answers) {
            came.with_retry_after += usize::from(answer.is_refusal && answer.says_when);
            if answer.is_refusal { &mut came.refused } else { &mut came.answered }.push(time(answer));
        }
        came.answered.sort_unstable();
        came.refused.sort_unstable();
        came
    }
}

/// The time in ms within which this part of them came.
fn within(took: &[Duration], part: f64) -> f64 {
    let last = took.len().saturating_sub(1);
    took.get((last as f64 * part).round() as usize).map_or(0.0, |took| took.as_secs_f64() * 1000.0)
}

/// The others' p99 beside one agent who floods, over theirs without. They read at a pace, as people do, or as fast as answers
/// come, as programs do.
fn flooded(seeded: &Seeded, address: &str, length: Duration, pace: Option<Duration>) -> Vec<Goal> {
    let (flooder, others) = seeded.agents.split_first().unwrap();
    let readers = || others.iter().take(OTHERS).map(|one| Client::new(one, seeded, Kind::Read, pace));
    let mut undisturbed: Vec<Client> = readers().collect();
    run(address, &mut undisturbed, length / 4);
    undisturbed.iter_mut().for_each(|client| client.answers.clear());
    run(address, &mut undisturbed, length);
    let undisturbed = Came::of(&undisturbed, |answer| answer.waited);
    let how = pace.map_or("without a pause".to_owned(), |pace| format!("every {pace:?}"));
    println!("\nOne agent on {FLOOD} connections beside {OTHERS} others, who read one prospect {how}\n");
    println!(
        "| the one asks for | others' p50 ms | others' p99 ms | others refused | the one answered a second | the one refused a second |\n|---|---|---|---|---|---|"
    );
    let line = |what: &str, others: &Came, one: &Came, seconds: f64| {
        println!(
            "| {what} | {:.1} | {:.1} | {} | {:.0} | {:.0} |",
            within(&others.answered, 0.5),
            within(&others.answered, 0.99),
            others.refused.len(),
            one.answered.len() as f64 / seconds,
            one.refused.len() as f64 / seconds
        );
    };
    line("nothing", &undisturbed, &Came::default(), 1.0);
    let goal = |kind: Kind| {
        let flood = (0..FLOOD).map(|_| Client::new(flooder, seeded, kind, None));
        let mut all: Vec<Client> = readers().chain(flood).collect();
        let seconds = run(address, &mut all, length);
        let (others, one) = all.split_at(OTHERS);
        let (others, one) = (Came::of(others, |answer| answer.waited), Came::of(one, |answer| answer.took));
        line(kind.name(), &others, &one, seconds);
        let worse = within(&others.answered, 0.99) / within(&undisturbed.answered, 0.99);
        Goal::at_most(format!("others' p99 ({how}) beside {}, times theirs alone", kind.name()), worse, 1.5)
    };
    FLOODS.map(goal).into()
}

/// How much is answered when too much is asked, and how soon the rest is refused.
fn crowded(seeded: &Seeded, address: &str, length: Duration) -> Vec<Goal> {
    println!("\nEverybody on {CROWD} connections\n");
    println!(
        "| asked for | at most answered a second | asked a second | answered a second | refused a second | refusal p50 ms | p99 ms | longest ms | without Retry-After |\n|---|---|---|---|---|---|---|---|---|"
    );
    let mut met = Vec::new();
    for kind in CROWDED {
        let mut askers = Asker::share(&seeded.agents, &seeded.head, CONNECTIONS);
        askers.iter_mut().for_each(|asker| asker.kind = kind);
        press(address, &mut askers, length / 4);
        let peak = press(address, &mut askers, length).rate();
        let pace = Duration::from_secs_f64(CROWD as f64 / (TIMES * peak));
        let agents = seeded.agents.iter().cycle().take(CROWD);
        let mut all: Vec<Client> = agents.map(|agent| Client::new(agent, seeded, kind, Some(pace))).collect();
        let seconds = run(address, &mut all, length);
        let came = Came::of(&all, |answer| answer.took);
        let rate = |n: usize| n as f64 / seconds;
        let without = came.refused.len() - came.with_retry_after;
        println!(
            "| {} | {peak:.0} | {:.0} | {:.0} | {:.0} | {:.1} | {:.1} | {:.1} | {without} |",
            kind.name(),
            rate(came.answered.len() + came.refused.len()),
            rate(came.answered.len()),
            rate(came.refused.len()),
            within(&came.refused, 0.5),
            within(&came.refused, 0.99),
            within(&came.refused, 1.0)
        );
        let name = kind.name();
        met.push(Goal::at_least(
            format!("{name}: answered, of the most there can be"),
            rate(came.answered.len()) / peak,
            0.9,
        ));
        met.push(Goal::at_most(format!("{name}: p99 of refusals, ms"), within(&came.refused, 0.99), 100.0));
        met.push(Goal::at_most(format!("{name}: refusals without Retry-After"), without as f64, 0.0));
    }
    met
}

/// Measures both, and prints tables, the last with the goals.
pub fn print(seeded: &Seeded, address: &str, length: Duration) {
    let mut met = flooded(seeded, address, length, Some(PACE));
    met.extend(flooded(seeded, address, length, None));
    met.extend(crowded(seeded, address, length));
    println!("\n{}", goals::listed(&met));
}
