//! The messages that webhooks carry, each under its type, with a tag of their own.

use serde_json::{Map, Value, json};

use crate::domain::exchange::change::{Became, Topic};

/// The tag of the messages, and what it says.
pub const TAG: (&str, &str) =
    ("webhooks", "Messages that webhooks carry: ids, codes and figures only, signed by Standard Webhooks.");

/// Adds them to a document.
pub fn add(root: &mut Map<String, Value>) {
    if let Some(schemas) = root.get_mut("components").and_then(|all| all["schemas"].as_object_mut()) {
        schemas.insert("WebhookMessage".to_owned(), message());
        schemas.insert("WebhookMessageData".to_owned(), data());
    }
    let told = Topic::ALL.iter().filter(|topic| topic.is_told());
    root.insert("webhooks".to_owned(), told.map(|topic| (topic.code().to_owned(), one(*topic))).collect());
}

fn message() -> Value {
    json!({
        "type": "object", "description": "A message to a webhook.",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"type": "string", "maxLength": 64, "description": "Its type; under `webhooks` each is described.",
                "example": "transition.recorded"},
            "timestamp": {"type": "string", "format": "date-time", "description": "When the change was written.",
                "example": "2009-12-14T01:00:00Z"},
            "data": {"$ref": "#/components/schemas/WebhookMessageData"}
        }
    })
}

fn data() -> Value {
    json!({
        "type": "object", "additionalProperties": true,
        "description": "What changed, as `/v1/changes` says it, with codes and ids beside it that differ by type. More may come.",
        "required": ["kind", "id", "change", "version"],
        "properties": {
            "kind": {"$ref": "#/components/schemas/ChangedResource"},
            "id": {"type": "string", "format": "uuid", "description": "Its id."},
            "change": {"$ref": "#/components/schemas/ChangeMade"},
            "version": {"type": ["integer", "null"], "format": "int32", "minimum": 1, "maximum": 2_147_483_647,
                "description": "Its version after the change; null where it has none.", "example": 7}
        }
    })
}

fn one(topic: Topic) -> Value {
    let text = || json!({"type": "string", "minLength": 1, "maxLength": 200});
    let header = |name: &str, what: &str, example: Value, schema: Value| {
        json!({"name": name, "in": "header", "required": true, "description": what,
            "schema": schema, "example": example})
    };
    json!({"post": {
        "operationId": operation_id(topic.code()),
        "tags": [TAG.0],
        "summary": topic.about().trim(),
        "description": "Answer with any 2xx within ten seconds; anything else is tried again over three days. 410 disables \
            the webhook.",
        "security": [],
        "parameters": [
            header("webhook-id", "The same in every attempt: what you know already you need not take again.",
                json!("msg_0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f"), text()),
            header("webhook-timestamp", "When it was sent, in seconds since 1970.", json!(1_260_752_400),
                json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": 253_402_300_799_i64})),
            header("webhook-signature", "`v1,` and the signature; two of them while the secret changes.",
                json!("v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="), text()),
        ],
        "requestBody": {
            "required": true,
            "description": "The message.",
            "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/WebhookMessage"}, "example": sample(topic)
            }}
        },
        "responses": {
            "204": {"description": "Taken."},
            "410": {"description": "Nothing more is wanted: the webhook is disabled."}
        }
    }})
}

fn operation_id(code: &str) -> String {
    let words = code.split(['.', '_']).map(|word| {
        let (first, rest) = word.split_at(1.min(word.len()));
        first.to_ascii_uppercase() + rest
    });
    format!("on{}", words.collect::<String>())
}

fn sample(topic: Topic) -> Value {
    let id = "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e";
    let version = matches!(topic.became(), Became::Upserted).then_some(7);
    let mut data =
        json!({"kind": topic.resource(), "id": id, "change": topic.became().code(), "version": version});
    let more = match topic {
        Topic::TransitionRecorded => json!({"prospect_id": id, "kind_of_record": "move", "path": "standard",
            "from": "stage_25", "to": "stage_50"}),
        Topic::TransferRecorded => json!({"prospect_id": id, "from_agent_id": id, "to_agent_id": id,
            "transferred_on": "2009-12-14"}),
        _ => json!({}),
    };
    if let (Some(data), Some(more)) = (data.as_object_mut(), more.as_object()) {
        data.extend(more.clone());
    }
    json!({"type": topic.code(), "timestamp": "2009-12-14T01:00:00Z", "data": data})
}
