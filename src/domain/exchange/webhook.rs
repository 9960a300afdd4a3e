//! What is done to a webhook.

/// One deed, as the audit tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WebhookDeed {
    /// It was made.
    Made,
    /// Its address, its topics or whether it sends were changed.
    Changed,
    /// It got another secret.
    SecretChanged,
    /// It was deleted.
    Deleted,
    /// A message about nothing was sent.
    Tried,
    /// A message was sent again.
    SentAgain,
    /// It was disabled: it took nothing for five days, answered 410, or its maker's account ended.
    Disabled,
}

impl WebhookDeed {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            WebhookDeed::Made => "webhook_created",
            WebhookDeed::Changed => "webhook_changed",
            WebhookDeed::SecretChanged => "webhook_secret_changed",
            WebhookDeed::Deleted => "webhook_deleted",
            WebhookDeed::Tried => "webhook_tried",
            WebhookDeed::SentAgain => "webhook_sent_again",
            WebhookDeed::Disabled => "webhook_disabled",
        }
    }
}
