//! For tests: how SQLite goes about a statement.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use rusqlite::Connection;

use super::migrate;

/// Checks that statements find their rows by an index, however many there are, and need no sorting.
pub(super) fn assert_indexed(statements: &[&str]) {
    for sql in statements {
        let plan = explain(sql);
        let is_slow = |step: &String| step.starts_with("SCAN") || step.contains("TEMP B-TREE");
        assert!(!plan.iter().any(is_slow), "{sql}\nlooks at more than it needs:\n{plan:#?}");
    }
}

/// The steps of a statement, in SQLite's words.
pub(super) fn explain(sql: &str) -> Vec<String> {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::migrate(&mut connection, "memory".as_ref()).unwrap();
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let nulls = vec![rusqlite::types::Null; statement.parameter_count()];
    statement
        .query_map(rusqlite::params_from_iter(nulls), |row| row.get(3))
        .unwrap()
        .map(Result::unwrap)
        .collect()
}
