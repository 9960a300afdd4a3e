//! How a sheet shows that a block is signed off, and what has been restated since (method section 8).

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{extract::At, respond::money::NetMoney},
    domain::{
        reports::{
            sheet::Book,
            sheet_week::{Block, SheetWeek},
            sign_off::{Restatement, RowFigure, SignedFigures, restatements},
            team_sheet::{MemberBlock, TeamRow},
        },
        values::{
            id::Id,
            text::{Language, Text},
            window::Span,
        },
    },
    store::{
        Conn, StoreError,
        reports::sign_offs::{self, SignOffRow},
    },
};
use chrono::NaiveDate;

/// A figure that late entries have changed since it was signed: a count, or those who are counted, or an amount of money.
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = Restatement)]
pub struct RestatementView {
    /// Which figure.
    pub figure: RowFigure,
    /// The count as signed; null for premiums.
    #[schema(required = true, minimum = 0, maximum = 100_000, example = 2)]
    pub signed_count: Option<i64>,
    /// The count as it would be now; null for premiums.
    #[schema(required = true, minimum = 0, maximum = 100_000, example = 3)]
    pub restated_count: Option<i64>,
    /// The premium as signed; null for counts.
    #[schema(required = true)]
    pub signed_amount: Option<NetMoney>,
    /// The premium as it would be now; null for counts.
    #[schema(required = true)]
    pub restated_amount: Option<NetMoney>,
    /// Other contacts stand in the column now than when it was signed, perhaps as many; never for premiums.
    pub others: bool,
}

impl From<Restatement> for RestatementView {
    fn from(r: Restatement) -> Self {
        let is_money = matches!(r.figure, RowFigure::AdvancePremium | RowFigure::StandardPremium);
        let count = |figure: i64| (!is_money).then_some(figure);
        let amount = |figure: i64| is_money.then(|| NetMoney::from_minor(figure));
        RestatementView {
            figure: r.figure,
            signed_count: count(r.signed),
            restated_count: count(r.restated),
            signed_amount: amount(r.signed),
            restated_amount: amount(r.restated),
            others: r.others,
        }
    }
}

/// What was restated, in words: each figure with its value of now.
pub fn in_words(restatements: &[RestatementView], language: Language) -> String {
    let others = Text::new(" (others)", "（人员有变）");
    let said = |r: &RestatementView| {
        let now = match (&r.restated_count, &r.restated_amount) {
            (Some(count), _) => count.to_string(),
            (None, Some(money)) => money.amount.clone(),
            (None, None) => String::new(),
        };
        let same = r.others && r.signed_count == r.restated_count;
        let who = if same { others.in_language(language) } else { "" };
        format!("{} {now}{who}", r.figure.label().in_language(language))
    };
    restatements.iter().map(said).collect::<Vec<_>>().join(" · ")
}

/// That a block is signed off.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub struct BlockSignOff {
    /// The sign-off.
    pub sign_off_id: Id,
    /// The supervisor.
    pub signed_by: Id,
    /// When.
    pub signed_at: At,
    /// Figures that would be others now.
    #[schema(max_items = 7)]
    pub restatements: Vec<RestatementView>,
}

/// What differs between a sign-off and the figures of the agent's book now.
pub fn restated(row: &SignOffRow, book: &Book, block: &Block, today: NaiveDate) -> Vec<RestatementView> {
    differences(&row.figures.0, &MemberBlock::of(book, block, today, &[Span::ALWAYS]))
}

fn differences(signed: &SignedFigures, now: &MemberBlock) -> Vec<RestatementView> {
    restatements(signed, now).into_iter().map(RestatementView::from).collect()
}

/// The standing sign-offs of some agents' sheets of one week.
pub struct BlockSignOffs(Vec<SignOffRow>);

impl BlockSignOffs {
    /// Loads them. The caller has found the agents within the own scope.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load(conn: &mut Conn, agents: &[Id], week: &SheetWeek) -> Result<Self, StoreError> {
        sign_offs::standing(conn, agents, week).map(BlockSignOffs)
    }

    /// What of an agent's signed block belongs to a team that the agent was in during `member`: the figures as signed, which
    /// the sheets show from then on (method section 8), with what has been restated. `now` is that block as it would be
    /// today.
    pub fn of(
        &self,
        agent_id: Id,
        block: &Block,
        member: &[Span],
        now: &MemberBlock,
    ) -> Option<(TeamRow, BlockSignOff)> {
        let row = self.0.iter().find(|row| row.agent_id == agent_id && row.check_in == block.check_in)?;
        let signed = row.figures.0.part(block, member, now)?;
        let sign_off = BlockSignOff {
            sign_off_id: row.id,
            signed_by: row.signed_by,
            signed_at: At(row.signed_at.and_utc()),
            restatements: differences(&signed, now),
        };
        Some((signed.row, sign_off))
    }
}
