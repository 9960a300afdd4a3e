//! The bounded lists of a person, as the API description shows them in answers.

use utoipa::openapi::{
    ArrayBuilder, ObjectBuilder,
    schema::{Array, Type},
};

/// Tags.
pub(super) fn tag_list() -> Array {
    ArrayBuilder::new()
        .description(Some("Tags of your own."))
        .max_items(Some(20))
        .items(ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(40)))
        .build()
}
