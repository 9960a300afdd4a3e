//! How rows that follow from a history are brought up to it: from the first difference on, usually the last one or two.

/// Rewrites the rows of one prospect from the first difference on: by writing over them, where the columns of a row are
/// named; else by taking them out first, because another unique column would be in the way of rows that change places.
macro_rules! rewrite_tail {
    ($conn:expr, $table:ident { $($column:ident),* $(,)? }, $prospect_id:expr, $before:expr, $after:expr) => {{
        let (before, after) = ($before, $after);
        rewrite_tail!(@cut $conn, $table, $prospect_id, before, after.len());
        let same = before.iter().zip(after).take_while(|(a, b)| a == b).count();
        let rows = &after[same..];
        macro_rules! written {
            ($values:expr) => {
                diesel::insert_into($table::table)
                    .values($values)
                    .on_conflict(($table::prospect_id, $table::position))
                    .do_update()
                    .set(($($table::$column.eq(diesel::upsert::excluded($table::$column))),*))
            };
        }
        match $conn {
            _ if rows.is_empty() => {}
            Conn::Postgres(c) => drop($crate::store::db::dialect::kept_of_few(rows.len(), written!(rows)).execute(c)?),
            Conn::Sqlite(c) => {
                for row in rows {
                    $crate::store::db::dialect::kept(written!(row)).execute(c)?;
                }
            }
        }
    }};
    ($conn:expr, $table:ident, $prospect_id:expr, $before:expr, $after:expr) => {{
        let (before, after) = ($before, $after);
        let same = before.iter().zip(after).take_while(|(a, b)| a == b).count();
        rewrite_tail!(@cut $conn, $table, $prospect_id, before, same);
        let rows = &after[same..];
        if !rows.is_empty() {
            $crate::store::db::dialect::insert_rows!($conn, rows.len(), diesel::insert_into($table::table).values(rows));
        }
    }};
    (@cut $conn:expr, $table:ident, $prospect_id:expr, $before:expr, $kept:expr) => {
        if $kept < $before.len() {
            let kept = i32::try_from($kept).unwrap_or(i32::MAX);
            let of_it = $table::table.filter($table::prospect_id.eq($prospect_id));
            diesel::delete(of_it.filter($table::position.ge(kept))).execute($conn)?;
        }
    };
}
pub(super) use rewrite_tail;
