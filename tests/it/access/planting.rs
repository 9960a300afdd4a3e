//! Canaries: texts that occur nowhere else, in every place of a body where people write what they like.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    document::{self, Operation, is, leaves, places},
    table::{Ask, Row, rows},
};

/// Bodies from which nothing is stored.
const NOT_STORED: &[&str] = &[
    "createAccessToken",
    "createTokens",
    "refreshTokens",
    "revokeTokens",
    "searchProspects",
    "classifyFacts",
    "answerExercise",
];

/// What everybody reads: the insurer's tables.
const FOR_EVERYBODY: &[&str] = &[
    "createProduct",
    "replaceProduct",
    "createCoolingOffRule",
    "replaceCoolingOffRule",
    "createPremiumFactor",
    "replacePremiumFactor",
];

/// What it writes is read back at its own sign-off, whose id only a list of a named week tells.
const READ_BY_ID_ONLY: &str = "createSignOffRevocation";

/// Strings that have a form of their own, so that no canary fits.
const OF_A_FORM: &[&str] = &[
    "amount",
    "currency",
    "time_zone",
    "cursor",
    "current_password",
    // The insurer's own numbers and codes.
    "agent_code",
    "application_number",
    "channel",
    "id",
    "policy_number",
    "product_code",
];

/// One canary.
pub struct Canary {
    pub operation: &'static str,
    /// Where it was planted, as [`document::leaves`] writes it.
    pub place: String,
    pub text: String,
    /// A password, or a text of a dry run: nobody ever reads it back.
    pub unread: bool,
}

/// The canaries of one test.
#[derive(Default)]
pub struct Canaries(pub Vec<Canary>);

impl Canaries {
    /// The request with a canary in every free text.
    pub fn plant(&mut self, operation: &'static str, ask: Ask) -> Ask {
        let Some(body) = &ask.body else { return ask };
        let dry_run = ask.path.contains("dry_run=true");
        let mut planted = body.clone();
        let texts = texts(&document::operation(operation));
        for (place, pointer) in places(body) {
            let Some((_, secret)) = texts.iter().find(|(text, _)| *text == place) else { continue };
            let number = self.0.len() + 1000;
            let text = if place == "/phones/*" || place.ends_with("/client_phone") {
                format!("1391122{number}")
            } else {
                format!("canary-{number}-x")
            };
            *planted.pointer_mut(&pointer).unwrap() = json!(text);
            let unread = *secret || dry_run || operation == READ_BY_ID_ONLY;
            self.0.push(Canary { operation, place, text, unread });
        }
        Ask { body: Some(planted), ..ask }
    }

    /// The first canary that a text contains, in whatever letters.
    pub fn found_in(&self, text: &str) -> Option<&Canary> {
        let text = text.to_lowercase();
        self.0.iter().find(|canary| text.contains(&canary.text))
    }
}

/// The rows that store something somebody wrote.
pub fn storing() -> Vec<Row> {
    rows().into_iter().filter(|row| !texts(&document::operation(row.operation)).is_empty()).collect()
}

/// The free texts of an operation's body, and whether each is a password.
fn texts(operation: &Operation) -> Vec<(String, bool)> {
    if NOT_STORED.contains(&operation.id) || FOR_EVERYBODY.contains(&operation.id) {
        return Vec::new();
    }
    let free = |place: &str, schema: &Value| {
        is(schema, "string")
            && schema.get("enum").is_none()
            && schema.get("format").is_none_or(|format| format == "password")
            && !OF_A_FORM.iter().any(|name| place.ends_with(&format!("/{name}")))
    };
    let all = operation.body().map(leaves).unwrap_or_default().into_iter();
    all.filter(|(place, schema)| free(place, schema))
        .map(|(place, schema)| (place, schema["format"] == "password"))
        .collect()
}

/// The free texts of the document in which no canary was planted.
pub fn forgotten(canaries: &Canaries) -> BTreeSet<(&'static str, String)> {
    let all = document::operations().into_iter().flat_map(|operation| {
        texts(&operation).into_iter().map(move |(place, _)| (operation.id, place)).collect::<Vec<_>>()
    });
    let planted: BTreeSet<_> = canaries.0.iter().map(|canary| (canary.operation, &canary.place)).collect();
    all.filter(|(operation, place)| !planted.contains(&(operation, place))).collect()
}
