//! The promises of `SessionBackend`.

use hookgate_core::adapters::Adapters;
use hookgate_core::clock::Timestamp;
use serde_json::{Value, json};

use super::check::checks;
use super::fixtures::{NOW, done, race_done};

checks!("session_backend":
    a_value_comes_back_as_it_was,
    a_later_value_replaces_an_earlier,
    an_expired_value_is_invisible,
    a_value_is_deleted,
    a_value_is_taken_once,
    of_racing_takers_one_wins,
    expired_values_are_cleaned_up,
);

const END: Timestamp = NOW.plus(600);

async fn read(adapters: &Adapters, key: &str) -> Option<Value> {
    done(adapters.backend.read(key, NOW), "a value can be read").await
}

async fn write(adapters: &Adapters, key: &str, value: Value, end: Timestamp) {
    done(adapters.backend.write(key, value, end), "a value is written").await;
}

async fn a_value_comes_back_as_it_was(adapters: &Adapters) {
    let values = [
        json!(null),
        json!(false),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(0.1),
        json!(""),
        json!([1, [2, {}]]),
        json!({"state": "s", "redirect_uri": "https://example.com/?a=b", "nested": {"list": []}}),
    ];
    for value in values {
        write(adapters, "key", value.clone(), END).await;
        assert_eq!(read(adapters, "key").await, Some(value), "any JSON value comes back as it was");
        assert!(done(adapters.backend.exists("key", NOW), "exists").await, "and is there, `null` included");
    }
    assert_eq!(read(adapters, "none").await, None, "an unknown key is none");
    assert!(!done(adapters.backend.exists("none", NOW), "exists").await, "and is not there");
}

async fn a_later_value_replaces_an_earlier(adapters: &Adapters) {
    write(adapters, "key", json!(1), NOW.plus(1)).await;
    write(adapters, "key", json!(2), END).await;
    let found = done(adapters.backend.read("key", NOW.plus(2)), "read").await;
    assert_eq!(found, Some(json!(2)), "value and end are the later ones");
}

async fn an_expired_value_is_invisible(adapters: &Adapters) {
    write(adapters, "key", json!(1), END).await;
    for (now, is_there) in [(END.plus(-1), true), (END, false)] {
        let found = done(adapters.backend.read("key", now), "read").await;
        assert_eq!(found.is_some(), is_there, "read at {} s of its end", now.0 - END.0);
        let exists = done(adapters.backend.exists("key", now), "exists").await;
        assert_eq!(exists, is_there, "exists at {} s of its end", now.0 - END.0);
    }
    assert_eq!(done(adapters.backend.take("key", END), "take").await, None, "nor can it be taken");
}

async fn a_value_is_deleted(adapters: &Adapters) {
    write(adapters, "one", json!(1), END).await;
    write(adapters, "two", json!(2), END).await;
    done(adapters.backend.delete("one"), "delete").await;
    assert_eq!(read(adapters, "one").await, None, "a deleted value is gone");
    assert_eq!(read(adapters, "two").await, Some(json!(2)), "the others are not touched");
    done(adapters.backend.delete("none"), "deleting nothing is fine").await;
}

async fn a_value_is_taken_once(adapters: &Adapters) {
    write(adapters, "key", json!({"a": 1}), END).await;
    let first = done(adapters.backend.take("key", NOW), "take").await;
    assert_eq!(first, Some(json!({"a": 1})), "the first caller gets the value");
    assert_eq!(done(adapters.backend.take("key", NOW), "take").await, None, "the second gets nothing");
    assert_eq!(read(adapters, "key").await, None, "a taken value is gone");
}

async fn of_racing_takers_one_wins(adapters: &Adapters) {
    write(adapters, "key", json!("prize"), END).await;
    let call = |_| {
        let backend = adapters.backend.clone();
        async move { backend.take("key", NOW).await }
    };
    let mut winners = race_done(call, "taking never fails, it finds nothing").await;
    winners.retain(Option::is_some);
    assert_eq!(winners, [Some(json!("prize"))], "exactly one of the racing takers gets the value");
}

async fn expired_values_are_cleaned_up(adapters: &Adapters) {
    for number in 0..5 {
        write(adapters, &format!("key-{number}"), json!(number), NOW.plus(1 + number)).await;
    }
    let now = NOW.plus(4);
    let mut counts = Vec::new();
    for _ in 0..3 {
        counts.push(done(adapters.backend.cleanup_expired_state(now, 3), "clean up").await);
    }
    assert_eq!(counts, [3, 1, 0], "what is expired goes, at most `limit` at once");
    assert_eq!(read(adapters, "key-4").await, Some(json!(4)), "what is not expired stays");
}
