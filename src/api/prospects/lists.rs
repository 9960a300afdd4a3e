//! The bounded lists of a person, as the API description shows them.

use utoipa::openapi::{
    ArrayBuilder, ObjectBuilder,
    schema::{Array, Type},
};

fn list_of(max_items: usize, max_length: usize, about: &str) -> Array {
    ArrayBuilder::new()
        .description(Some(about))
        .max_items(Some(max_items))
        .items(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
                .max_length(Some(max_length))
                .pattern(Some(r"^[^\u0000-\u001F\u007F]*$")),
        )
        .build()
}

/// Telephone numbers.
pub(super) fn phone_list() -> Array {
    list_of(5, 30, "Telephone numbers, as people write them; 5 to 15 digits each.")
}

/// Tags.
pub(super) fn tag_list() -> Array {
    list_of(20, 40, "Tags of your own.")
}
