//! The promises of `OutboxAdapter` about order: what of one user goes to one plugin stays in line.

use hookgate_core::adapters::Adapters;
use hookgate_core::event::Delivery;
use hookgate_core::hooks::Hook;

use super::check::checks;
use super::fixtures::{NOW_MS, done, event, race_done, user};
use super::outbox::{due, enqueue, told};

checks!("outbox_lanes":
    events_of_a_user_come_one_by_one_in_order,
    a_failing_event_holds_up_those_behind_it,
    a_dead_event_lets_those_behind_it_through,
    users_and_plugins_do_not_wait_for_each_other,
    an_event_that_goes_out_of_turn_blocks_nobody,
    a_lane_that_ran_dry_starts_again,
    due_deliveries_come_in_the_order_of_writing,
    the_limit_starves_nobody,
    racing_facts_are_all_delivered_in_some_order,
);

/// Writes numbered events of a user.
async fn given(adapters: &Adapters, id: &str, numbers: std::ops::Range<u32>, plugins: &[&str]) {
    for number in numbers {
        let fact = event(Hook::OnSignin, &user(id), NOW_MS).by(&number.to_string());
        enqueue(adapters, fact, plugins).await;
    }
}

/// Whose events are due, as `user/plugin/number`.
fn labels(deliveries: &[Delivery]) -> Vec<String> {
    deliveries
        .iter()
        .map(|delivery| {
            let number = told(delivery).1.provider.as_deref().unwrap_or_default();
            format!("{}/{}/{number}", told(delivery).1.user.id, told(delivery).0)
        })
        .collect()
}

async fn due_labels(adapters: &Adapters, now_ms: i64) -> Vec<String> {
    labels(&due(adapters, now_ms).await)
}

async fn deliver(adapters: &Adapters, deliveries: &[Delivery]) {
    let ids: Vec<i64> = deliveries.iter().map(|delivery| delivery.id).collect();
    done(adapters.outbox.mark_delivered(&ids), "delivered").await;
}

async fn events_of_a_user_come_one_by_one_in_order(adapters: &Adapters) {
    given(adapters, "ada", 0..4, &["crm"]).await;
    for number in 0..4 {
        let found = due(adapters, NOW_MS).await;
        assert_eq!(labels(&found), [format!("ada/crm/{number}")], "one at a time, in the order of facts");
        deliver(adapters, &found).await;
    }
    assert_eq!(due(adapters, i64::MAX).await, []);
}

async fn a_failing_event_holds_up_those_behind_it(adapters: &Adapters) {
    given(adapters, "ada", 0..3, &["crm"]).await;
    let first = due(adapters, NOW_MS).await.remove(0);
    let later = NOW_MS + 60_000;
    done(adapters.outbox.mark_failed(first.id, later, "failed"), "failed").await;
    given(adapters, "ada", 3..4, &["crm"]).await;

    assert_eq!(due_labels(adapters, later - 1).await, [""; 0], "nobody overtakes a failing one");
    let next = done(adapters.outbox.next_due_ms(), "next").await;
    assert_eq!(next, Some(later), "so nothing happens before its next attempt");
    assert_eq!(due_labels(adapters, later).await, ["ada/crm/0"], "which is its own");
    deliver(adapters, &[first]).await;
    assert_eq!(due_labels(adapters, later).await, ["ada/crm/1"], "then the next one's turn has come");
}

async fn a_dead_event_lets_those_behind_it_through(adapters: &Adapters) {
    given(adapters, "ada", 0..3, &["crm"]).await;
    let first = due(adapters, NOW_MS).await.remove(0);
    done(adapters.outbox.mark_failed(first.id, NOW_MS + 60_000, "failed"), "failed").await;
    done(adapters.outbox.mark_dead(first.id, "gave up"), "dead").await;
    let found = due(adapters, NOW_MS).await;
    assert_eq!(labels(&found), ["ada/crm/1"], "once given up, an event holds up nobody");
    done(adapters.outbox.mark_dead(first.id, "again"), "giving up twice is giving up once").await;
    assert_eq!(due_labels(adapters, NOW_MS).await, ["ada/crm/1"], "and lets in only one");
    deliver(adapters, &[first]).await;
    assert_eq!(due_labels(adapters, NOW_MS).await, ["ada/crm/1"], "as does its removal");
    deliver(adapters, &found).await;
    assert_eq!(due_labels(adapters, NOW_MS).await, ["ada/crm/2"]);
}

async fn users_and_plugins_do_not_wait_for_each_other(adapters: &Adapters) {
    given(adapters, "ada", 0..2, &["crm", "audit"]).await;
    given(adapters, "bob", 0..1, &["crm"]).await;
    let found = due(adapters, NOW_MS).await;
    assert_eq!(labels(&found), ["ada/crm/0", "ada/audit/0", "bob/crm/0"]);

    done(adapters.outbox.mark_failed(found[0].id, NOW_MS + 1, "failed"), "failed").await;
    deliver(adapters, &found[1..2]).await;
    let found = due_labels(adapters, NOW_MS).await;
    assert_eq!(
        found,
        ["ada/audit/1", "bob/crm/0"],
        "what fails at one plugin holds up neither another plugin nor another user"
    );
}

async fn an_event_that_goes_out_of_turn_blocks_nobody(adapters: &Adapters) {
    given(adapters, "ada", 0..1, &["crm"]).await;
    let first = due(adapters, NOW_MS).await.remove(0);
    given(adapters, "ada", 1..3, &["crm"]).await;
    // Ids grow in the order of writing, so the third is two after the first here.
    done(adapters.outbox.mark_dead(first.id + 1, "by the operator"), "dead").await;
    assert_eq!(due_labels(adapters, NOW_MS).await, ["ada/crm/0"], "the first stays the first");
    deliver(adapters, &[first]).await;
    assert_eq!(due_labels(adapters, NOW_MS).await, ["ada/crm/2"], "and the one that is left follows");
}

async fn a_lane_that_ran_dry_starts_again(adapters: &Adapters) {
    for number in 0..3 {
        given(adapters, "ada", number..number + 1, &["crm"]).await;
        let found = due(adapters, NOW_MS).await;
        assert_eq!(labels(&found), [format!("ada/crm/{number}")], "a new event after the last one went");
        if number == 1 {
            done(adapters.outbox.mark_dead(found[0].id, "gave up"), "dead").await;
        } else {
            deliver(adapters, &found).await;
        }
    }
}

async fn due_deliveries_come_in_the_order_of_writing(adapters: &Adapters) {
    for id in ["zoe", "ada", "mia"] {
        given(adapters, id, 0..1, &["crm"]).await;
    }
    let zoe = due(adapters, NOW_MS).await.remove(0);
    done(adapters.outbox.mark_failed(zoe.id, NOW_MS + 5, "failed"), "failed").await;
    let found = due_labels(adapters, NOW_MS + 5).await;
    assert_eq!(found, ["zoe/crm/0", "ada/crm/0", "mia/crm/0"], "not in the order of attempts");
}

async fn the_limit_starves_nobody(adapters: &Adapters) {
    for id in ["a", "b", "c", "d", "e"] {
        given(adapters, id, 0..2, &["crm"]).await;
    }
    let mut delivered = Vec::new();
    loop {
        let found = done(adapters.outbox.due_deliveries(NOW_MS, 3), "due").await;
        assert!(found.len() <= 3, "at most `limit` at once");
        if found.is_empty() {
            break;
        }
        delivered.extend(labels(&found));
        deliver(adapters, &found).await;
    }
    assert_eq!(delivered.len(), 10, "all are delivered in the end: {delivered:?}");
    for id in ["a", "b", "c", "d", "e"] {
        let of_user: Vec<&String> = delivered.iter().filter(|label| label.starts_with(id)).collect();
        assert_eq!(of_user, [&format!("{id}/crm/0"), &format!("{id}/crm/1")], "each user's in order");
    }
}

async fn racing_facts_are_all_delivered_in_some_order(adapters: &Adapters) {
    let call = |number: usize| {
        let transactions = adapters.transactions.clone();
        let event = event(Hook::OnSignin, &user("ada"), NOW_MS).by(&number.to_string());
        let change = hookgate_core::adapters::Change::Enqueue(hookgate_core::adapters::Announcement {
            event,
            plugins: vec!["crm".to_owned()],
        });
        async move { transactions.commit(vec![change]).await }
    };
    race_done(call, "an event is written").await;
    let mut seen = std::collections::BTreeSet::new();
    loop {
        let found = due(adapters, NOW_MS).await;
        if found.is_empty() {
            break;
        }
        assert_eq!(found.len(), 1, "one at a time, also after a race: {found:?}");
        seen.extend(found.iter().map(|delivery| told(delivery).1.id.clone()));
        deliver(adapters, &found).await;
    }
    assert_eq!(seen.len(), super::fixtures::RACERS, "every event was delivered");
}
