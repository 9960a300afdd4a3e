//! How values of the domain are written in columns, the same on both databases.
//!
//! Ids, enums and JSON are text; instants are `TIMESTAMP` in UTC, cut to microseconds; dates are `DATE`.

use std::{borrow::Cow, fmt::Debug};

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::Pg,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::Text,
    sqlite::Sqlite,
};
use serde::{Serialize, de::DeserializeOwned};

use super::connection::MultiBackend;
use crate::domain::{organisation::actor::Role, values::id::Id};

/// A value that is stored as text.
pub trait StoredText: Sized {
    /// The text in the column.
    fn stored(&self) -> Cow<'_, str>;

    /// The value of a text from the column; `None` when there is no such value.
    fn from_stored(text: &str) -> Option<Self>;
}

/// Lets a type that is [`StoredText`] stand for a `TEXT` column in Diesel's queries, on both databases.
#[macro_export]
macro_rules! stored_as_text {
    ($type:ty) => {
        const _: () = {
            #[derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
            #[diesel(sql_type = diesel::sql_types::Text, foreign_derive)]
            #[allow(dead_code)]
            struct Proxy($type);

            impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::sqlite::Sqlite> for $type {
                fn to_sql<'b>(
                    &'b self,
                    out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>,
                ) -> diesel::serialize::Result {
                    out.set_value($crate::store::db::codec::StoredText::stored(self).into_owned());
                    Ok(diesel::serialize::IsNull::No)
                }
            }

            impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for $type {
                fn to_sql<'b>(
                    &'b self,
                    out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
                ) -> diesel::serialize::Result {
                    std::io::Write::write_all(
                        out,
                        $crate::store::db::codec::StoredText::stored(self).as_bytes(),
                    )?;
                    Ok(diesel::serialize::IsNull::No)
                }
            }

            impl
                diesel::serialize::ToSql<diesel::sql_types::Text, $crate::store::db::connection::MultiBackend>
                for $type
            {
                fn to_sql<'b>(
                    &'b self,
                    out: &mut diesel::serialize::Output<'b, '_, $crate::store::db::connection::MultiBackend>,
                ) -> diesel::serialize::Result {
                    out.set_value((diesel::sql_types::Text, self));
                    Ok(diesel::serialize::IsNull::No)
                }
            }

            impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $type
            where
                DB: diesel::backend::Backend,
                String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
            {
                fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                    let text =
                        <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(
                            bytes,
                        )?;
                    // The text itself is left out: it could be personal.
                    <$type as $crate::store::db::codec::StoredText>::from_stored(&text)
                        .ok_or_else(|| concat!("no ", stringify!($type)).into())
                }
            }
        };
    };
}

/// Stores an enum by its codes: `text_enum!(Role { Agent => "agent", Supervisor => "supervisor" });`
#[macro_export]
macro_rules! text_enum {
    ($type:ty { $($variant:ident => $code:literal),+ $(,)? }) => {
        impl $crate::store::db::codec::StoredText for $type {
            fn stored(&self) -> std::borrow::Cow<'_, str> {
                std::borrow::Cow::Borrowed(match self {
                    $(<$type>::$variant => $code,)+
                })
            }

            fn from_stored(text: &str) -> Option<Self> {
                match text {
                    $($code => Some(<$type>::$variant),)+
                    _ => None,
                }
            }
        }

        $crate::stored_as_text!($type);
    };
}

impl StoredText for Id {
    fn stored(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }

    fn from_stored(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

stored_as_text!(Id);
text_enum!(Role { Agent => "agent", Supervisor => "supervisor" });

/// A value kept as JSON in a text column.
#[derive(Clone, PartialEq, Eq, Debug, Default, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Json<T>(pub T)
where
    T: Serialize + DeserializeOwned + Debug + Send + Sync + 'static;

impl<T> ToSql<Text, Sqlite> for Json<T>
where
    T: Serialize + DeserializeOwned + Debug + Send + Sync + 'static,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

impl<T> ToSql<Text, Pg> for Json<T>
where
    T: Serialize + DeserializeOwned + Debug + Send + Sync + 'static,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

impl<T> ToSql<Text, MultiBackend> for Json<T>
where
    T: Serialize + DeserializeOwned + Debug + Send + Sync + 'static,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Text, self));
        Ok(IsNull::No)
    }
}

impl<T, DB> FromSql<Text, DB> for Json<T>
where
    T: Serialize + DeserializeOwned + Debug + Send + Sync + 'static,
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, DB>>::from_sql(bytes)?;
        // serde's message may quote the content; the category does not.
        serde_json::from_str(&text)
            .map(Json)
            .map_err(|error| format!("JSON that cannot be read ({:?})", error.classify()).into())
    }
}

/// An instant as the databases keep it: UTC, microseconds.
pub fn stored_instant(at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc().trunc_subsecs(6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_ids_survive_the_column() {
        let id: Id = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
        assert_eq!(Id::from_stored(&id.stored()), Some(id));
        assert_eq!(Role::from_stored("supervisor"), Some(Role::Supervisor));
        assert_eq!(Role::from_stored("boss"), None);
    }
}
