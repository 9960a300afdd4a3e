//! Schemas of the domain's enums: closed lists of codes, the same words everywhere.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::domain::{
    exchange::{
        change::Became,
        delivery::{DeliveryStatus, DisabledBecause, WebhookStatus},
        policy_event::PolicyEventType,
        policy_message::{EventStatus, MatchedBy, WaitsFor},
    },
    journal::activity::CallOutcome,
    method::{
        criteria::{Criterion, Verdict},
        cycle::CycleSource,
        stage::Stage,
    },
    organisation::{
        actor::{ActorKind, Role},
        benchmark::BenchmarkSet,
        service_client::ServiceScope,
        settings::FallbackMode,
        user::Status,
    },
    prospects::{
        appointment::Outcome,
        deciders::DecisionRole,
        extension::ExtensionStatus,
        fact::AppointmentKind,
        pursuit::PursuitOutcome,
        transition::{Path, Reason, RecordKind},
    },
    reports::{
        board::Flag,
        forecast::ElapsedShare,
        lever::{Infeasible, Lever},
        next_action::ActionCode,
        ratio::RatioCode,
        shape::{Confidence, Shape},
        sheet::SheetMode,
        sheet_week::{BlockState, CheckIn},
        sign_off::RowFigure,
    },
    values::calendar::SheetWeekStart,
};

macro_rules! enum_schema {
    ($type:ident, $about:literal, $codes:expr) => {
        enum_schema!($type as $type, $about, $codes);
    };
    // Named otherwise for strangers: `Path` and its like are types of the toolkits in which clients are written.
    ($type:ident as $name:ident, $about:literal, $codes:expr) => {
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                let codes: Vec<&'static str> = $codes;
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some($about))
                    .enum_values(Some(codes))
                    .into()
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    };
}

enum_schema!(Stage, "Where a prospect stands.", Stage::ALL.map(Stage::code).to_vec());
enum_schema!(Criterion, "One of the five criteria of 50%.", Criterion::ALL.map(Criterion::code).to_vec());
enum_schema!(
    Verdict,
    "What is known of a criterion.",
    [Verdict::Unknown, Verdict::Met, Verdict::Unmet, Verdict::Stale].map(Verdict::code).to_vec()
);
enum_schema!(
    Became as ChangeMade,
    "What became of a resource.",
    [Became::Upserted, Became::Erased, Became::OutOfReach].map(Became::code).to_vec()
);
enum_schema!(
    WebhookStatus,
    "Whether a webhook sends.",
    [WebhookStatus::Active, WebhookStatus::Paused, WebhookStatus::Disabled].map(WebhookStatus::code).to_vec()
);
enum_schema!(
    DisabledBecause as WebhookDisabledBecause,
    "Why a webhook is disabled: it took nothing for five days, its receiver answered 410, or the account was disabled or got \
    another password.",
    [DisabledBecause::Failing, DisabledBecause::Gone, DisabledBecause::AccountEnded]
        .map(DisabledBecause::code)
        .to_vec()
);
enum_schema!(
    DeliveryStatus as WebhookDeliveryStatus,
    "What became of a delivery: it waits, was taken, was given up after three days, or is about what you no longer see.",
    [DeliveryStatus::Pending, DeliveryStatus::Delivered, DeliveryStatus::Failed, DeliveryStatus::Withheld]
        .map(DeliveryStatus::code)
        .to_vec()
);
enum_schema!(Flag as ProspectFlag, "Something a reader should notice.", Flag::ALL.map(Flag::code).to_vec());
enum_schema!(
    RecordKind,
    "What a record does to the fold of the log.",
    [RecordKind::Move, RecordKind::Superseded, RecordKind::Voided].map(RecordKind::code).to_vec()
);
enum_schema!(
    ActorKind,
    "What kind of actor recorded something.",
    [ActorKind::Agent, ActorKind::Supervisor, ActorKind::System, ActorKind::Integration]
        .map(ActorKind::code)
        .to_vec()
);
enum_schema!(
    Path as TransitionPath,
    "How a move came about.",
    [
        Path::Created,
        Path::Manual,
        Path::Automatic,
        Path::Reinstated,
        Path::Overridden,
        Path::Compensating,
        Path::Correction,
    ]
    .map(Path::code)
    .to_vec()
);
enum_schema!(
    Reason as TransitionReason,
    "Why a record stands in the log.",
    Reason::ALL.map(Reason::code).to_vec()
);
enum_schema!(
    AppointmentKind,
    "First or next.",
    [AppointmentKind::First, AppointmentKind::Next].map(AppointmentKind::code).to_vec()
);
enum_schema!(
    Outcome as AppointmentOutcome,
    "What came of an appointment.",
    [Outcome::Open, Outcome::Held, Outcome::NoShow, Outcome::Cancelled].map(Outcome::code).to_vec()
);
enum_schema!(
    PursuitOutcome,
    "How a pursuit ended.",
    [PursuitOutcome::Won, PursuitOutcome::FellBack, PursuitOutcome::Exited, PursuitOutcome::Voided]
        .map(PursuitOutcome::code)
        .to_vec()
);
enum_schema!(
    PolicyEventType,
    "What the insurer's policy system tells.",
    PolicyEventType::ALL.map(PolicyEventType::code).to_vec()
);
enum_schema!(
    EventStatus as PolicyEventStatus,
    "Where an event of the policy system stands.",
    EventStatus::ALL.map(EventStatus::code).to_vec()
);
enum_schema!(
    WaitsFor as PolicyEventWaitsFor,
    "Why an event of the policy system waits.",
    WaitsFor::ALL.map(WaitsFor::code).to_vec()
);
enum_schema!(
    MatchedBy as PolicyEventMatchedBy,
    "By what an event of the policy system found its application.",
    MatchedBy::ALL.map(MatchedBy::code).to_vec()
);
enum_schema!(
    CycleSource,
    "Where a cycle value comes from.",
    [CycleSource::Measured, CycleSource::Declared, CycleSource::Default].map(CycleSource::code).to_vec()
);
enum_schema!(
    FallbackMode,
    "What happens when a fallback is due.",
    [FallbackMode::Auto, FallbackMode::Propose, FallbackMode::Off].map(FallbackMode::code).to_vec()
);
enum_schema!(
    SheetWeekStart,
    "Weekday on which a sheet's week starts.",
    [SheetWeekStart::Friday, SheetWeekStart::Saturday].map(SheetWeekStart::code).to_vec()
);
enum_schema!(
    DecisionRole,
    "Who decides about a purchase.",
    DecisionRole::ALL.map(DecisionRole::code).to_vec()
);
enum_schema!(
    ExtensionStatus,
    "Where a request for more days stands.",
    ExtensionStatus::ALL.map(ExtensionStatus::code).to_vec()
);
enum_schema!(Role as UserRole, "What a user may do.", vec!["agent", "supervisor"]);
enum_schema!(Status as UserStatus, "Whether a user may sign in.", vec!["active", "disabled"]);
enum_schema!(CallOutcome, "How a call ended.", CallOutcome::ALL.map(CallOutcome::code).to_vec());
enum_schema!(
    SheetMode,
    "Whom a sheet shows.",
    [SheetMode::Activity, SheetMode::Board].map(SheetMode::code).to_vec()
);
enum_schema!(CheckIn, "The check-in that a block belongs to.", CheckIn::ALL.map(CheckIn::code).to_vec());
enum_schema!(
    BlockState,
    "How far a block has come.",
    [BlockState::Ended, BlockState::Partial, BlockState::NotBegun].map(BlockState::code).to_vec()
);
enum_schema!(Shape as BoardShape, "The shape of a board.", Shape::ALL.map(Shape::code).to_vec());
enum_schema!(
    Confidence,
    "How much a shape says.",
    [Confidence::Low, Confidence::Normal].map(Confidence::code).to_vec()
);
enum_schema!(ActionCode, "What to do next.", ActionCode::ALL.map(ActionCode::code).to_vec());
enum_schema!(RatioCode, "A ratio.", RatioCode::ALL.map(RatioCode::code).to_vec());
enum_schema!(
    BenchmarkSet,
    "A set of benchmarks; the sets are never chained.",
    BenchmarkSet::ALL.map(BenchmarkSet::code).to_vec()
);
enum_schema!(Lever, "One of the five levers.", Lever::ALL.map(Lever::code).to_vec());
enum_schema!(
    Infeasible,
    "Why a plan cannot be carried out.",
    [Infeasible::TooManyDials, Infeasible::RateAboveOne].map(Infeasible::code).to_vec()
);
enum_schema!(
    ElapsedShare,
    "How much of the limit has gone.",
    ElapsedShare::ALL.map(ElapsedShare::code).to_vec()
);
enum_schema!(RowFigure, "A figure of the team sheet.", RowFigure::ALL.map(RowFigure::code).to_vec());
enum_schema!(
    ServiceScope,
    "What a machine client may do.",
    ServiceScope::ALL.map(ServiceScope::code).to_vec()
);
