//! The shape of the board (method section 9): as entered and as verified, where it comes from, what to do about it.

mod forms;

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{
    definition::ReportDefinition,
    next_actions::{self, ActionView},
    subject::{PositionQuery, ReportSubject, Subject},
};
use crate::{
    api::{
        extract::{Caller, On, ReaderLanguage, StrictQuery},
        formats::{Format, report_forms},
        problem::document::Problem,
        respond::due,
    },
    app::App,
    domain::{
        reports::{
            report::Report,
            shape::{self, BoardCounts, Boards, Cause, Confidence, Experience, Reading, Remedy, Shape, read},
            sheet_week::SheetWeek,
        },
        values::{
            calendar::{days_between, plus_days},
            id::Id,
            text::Language,
            window::Window,
        },
    },
    store::{
        Conn,
        ledger::placements,
        organisation::member_settings::Standards,
        reports::{
            activity_counts,
            board_counts::{self, Board, Place},
            figures::{self, BoardEntry},
            members::Member,
        },
    },
};

/// Weeks of the trend.
const WEEKS: i64 = 8;

/// Which picture of a board.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[serde(rename_all = "snake_case")]
pub enum ShapePicture {
    /// As entered beside as verified, with the name of the shape and what to do.
    #[default]
    Board,
    /// The last eight sheet weeks, as entered beside as verified.
    Trend,
}

/// Whom, as of which day, and which picture.
#[derive(Deserialize, Validate, IntoParams, Clone, Copy, Default)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ShapeQuery {
    /// One agent; the caller when neither is given.
    pub agent_id: Option<Id>,
    /// A team; for supervisors.
    pub team_id: Option<Id>,
    /// With a team: also the members of the teams below.
    #[serde(default)]
    #[param(required = false)]
    pub include_subteams: bool,
    /// The day asked about; today when absent.
    pub as_of: Option<On>,
    /// Which picture is drawn, where one is asked for; every other form shows everything.
    #[serde(default)]
    #[param(required = false, inline)]
    pub picture: ShapePicture,
}

impl ShapeQuery {
    fn whom(self) -> PositionQuery {
        let ShapeQuery { agent_id, team_id, include_subteams, as_of, picture: _ } = self;
        PositionQuery { agent_id, team_id, include_subteams, as_of }
    }
}

/// A code with what it says, in the reader's language.
#[derive(Serialize, ToSchema)]
pub struct CodedText {
    /// The stable code.
    #[schema(max_length = 64, example = "find_prospects")]
    pub code: String,
    /// In words.
    #[schema(max_length = 500, example = "Keep finding new prospects.")]
    pub text: String,
}

/// What a board says.
#[derive(Serialize, ToSchema)]
pub struct BoardReading {
    /// a = n(25).
    #[schema(minimum = 0, maximum = 1_000_000, example = 4)]
    pub stage_25: i64,
    /// b = n(50).
    #[schema(minimum = 0, maximum = 1_000_000, example = 2)]
    pub stage_50: i64,
    /// c = n(90).
    #[schema(minimum = 0, maximum = 1_000_000, example = 1)]
    pub stage_90: i64,
    /// N = a + b + c.
    #[schema(minimum = 0, maximum = 1_000_000, example = 7)]
    pub n: i64,
    /// The shape.
    pub shape: Shape,
    /// For `mixed`: the nearest shape.
    #[schema(required = true)]
    pub nearest: Option<Shape>,
    /// Low below four effective prospects.
    pub confidence: Confidence,
    /// Where it comes from.
    pub cause: CodedText,
    /// What to do, the most important first.
    #[schema(max_items = 10)]
    pub remedies: Vec<CodedText>,
}

/// A board as it was counted at the end of a week.
#[derive(Serialize, ToSchema)]
pub struct TrendBoard {
    /// n(25).
    #[schema(minimum = 0, maximum = 1_000_000, example = 4)]
    pub stage_25: i64,
    /// n(50).
    #[schema(minimum = 0, maximum = 1_000_000, example = 2)]
    pub stage_50: i64,
    /// n(90).
    #[schema(minimum = 0, maximum = 1_000_000, example = 1)]
    pub stage_90: i64,
    /// N = n(25) + n(50) + n(90).
    #[schema(minimum = 0, maximum = 1_000_000, example = 7)]
    pub n: i64,
    /// The shape.
    pub shape: Shape,
    /// Low below four effective prospects.
    pub confidence: Confidence,
}

impl TrendBoard {
    fn new(counts: &BoardCounts) -> Self {
        TrendBoard {
            stage_25: counts.stage_25,
            stage_50: counts.stage_50,
            stage_90: counts.stage_90,
            n: counts.total(),
            shape: Shape::of(counts),
            confidence: Confidence::of(counts),
        }
    }
}

/// One week of the trend.
#[derive(Serialize, ToSchema)]
pub struct TrendPoint {
    /// The sheet week's last day, or today in the running week.
    pub on: On,
    /// As entered.
    pub entered: TrendBoard,
    /// As verified: each open pursuit where the rules put it on that day.
    pub verified: TrendBoard,
    /// How many of the verified rest on the agent's word.
    #[schema(minimum = 0, maximum = 1_000_000, example = 1)]
    pub n_claimed: i64,
}

impl TrendPoint {
    fn new((on, boards): &(NaiveDate, Boards)) -> Self {
        TrendPoint {
            on: On(*on),
            entered: TrendBoard::new(&boards.entered),
            verified: TrendBoard::new(&boards.verified),
            n_claimed: boards.n_claimed,
        }
    }
}

/// One member's board.
#[derive(Serialize, ToSchema)]
pub struct MemberShape {
    /// The member.
    pub agent_id: Id,
    /// The member's name.
    #[schema(max_length = 100, example = "杨晓玲")]
    pub agent_name: String,
    /// As entered.
    pub entered: BoardReading,
    /// As verified.
    pub verified: BoardReading,
}

/// The shape of a board.
#[derive(Serialize, ToSchema)]
#[schema(as = ShapeReport)]
pub struct ShapeView {
    /// Whom it is about.
    pub subject: ReportSubject,
    /// As entered.
    pub entered: BoardReading,
    /// As verified: each open pursuit where the rules put it on that day.
    pub verified: BoardReading,
    /// How many of the verified rest on the agent's word.
    #[schema(minimum = 0, maximum = 1_000_000, example = 1)]
    pub n_claimed: i64,
    /// How many stand elsewhere than the rules put them.
    #[schema(minimum = 0, maximum = 1_000_000, example = 0)]
    pub n_misplaced: i64,
    /// The last eight sheet weeks, oldest first.
    #[schema(max_items = 8)]
    pub trend: Vec<TrendPoint>,
    /// For an agent: what to do next, in order of doing. Empty for a team and for a past day.
    #[schema(max_items = 10_000)]
    pub next_actions: Vec<ActionView>,
    /// For a team: each member's board, by name.
    #[schema(max_items = 10_000)]
    pub members: Vec<MemberShape>,
    /// What the figures mean.
    pub definition: ReportDefinition,
}

/// A shape, with the boards and readings from which it is drawn.
struct Drawable {
    view: ShapeView,
    boards: Boards,
    /// The eight weeks, each by its last day.
    weeks: Vec<(NaiveDate, Boards)>,
    /// As entered, and as verified.
    readings: (Reading, Reading),
    picture: ShapePicture,
}

fn coded(code: &str, text: &crate::domain::values::text::Text, language: Language) -> CodedText {
    CodedText { code: code.to_owned(), text: text.in_language(language).to_owned() }
}

impl BoardReading {
    fn new(r: &Reading, language: Language) -> Self {
        let remedy = |r: &Remedy| coded(r.code(), &r.text(), language);
        let cause: Cause = r.cause;
        BoardReading {
            stage_25: r.counts.stage_25,
            stage_50: r.counts.stage_50,
            stage_90: r.counts.stage_90,
            n: r.counts.total(),
            shape: r.shape,
            nearest: r.nearest,
            confidence: r.confidence,
            cause: coded(cause.code(), &cause.text(), language),
            remedies: r.remedies.iter().map(remedy).collect(),
        }
    }
}

/// The boards of those agents that are asked for, together.
fn boards(placed: &[(Id, shape::Placed, i64)], of: impl Fn(Id) -> bool) -> Boards {
    Boards::of(placed.iter().filter(|(agent, ..)| of(*agent)).map(|(_, placed, n)| (*placed, *n)))
}

/// The ends of the eight weeks up to a day.
fn week_ends(subject: &Subject, day: NaiveDate) -> Vec<NaiveDate> {
    let week = SheetWeek::containing(day, subject.settings.on(day).sheet_week_start);
    (0..WEEKS).rev().map(|ago| week.plus_weeks(-ago).window().to.min(day)).collect()
}

/// Show the shape of the board
///
/// As entered and as verified, with confidence, cause and remedy, the trend over eight weeks, and for an agent a list of
/// concrete next actions.
#[utoipa::path(tag = "reports", operation_id = "getShape", params(ShapeQuery),
    responses((status = 200, description = "The shape.", body = ShapeView)))]
#[get("/v1/reports/shape")]
pub async fn get_shape(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    format: Format,
    query: StrictQuery<ShapeQuery>,
) -> Result<HttpResponse, Problem> {
    let (query, language) = (query.0, language.0);
    let drawable = due::read(&app, &caller, move |conn, actor, now| {
        let whom = query.whom();
        let (mut subject, back) = Subject::load(conn, actor, whom, now, |today| {
            let day = whom.day(today)?.to;
            // The members of all weeks of the trend, also those who left since.
            Ok(Window { from: plus_days(day, -7 * WEEKS), to: day })
        })?;
        let ever = subject.narrow(back.to);
        build(conn, (&subject, &ever), back.to, (query.picture, language))
    })
    .await?;
    report_forms::answer(&app, &caller, (format, language), drawable).await
}

/// What a board is read from.
struct Sources {
    /// The agent's own board, today.
    board: Option<Vec<BoardEntry>>,
    placed: Board,
    /// Of everybody who was a member at the end of a week.
    weeks: Vec<(NaiveDate, Boards)>,
    standards: BTreeMap<Id, Standards>,
}

impl Sources {
    fn load(
        conn: &mut Conn,
        (subject, ever): (&Subject, &[Member]),
        day: NaiveDate,
    ) -> Result<Self, Problem> {
        let ends = week_ends(subject, day);
        let weeks = placements::boards_on(conn, ever, &ends)?;
        let board = match subject.agent().filter(|_| day == subject.today) {
            Some(agent) => Some(figures::own_board(conn, agent)?),
            None => None,
        };
        let placed = match &board {
            Some(board) => board.iter().filter_map(|entry| Place::of(&entry.row)).map(Place::one).collect(),
            None if day == subject.today => board_counts::of_members(conn, &subject.members)?,
            // The last of the weeks ends on the day.
            None => weeks.last().cloned().unwrap_or_default(),
        };
        let weeks = ends.into_iter().zip(weeks.iter().map(|placed| boards(placed, |_| true))).collect();
        Ok(Sources { board, placed, weeks, standards: subject.standards(conn)? })
    }

    /// Whether an agent is a beginner on a day, by the agent's own settings.
    fn experience(&self, agent: Id, day: NaiveDate) -> Experience {
        self.standards.get(&agent).map_or(Experience::Veteran, |own| {
            let beginner = own.settings.on(day).beginner_tenure_days;
            Experience::of(days_between(own.joined_on, day), beginner)
        })
    }

    /// What an agent does next, today; empty for a team and for a past day.
    fn next_actions(
        &self,
        conn: &mut Conn,
        subject: &Subject,
        entered: &Reading,
        language: Language,
    ) -> Result<Vec<ActionView>, Problem> {
        let (Some(agent), Some(board)) = (subject.agent(), &self.board) else { return Ok(Vec::new()) };
        let week = next_actions::sheet_week(subject);
        let developed = activity_counts::steps(conn, &subject.members, week)?.developed_on();
        let own = developed.get(&agent).map_or(&[][..], Vec::as_slice);
        Ok(next_actions::of(subject, board, own, entered, language))
    }
}

fn build(
    conn: &mut Conn,
    (subject, ever): (&Subject, &[Member]),
    day: NaiveDate,
    (picture, language): (ShapePicture, Language),
) -> Result<Drawable, Problem> {
    let sources = Sources::load(conn, (subject, ever), day)?;
    let experience = |m: &Member| sources.experience(m.id, day);
    let whose = Experience::of_team(subject.members.iter().map(experience));
    let together = boards(&sources.placed, |_| true);
    let (entered, verified) = (read(&together.entered, whose), read(&together.verified, whose));
    let member = |m: &Member| {
        let own = boards(&sources.placed, |agent| agent == m.id);
        let of = |counts: &BoardCounts| BoardReading::new(&read(counts, experience(m)), language);
        MemberShape {
            agent_id: m.id,
            agent_name: m.display_name.clone(),
            entered: of(&own.entered),
            verified: of(&own.verified),
        }
    };
    let of_team = subject.agent().is_none();
    let view = ShapeView {
        subject: subject.view(day),
        entered: BoardReading::new(&entered, language),
        verified: BoardReading::new(&verified, language),
        n_claimed: together.n_claimed,
        n_misplaced: together.n_misplaced,
        trend: sources.weeks.iter().map(TrendPoint::new).collect(),
        next_actions: sources.next_actions(conn, subject, &entered, language)?,
        members: if of_team { subject.members.iter().map(member).collect() } else { Vec::new() },
        definition: ReportDefinition::of(Report::Shape, language),
    };
    Ok(Drawable { view, boards: together, weeks: sources.weeks, readings: (entered, verified), picture })
}
