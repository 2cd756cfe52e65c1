//! The promises of `OutboxAdapter` about single deliveries.

use hookgate_core::adapters::{Adapters, Announcement, Change, OutboxStats};
use hookgate_core::event::{Delivery, Event, Parcel};
use hookgate_core::hooks::{Hook, RequestContext};
use hookgate_core::user::User;

use super::check::checks;
use super::fixtures::{NOW, NOW_MS, done, event, passkey, user};

checks!("outbox":
    an_empty_outbox_is_quiet,
    letters_wait_in_a_lane_of_their_own,
    an_event_waits_for_each_plugin,
    an_event_comes_back_as_it_was,
    an_event_needs_no_user,
    a_delivered_event_is_gone,
    a_failed_delivery_is_put_off,
    a_dead_delivery_is_kept_aside,
    a_dead_delivery_comes_back_to_its_place,
    what_is_unknown_is_left_alone,
    an_id_is_never_given_twice,
    the_statistics_add_up,
);

/// The recipient and the event of a delivery.
pub(super) fn told(delivery: &Delivery) -> (&str, &Event) {
    match &delivery.parcel {
        Parcel::Event { plugin, event } => (plugin, event),
        Parcel::Letter(_) => panic!("an event was put in, a letter came out"),
    }
}

/// Puts an event into the outbox.
pub(super) async fn enqueue(adapters: &Adapters, event: Event, plugins: &[&str]) {
    let plugins = plugins.iter().map(|&plugin| plugin.to_owned()).collect();
    let change = Change::Enqueue(Announcement { event, plugins });
    done(adapters.transactions.commit(vec![change]), "an event is written").await;
}

/// What is due at a time.
pub(super) async fn due(adapters: &Adapters, now_ms: i64) -> Vec<Delivery> {
    done(adapters.outbox.due_deliveries(now_ms, 100), "due deliveries can be listed").await
}

/// What is due now, of which there is exactly one.
async fn the_only_one(adapters: &Adapters) -> Delivery {
    let mut due = due(adapters, NOW_MS).await;
    assert_eq!(due.len(), 1, "one delivery is due: {due:?}");
    due.remove(0)
}

async fn next_due_ms(adapters: &Adapters) -> Option<i64> {
    done(adapters.outbox.next_due_ms(), "the next time can be looked up").await
}

async fn letters_wait_in_a_lane_of_their_own(adapters: &Adapters) {
    let ada = user("ada");
    let post =
        |letter: &str| Change::Post { user: ada.id.clone(), letter: letter.to_owned(), now_ms: NOW_MS };
    let told_too = Change::Enqueue(Announcement {
        event: event(Hook::OnSignup, &ada, NOW_MS),
        plugins: vec!["crm".to_owned()],
    });
    done(adapters.transactions.commit(vec![told_too, post("first"), post("second")]), "posted").await;
    let parcels =
        |found: Vec<Delivery>| found.into_iter().map(|delivery| delivery.parcel).collect::<Vec<_>>();
    let first = due(adapters, NOW_MS).await;
    assert_eq!(first.len(), 2, "the event and the first letter");
    assert_eq!(first[1].parcel, Parcel::Letter("first".to_owned()));
    done(adapters.outbox.mark_delivered(&[first[0].id, first[1].id]), "delivered").await;
    assert_eq!(parcels(due(adapters, NOW_MS).await), [Parcel::Letter("second".to_owned())]);
}

async fn an_empty_outbox_is_quiet(adapters: &Adapters) {
    assert_eq!(due(adapters, i64::MAX).await, []);
    assert_eq!(next_due_ms(adapters).await, None);
    let stats = done(adapters.outbox.outbox_stats(), "statistics").await;
    assert_eq!(stats, OutboxStats::default());
}

async fn an_event_waits_for_each_plugin(adapters: &Adapters) {
    let fact = event(Hook::OnSignin, &user("ada"), NOW_MS);
    enqueue(adapters, fact.clone(), &["crm", "audit"]).await;
    enqueue(adapters, event(Hook::OnSignin, &user("bob"), NOW_MS), &[]).await;

    let found = due(adapters, NOW_MS).await;
    let plugins: Vec<&str> = found.iter().map(|delivery| told(delivery).0).collect();
    assert_eq!(plugins, ["crm", "audit"], "one delivery for each plugin that is to be told, and no more");
    for delivery in &found {
        assert_eq!(*told(delivery).1, fact, "each with the same event");
        assert_eq!(delivery.attempts, 0, "not tried yet");
    }
    assert!(next_due_ms(adapters).await.is_some_and(|at| at <= NOW_MS), "and due at once");
}

async fn an_event_comes_back_as_it_was(adapters: &Adapters) {
    let ada = User { image: Some("i".to_owned()), deleted_at: Some(NOW), ..user("ada") };
    let request = RequestContext {
        id: "request-9".to_owned(),
        time_ms: NOW_MS,
        ip: Some("192.0.2.1".to_owned()),
        user_agent: Some("curl".to_owned()),
    };
    let mut fact = Event::new(Hook::OnPasskeyRegistered, ada.clone(), request).by("passkey");
    fact.passkey = Some(passkey("key", &ada));
    fact.is_new = true;
    enqueue(adapters, fact.clone(), &["crm"]).await;

    // A passkey's public key is no part of its serialised form.
    if let Some(passkey) = &mut fact.passkey {
        passkey.public_key.clear();
    }
    assert_eq!(*told(&the_only_one(adapters).await).1, fact, "everything that serialisation keeps is kept");
}

async fn an_event_needs_no_user(adapters: &Adapters) {
    let ada = user("ada");
    done(adapters.users.create_user(ada.clone(), None), "create").await;
    enqueue(adapters, event(Hook::OnSignout, &ada, NOW_MS), &["crm"]).await;
    done(adapters.users.delete_user(&ada.id, false, NOW), "hard deletion").await;
    assert_eq!(told(&the_only_one(adapters).await).1.user, ada, "an event outlives its user");
}

async fn a_delivered_event_is_gone(adapters: &Adapters) {
    for id in ["ada", "bob", "cyd"] {
        enqueue(adapters, event(Hook::OnSignin, &user(id), NOW_MS), &["crm"]).await;
    }
    let found = due(adapters, NOW_MS).await;
    done(adapters.outbox.mark_delivered(&[found[0].id, found[2].id]), "delivered").await;
    assert_eq!(the_only_one(adapters).await, found[1], "what was delivered is gone, the rest is not");
    done(adapters.outbox.mark_delivered(&[]), "delivering nothing is fine").await;
}

async fn a_failed_delivery_is_put_off(adapters: &Adapters) {
    enqueue(adapters, event(Hook::OnSignin, &user("ada"), NOW_MS), &["crm"]).await;
    let first = the_only_one(adapters).await;
    let later = NOW_MS + 5_000;
    done(adapters.outbox.mark_failed(first.id, later, "out of fuel"), "failed").await;

    assert_eq!(due(adapters, later - 1).await, [], "not before its time");
    assert_eq!(next_due_ms(adapters).await, Some(later), "which can be waited for");
    let again = due(adapters, later).await;
    assert_eq!(again, [Delivery { attempts: 1, ..first.clone() }], "then again, with the attempt counted");
    done(adapters.outbox.mark_failed(first.id, later, "again"), "failed").await;
    assert_eq!(due(adapters, later).await, [Delivery { attempts: 2, ..first }], "and so on");
}

async fn a_dead_delivery_is_kept_aside(adapters: &Adapters) {
    enqueue(adapters, event(Hook::OnSignin, &user("ada"), NOW_MS), &["crm"]).await;
    let first = the_only_one(adapters).await;
    done(adapters.outbox.mark_dead(first.id, "gave up"), "dead").await;
    done(adapters.outbox.mark_failed(first.id, NOW_MS, "late answer"), "too late for a failure").await;

    assert_eq!(due(adapters, i64::MAX).await, [], "what is dead is never due");
    assert_eq!(next_due_ms(adapters).await, None, "nor waited for");
    let stats = done(adapters.outbox.outbox_stats(), "statistics").await;
    assert_eq!((stats.pending, stats.dead), (0, 1), "but kept for the operator");
}

async fn a_dead_delivery_comes_back_to_its_place(adapters: &Adapters) {
    for hook in [Hook::OnSignup, Hook::OnSignin, Hook::OnSignout] {
        enqueue(adapters, event(hook, &user("ada"), NOW_MS), &["crm"]).await;
    }
    let first = the_only_one(adapters).await;
    done(adapters.outbox.mark_failed(first.id, NOW_MS, "tired"), "failed").await;
    done(adapters.outbox.mark_dead(first.id, "gave up"), "dead").await;
    let second = the_only_one(adapters).await;
    done(adapters.outbox.mark_dead(second.id, "gave up too"), "dead").await;

    let dead = done(adapters.outbox.list_dead(0, 10), "the dead are listed").await;
    let seen: Vec<_> = dead.iter().map(|dead| (dead.delivery.id, &*dead.error, dead.created_ms)).collect();
    assert_eq!(seen, [(first.id, "gave up", NOW_MS), (second.id, "gave up too", NOW_MS)]);
    assert_eq!(dead[0].delivery.attempts, 1, "with what was tried");
    let page = done(adapters.outbox.list_dead(first.id, 10), "a page").await;
    assert_eq!(page.len(), 1, "after the one that was seen last");
    assert_eq!(done(adapters.outbox.list_dead(0, 1), "a page").await.len(), 1, "and no more than asked for");

    let third = the_only_one(adapters).await;
    assert_eq!(done(adapters.outbox.revive(&[first.id, third.id], NOW_MS), "revive").await, 1);
    assert_eq!(the_only_one(adapters).await, first, "it is before what came after it, and counts from zero");
    assert_eq!(done(adapters.outbox.revive(&[second.id], NOW_MS), "revive").await, 1);
    done(adapters.outbox.mark_delivered(&[first.id]), "delivered").await;
    assert_eq!(the_only_one(adapters).await.id, second.id, "and so is the next");
}

async fn what_is_unknown_is_left_alone(adapters: &Adapters) {
    enqueue(adapters, event(Hook::OnSignin, &user("ada"), NOW_MS), &["crm"]).await;
    let first = the_only_one(adapters).await;
    let unknown = first.id + 1000;
    done(adapters.outbox.mark_delivered(&[unknown]), "unknown").await;
    done(adapters.outbox.mark_failed(unknown, NOW_MS, "unknown"), "unknown").await;
    done(adapters.outbox.mark_dead(unknown, "unknown"), "unknown").await;
    assert_eq!(the_only_one(adapters).await, first, "the others are not touched");
}

async fn an_id_is_never_given_twice(adapters: &Adapters) {
    let mut last = i64::MIN;
    for _ in 0..3 {
        enqueue(adapters, event(Hook::OnSignin, &user("ada"), NOW_MS), &["crm"]).await;
        let id = the_only_one(adapters).await.id;
        assert!(id > last, "ids grow, also after the row with the largest one went ({id} after {last})");
        last = id;
        done(adapters.outbox.mark_delivered(&[id]), "delivered").await;
    }
}

async fn the_statistics_add_up(adapters: &Adapters) {
    for (id, age) in [("ada", 10), ("bob", 30), ("cyd", 20)] {
        enqueue(adapters, event(Hook::OnSignin, &user(id), NOW_MS - age), &["crm", "audit"]).await;
    }
    let stats = done(adapters.outbox.outbox_stats(), "statistics").await;
    let expected = OutboxStats { pending: 6, dead: 0, oldest_pending_ms: Some(NOW_MS - 30) };
    assert_eq!(stats, expected, "what waits, and since when");

    for delivery in due(adapters, NOW_MS).await {
        match told(&delivery).1.user.id.as_str() {
            "ada" => done(adapters.outbox.mark_failed(delivery.id, NOW_MS + 1, "failed"), "failed").await,
            "bob" => done(adapters.outbox.mark_dead(delivery.id, "dead"), "dead").await,
            _ => done(adapters.outbox.mark_delivered(&[delivery.id]), "delivered").await,
        }
    }
    let stats = done(adapters.outbox.outbox_stats(), "statistics").await;
    let expected = OutboxStats { pending: 2, dead: 2, oldest_pending_ms: Some(NOW_MS - 10) };
    assert_eq!(stats, expected, "a failed one waits, a dead one does not, a delivered one is gone");
}
