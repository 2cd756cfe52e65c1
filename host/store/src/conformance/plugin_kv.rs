//! The promises of `PluginKvAdapter`.

use hookgate_core::adapters::{Adapters, KvAnswer, KvChange, KvEntry, KvError, KvQuota, KvUsage};

use super::check::checks;
use super::fixtures::{RACERS, done, race_done};

checks!("plugin_kv":
    a_value_comes_back_as_it_was,
    plugins_do_not_see_each_other,
    an_expired_value_is_absent,
    an_increment_is_a_window,
    racing_increments_are_all_counted,
    of_racing_comparers_one_wins,
    a_comparison_tells_absent_from_empty,
    the_quota_holds,
    what_is_expired_makes_room,
    usage_follows_every_change,
    expired_values_are_cleaned_up,
);

const NOW: i64 = 1_700_000_000_000;
const QUOTA: KvQuota = KvQuota { entries: 100, bytes: 10_000 };

fn entry(value: &[u8], expires_ms: Option<i64>) -> KvEntry {
    KvEntry { value: value.to_vec(), expires_ms }
}

async fn change(adapters: &Adapters, key: &str, change: KvChange, now_ms: i64) -> Result<KvAnswer, KvError> {
    adapters.plugin_kv.kv_change("a", key, change, QUOTA, now_ms).await
}

async fn set(adapters: &Adapters, key: &str, value: &[u8], expires_ms: Option<i64>) {
    let answer = change(adapters, key, KvChange::Set(entry(value, expires_ms)), NOW).await;
    assert_eq!(answer.expect("a value is set"), KvAnswer::Done);
}

async fn get(adapters: &Adapters, key: &str, now_ms: i64) -> Option<Vec<u8>> {
    done(adapters.plugin_kv.kv_get("a", key, now_ms), "a value can be read").await
}

async fn add(adapters: &Adapters, key: &str, by: i64, expires_ms: i64, now_ms: i64) -> KvAnswer {
    let increment = KvChange::Increment { by, expires_ms: Some(expires_ms) };
    change(adapters, key, increment, now_ms).await.expect("a number is incremented")
}

async fn a_value_comes_back_as_it_was(adapters: &Adapters) {
    for value in [&b""[..], b"text", &[0, 255, 128]] {
        set(adapters, "key", value, None).await;
        assert_eq!(get(adapters, "key", i64::MAX).await.as_deref(), Some(value));
    }
    assert_eq!(get(adapters, "KEY", NOW).await, None, "keys are told apart by their bytes");
    for _ in 0..2 {
        let deleted = change(adapters, "key", KvChange::Delete, NOW).await;
        assert_eq!(deleted.expect("deleting nothing is fine"), KvAnswer::Done);
        assert_eq!(get(adapters, "key", NOW).await, None, "a deleted value is gone");
    }
}

async fn plugins_do_not_see_each_other(adapters: &Adapters) {
    set(adapters, "key", b"mine", None).await;
    for plugin in ["b", "", "A", "a\0", "ab"] {
        let found = done(adapters.plugin_kv.kv_get(plugin, "key", NOW), "get").await;
        assert_eq!(found, None, "plugin {plugin:?} sees nothing of another's");
        let deleted = adapters.plugin_kv.kv_change(plugin, "key", KvChange::Delete, QUOTA, NOW).await;
        deleted.expect("deleting nothing is fine");
    }
    assert_eq!(get(adapters, "key", NOW).await.as_deref(), Some(&b"mine"[..]));
}

async fn an_expired_value_is_absent(adapters: &Adapters) {
    set(adapters, "key", b"1", Some(NOW + 1_500)).await;
    assert!(get(adapters, "key", NOW + 1_499).await.is_some(), "a value lasts to its last millisecond");
    assert_eq!(get(adapters, "key", NOW + 1_500).await, None, "and no longer");
    let absent = KvChange::CompareAndSet { expected: None, new: Some(entry(b"2", None)) };
    let answer = change(adapters, "key", absent, NOW + 1_500).await.expect("compared");
    assert_eq!(answer, KvAnswer::Matched(true), "what is expired compares as absent");
}

async fn an_increment_is_a_window(adapters: &Adapters) {
    assert_eq!(add(adapters, "key", 1, NOW + 1_000, NOW).await, KvAnswer::Sum(1));
    assert_eq!(add(adapters, "key", 2, NOW + 9_000, NOW + 999).await, KvAnswer::Sum(3), "adds up");
    assert_eq!(get(adapters, "key", NOW + 999).await.as_deref(), Some(&b"3"[..]), "is a decimal number");
    assert_eq!(
        add(adapters, "key", 1, NOW + 9_000, NOW + 1_000).await,
        KvAnswer::Sum(1),
        "the window ends where the first increment said"
    );
    set(adapters, "text", b"x", None).await;
    let error = change(adapters, "text", KvChange::Increment { by: 1, expires_ms: None }, NOW).await;
    assert!(matches!(error, Err(KvError::NotANumber)), "a text can't be incremented: {error:?}");
    assert_eq!(get(adapters, "text", NOW).await.as_deref(), Some(&b"x"[..]), "and stays");
}

async fn racing_increments_are_all_counted(adapters: &Adapters) {
    let call = |_| {
        let kv = adapters.plugin_kv.clone();
        let increment = KvChange::Increment { by: 1, expires_ms: None };
        async move { Ok(kv.kv_change("a", "key", increment, QUOTA, NOW).await.expect("a number")) }
    };
    race_done(call, "an increment is counted").await;
    assert_eq!(get(adapters, "key", NOW).await, Some(RACERS.to_string().into_bytes()));
}

async fn of_racing_comparers_one_wins(adapters: &Adapters) {
    let call = |racer: usize| {
        let kv = adapters.plugin_kv.clone();
        let new = Some(entry(racer.to_string().as_bytes(), None));
        let change = KvChange::CompareAndSet { expected: None, new };
        async move { Ok(kv.kv_change("a", "key", change, QUOTA, NOW).await.expect("compared")) }
    };
    let answers = race_done(call, "comparing never fails").await;
    let winners = answers.iter().filter(|answer| **answer == KvAnswer::Matched(true)).count();
    assert_eq!(winners, 1, "exactly one of the racers finds the key absent");
}

async fn a_comparison_tells_absent_from_empty(adapters: &Adapters) {
    let compare = |expected: Option<&[u8]>, new: Option<&[u8]>| KvChange::CompareAndSet {
        expected: expected.map(<[u8]>::to_vec),
        new: new.map(|value| entry(value, None)),
    };
    let empty = Some(&b""[..]);
    for (expected, new, matched, after) in [
        (empty, None, false, None),
        (None, empty, true, empty),
        (None, Some(&b"1"[..]), false, empty),
        (empty, Some(&b"2"[..]), true, Some(&b"2"[..])),
        (Some(&b"2"[..]), None, true, None),
    ] {
        let answer = change(adapters, "key", compare(expected, new), NOW).await.expect("compared");
        assert_eq!(answer, KvAnswer::Matched(matched), "{expected:?} to {new:?}");
        assert_eq!(get(adapters, "key", NOW).await.as_deref(), after, "{expected:?} to {new:?}");
    }
}

async fn the_quota_holds(adapters: &Adapters) {
    let kv = &adapters.plugin_kv;
    let quota = KvQuota { entries: 2, bytes: 12 };
    let put = |plugin: &'static str, key: &'static str, value: &'static [u8]| {
        kv.kv_change(plugin, key, KvChange::Set(entry(value, None)), quota, NOW)
    };
    put("a", "k1", b"1234").await.expect("there is room");
    put("a", "k2", b"1234").await.expect("keys and values fill it to the last byte");
    let error = put("a", "k2", b"12345").await;
    assert!(matches!(error, Err(KvError::TooManyBytes(12))), "a byte more is refused: {error:?}");
    let error = put("a", "k3", b"").await;
    assert!(matches!(error, Err(KvError::TooManyEntries(2))), "so is another key: {error:?}");
    assert_eq!(get(adapters, "k2", NOW).await.as_deref(), Some(&b"1234"[..]), "what was there stays");
    put("b", "k1", b"1234").await.expect("another plugin has its own");
    put("a", "k2", b"1").await.expect("a shorter value fits");
    kv.kv_change("a", "k1", KvChange::Delete, quota, NOW).await.expect("deleting is always possible");
    put("a", "k3", b"123").await.expect("and makes room");
}

async fn what_is_expired_makes_room(adapters: &Adapters) {
    let quota = KvQuota { entries: 1, bytes: 100 };
    let put = |key: &'static str, now_ms| {
        let change = KvChange::Set(entry(b"1", Some(now_ms + 1_000)));
        adapters.plugin_kv.kv_change("a", key, change, quota, now_ms)
    };
    put("one", NOW).await.expect("there is room");
    put("two", NOW + 999).await.expect_err("it is full");
    put("two", NOW + 1_000).await.expect("the first is over");
    put("two", NOW + 5_000).await.expect("so is the second, which is replaced");
}

async fn usage_follows_every_change(adapters: &Adapters) {
    let usage = || done(adapters.plugin_kv.kv_usage("a"), "usage");
    assert_eq!(usage().await, KvUsage::default());
    set(adapters, "ké", b"1234", None).await;
    assert_eq!(usage().await, KvUsage { entries: 1, bytes: 7 }, "bytes, not characters");
    set(adapters, "ké", b"1", Some(NOW + 1)).await;
    set(adapters, "k2", b"", None).await;
    assert_eq!(usage().await, KvUsage { entries: 2, bytes: 6 });
    done(adapters.plugin_kv.cleanup_expired_kv(NOW + 1, 10), "clean up").await;
    assert_eq!(usage().await, KvUsage { entries: 1, bytes: 2 });
    change(adapters, "k2", KvChange::Delete, NOW).await.expect("deleted");
    assert_eq!(usage().await, KvUsage::default());
}

async fn expired_values_are_cleaned_up(adapters: &Adapters) {
    for number in 0..5 {
        set(adapters, &format!("key-{number}"), b"", Some(NOW + 1 + number)).await;
    }
    set(adapters, "for-ever", b"", None).await;
    let mut counts = Vec::new();
    for _ in 0..3 {
        counts.push(done(adapters.plugin_kv.cleanup_expired_kv(NOW + 4, 3), "clean up").await);
    }
    assert_eq!(counts, [3, 1, 0], "what is expired goes, at most `limit` at once");
    assert!(get(adapters, "key-4", NOW).await.is_some(), "what is not expired stays");
    assert!(get(adapters, "for-ever", i64::MAX).await.is_some(), "and what has no end");
}
