//! `/v1/exercises`: the method's stories, graded by the real rules (method section 6).

use actix_web::{HttpResponse, get, http::header, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::classify::ClassificationView;
use crate::{
    api::{
        extract::{Caller, On, ReaderLanguage, ValidJson, etag},
        problem::{Code, document::Problem},
        respond::page::whole_page,
    },
    app::App,
    domain::{
        method::{
            exercises::{self, CYCLE_DAYS, Exercise},
            stage::Stage,
        },
        values::text::Language,
    },
};

/// Grows with every change of the stories.
const CONTENT_VERSION: i64 = 1;

/// A story to classify.
#[derive(Serialize, ToSchema)]
pub struct ExerciseView {
    /// Stable id, part of the URL.
    #[schema(max_length = 64, example = "manager-wang")]
    pub id: String,
    /// What happened, in the reader's language.
    #[schema(max_length = 4000, example = "Manager Wang of a public-relations firm was recommended to you…")]
    pub story: String,
    /// The day asked about.
    pub as_of: On,
    /// The cycle to judge with, days.
    #[schema(minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: i32,
}

whole_page! {
    /// All exercises.
    pub struct ExercisePage {
        /// The exercises in the method's order.
        #[schema(max_items = 100)]
        data: Vec<ExerciseView>
    }
}

/// A trainee's answer.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerExercise {
    /// Where the trainee puts the person.
    pub stage: Stage,
}

/// The grading of an answer.
#[derive(Serialize, ToSchema)]
pub struct ExerciseGrade {
    /// Whether the stage is right.
    pub correct: bool,
    /// Where the rules put the person.
    pub stage: Stage,
    /// What the trainer says, in the reader's language.
    #[schema(max_length = 4000, example = "25%: met, agreed to go on, and a date is fixed…")]
    pub lesson: String,
    /// The classification with all its reasons.
    pub classification: ClassificationView,
}

fn view(exercise: &Exercise, language: Language) -> ExerciseView {
    ExerciseView {
        id: exercise.id.to_owned(),
        story: exercise.story.in_language(language).to_owned(),
        as_of: On(exercise.as_of),
        cycle_days: CYCLE_DAYS,
    }
}

fn find(id: &str) -> Result<Exercise, Problem> {
    exercises::all().into_iter().find(|e| e.id == id).ok_or_else(|| Problem::new(Code::NotFound))
}

/// List the exercises
///
/// Four stories from the method; put each person where the rules put them.
#[utoipa::path(tag = "training", operation_id = "listExercises",
    responses((status = 200, description = "All exercises.", body = ExercisePage)))]
#[get("/v1/exercises")]
pub async fn list_exercises(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
) -> Result<HttpResponse, Problem> {
    caller.look(&app).await?;
    let data = exercises::all().iter().map(|e| view(e, language.0)).collect();
    Ok(HttpResponse::Ok().json(ExercisePage::of(data)))
}

/// Read one exercise
///
/// The story, the day asked about and the cycle to judge with.
#[utoipa::path(tag = "training", operation_id = "getExercise",
    params(("exercise_id" = String, Path, description = "Id of the exercise.", max_length = 64, example = "manager-wang")),
    responses((status = 200, description = "The exercise.", body = ExerciseView)))]
#[get("/v1/exercises/{exercise_id}")]
pub async fn get_exercise(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.look(&app).await?;
    let exercise = find(&id)?;
    let tag = etag(CONTENT_VERSION, &[language.0.tag()]);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(view(&exercise, language.0)))
}

/// Answer an exercise
///
/// Grades the answer by the same rules that guard the moves, with the reasons. Nothing is stored.
#[utoipa::path(tag = "training", operation_id = "answerExercise",
    params(("exercise_id" = String, Path, description = "Id of the exercise.", max_length = 64, example = "manager-wang")),
    request_body(content = AnswerExercise, example = json!({"stage": "stage_25"})),
    responses((status = 200, description = "The grading.", body = ExerciseGrade)))]
#[post("/v1/exercises/{exercise_id}/answers")]
pub async fn answer_exercise(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    id: web::Path<String>,
    body: ValidJson<AnswerExercise>,
) -> Result<HttpResponse, Problem> {
    caller.look(&app).await?;
    let exercise = find(&id)?;
    let answer = exercise.answer();
    Ok(HttpResponse::Ok().json(ExerciseGrade {
        correct: answer.stage == body.0.stage,
        stage: answer.stage,
        lesson: exercise.lesson.in_language(language.0).to_owned(),
        classification: ClassificationView::new(&answer, language.0),
    }))
}
