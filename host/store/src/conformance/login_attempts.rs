//! The promises of `LoginAttemptAdapter`: the lockout, second by second.

use hookgate_core::adapters::{Adapters, Announcement, Change, LockoutRule, LoginAttempts};
use hookgate_core::clock::Timestamp;
use hookgate_core::hooks::Hook;

use super::check::checks;
use super::fixtures::{NOW, NOW_MS, RACERS, done, event, race_done, user};

checks!("login_attempts":
    an_unknown_key_has_no_failures,
    the_lockout_follows_its_table,
    a_lock_longer_than_the_window_holds,
    keys_are_counted_apart,
    the_worst_of_several_keys_counts,
    a_key_that_is_named_twice_failed_once,
    the_failure_that_locks_says_so_once,
    racing_failures_are_all_counted,
    attempts_are_forgotten_on_success,
    expired_attempts_are_cleaned_up,
);

const RULE: LockoutRule = LockoutRule { max_attempts: 3, lockout_seconds: 300, window_seconds: 900 };

fn keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|&key| key.to_owned()).collect()
}

async fn fail(adapters: &Adapters, names: &[&str], now: Timestamp) {
    let attempt = keys(names);
    done(adapters.login_attempts.record_failure(&attempt, RULE, now), "a failure is counted").await;
}

async fn attempts(adapters: &Adapters, names: &[&str], now: Timestamp) -> LoginAttempts {
    done(adapters.login_attempts.get_attempts(&keys(names), now), "attempts can be looked up").await
}

async fn an_unknown_key_has_no_failures(adapters: &Adapters) {
    assert_eq!(attempts(adapters, &["nobody"], NOW).await, LoginAttempts::default());
    assert_eq!(attempts(adapters, &[], NOW).await, LoginAttempts::default(), "nor has no key at all");
    fail(adapters, &[], NOW).await;
}

async fn the_lockout_follows_its_table(adapters: &Adapters) {
    enum Step {
        Fail,
        /// Failures, and the second at which the lock ends.
        Expect(u32, Option<i64>),
    }
    use Step::{Expect, Fail};

    let steps = [
        (0, Fail, "the first failure"),
        (0, Expect(1, None), "counts one"),
        (899, Expect(1, None), "and is remembered for the window"),
        (900, Expect(0, None), "but no longer"),
        (1_000, Fail, "after that the count"),
        (1_000, Expect(1, None), "starts at zero"),
        (1_899, Fail, "a second one just in time"),
        (1_899, Expect(2, None), "adds up"),
        (2_798, Expect(2, None), "and the window starts anew with it"),
        (2_798, Fail, "the third one"),
        (2_798, Expect(3, Some(3_098)), "locks"),
        (3_000, Fail, "a failure during the lock"),
        (3_000, Expect(3, Some(3_098)), "is not counted and prolongs nothing"),
        (3_097, Expect(3, Some(3_098)), "the lock holds to its last second"),
        (3_098, Expect(0, None), "and then everything is forgotten"),
        (3_098, Fail, "a failure after the lock"),
        (3_098, Expect(1, None), "is the first again"),
    ];
    for (second, step, story) in steps {
        let now = NOW.plus(second);
        match step {
            Fail => fail(adapters, &["ada"], now).await,
            Expect(failures, lock) => {
                let found = attempts(adapters, &["ada"], now).await;
                let expected = LoginAttempts { failures, locked_until: lock.map(|end| NOW.plus(end)) };
                assert_eq!(found, expected, "second {second}: {story}");
                assert_eq!(found.is_locked(now), lock.is_some(), "second {second}: {story}");
            }
        }
    }
}

async fn a_lock_longer_than_the_window_holds(adapters: &Adapters) {
    let rule = LockoutRule { max_attempts: 1, lockout_seconds: 5000, window_seconds: 10 };
    done(adapters.login_attempts.record_failure(&keys(&["ada"]), rule, NOW), "fail").await;
    let found = attempts(adapters, &["ada"], NOW.plus(4999)).await;
    assert_eq!(found.locked_until, Some(NOW.plus(5000)), "a lock is not cut short by the window");
    let found = attempts(adapters, &["ada"], NOW.plus(5000)).await;
    assert_eq!(found, LoginAttempts::default(), "and ends by itself");
}

async fn keys_are_counted_apart(adapters: &Adapters) {
    fail(adapters, &["email:ada", "ip:1"], NOW).await;
    fail(adapters, &["email:bob", "ip:1"], NOW).await;
    assert_eq!(attempts(adapters, &["email:ada"], NOW).await.failures, 1);
    assert_eq!(attempts(adapters, &["email:bob"], NOW).await.failures, 1);
    assert_eq!(attempts(adapters, &["ip:1"], NOW).await.failures, 2, "each key of a failure counts it");
}

async fn the_worst_of_several_keys_counts(adapters: &Adapters) {
    fail(adapters, &["early"], NOW).await;
    fail(adapters, &["early"], NOW).await;
    fail(adapters, &["early"], NOW).await;
    fail(adapters, &["fresh"], NOW.plus(10)).await;
    for _ in 0..3 {
        fail(adapters, &["late"], NOW.plus(20)).await;
    }
    let now = NOW.plus(20);
    let found = attempts(adapters, &["fresh", "early"], now).await;
    assert_eq!(found, LoginAttempts { failures: 3, locked_until: Some(NOW.plus(300)) }, "most failures");
    let found = attempts(adapters, &["late", "early"], now).await;
    assert_eq!(found.locked_until, Some(NOW.plus(320)), "the latest lock, whatever the order");
    let found = attempts(adapters, &["early", "fresh"], NOW.plus(300)).await;
    assert_eq!(found, LoginAttempts { failures: 1, locked_until: None }, "an expired record is left out");

    fail(adapters, &["late", "fresh"], now).await;
    assert_eq!(attempts(adapters, &["fresh"], now).await.failures, 2, "a locked key keeps no other back");
    assert_eq!(attempts(adapters, &["late"], now).await.failures, 3, "and is left alone itself");
}

async fn a_key_that_is_named_twice_failed_once(adapters: &Adapters) {
    fail(adapters, &["ada", "ada"], NOW).await;
    assert_eq!(attempts(adapters, &["ada"], NOW).await.failures, 1);
}

async fn the_failure_that_locks_says_so_once(adapters: &Adapters) {
    fail(adapters, &["ip:1"], NOW).await;
    fail(adapters, &["ip:1"], NOW).await;
    let mut locks = Vec::new();
    for _ in 0..4 {
        let names = keys(&["ada", "ip:1"]);
        let failure = adapters.login_attempts.record_failure(&names, RULE, NOW);
        locks.push(done(failure, "a failure is counted").await);
    }
    assert_eq!(locks, [false, false, true, false], "the first of the keys counts, and only the moment");

    // As a change, it tells whom it concerns in the same transaction.
    for _ in 0..4 {
        let on_lock = Some(Announcement {
            event: event(Hook::OnLockout, &user("bob"), NOW_MS),
            plugins: vec!["crm".to_owned()],
        });
        let change = Change::RecordLoginFailure { keys: keys(&["bob"]), rule: RULE, now: NOW, on_lock };
        done(adapters.transactions.commit(vec![change]), "a failure is counted").await;
    }
    let stats = done(adapters.outbox.outbox_stats(), "statistics").await;
    assert_eq!(stats.pending, 1, "one lock, one event");
}

async fn racing_failures_are_all_counted(adapters: &Adapters) {
    let rule = LockoutRule { max_attempts: 1000, ..RULE };
    let call = |_| {
        let login_attempts = adapters.login_attempts.clone();
        async move { login_attempts.record_failure(&keys(&["ada"]), rule, NOW).await }
    };
    race_done(call, "a failure is counted").await;
    let found = attempts(adapters, &["ada"], NOW).await.failures;
    assert_eq!(usize::try_from(found).ok(), Some(RACERS), "no failure is lost in a race");
}

async fn attempts_are_forgotten_on_success(adapters: &Adapters) {
    for _ in 0..3 {
        fail(adapters, &["ada", "bob"], NOW).await;
    }
    done(adapters.login_attempts.clear_attempts(&keys(&["ada", "nobody"])), "clear").await;
    assert_eq!(attempts(adapters, &["ada"], NOW).await, LoginAttempts::default(), "count and lock are gone");
    assert!(attempts(adapters, &["bob"], NOW).await.is_locked(NOW), "the others are not touched");
}

async fn expired_attempts_are_cleaned_up(adapters: &Adapters) {
    for number in 0..5 {
        fail(adapters, &[&format!("key-{number}")], NOW.plus(number)).await;
    }
    let now = NOW.plus(900 + 3);
    let mut counts = Vec::new();
    for _ in 0..3 {
        counts.push(done(adapters.login_attempts.cleanup_expired_attempts(now, 3), "clean up").await);
    }
    assert_eq!(counts, [3, 1, 0], "what is expired goes, at most `limit` at once");
    assert_eq!(attempts(adapters, &["key-4"], now).await.failures, 1, "what is not expired stays");
}
