//! The promises of `RoleAdapter`.

use std::collections::BTreeSet;

use hookgate_core::adapters::{Adapters, Change, Conflict};
use hookgate_core::role::Role;

use super::check::checks;
use super::fixtures::{done, given_user, race_done, refused, role, user};

checks!("roles":
    a_role_comes_back_as_it_was,
    a_role_exists_once,
    a_role_can_be_made_sure_of,
    roles_are_listed_by_name,
    permissions_are_added_and_removed,
    a_missing_role_cannot_be_changed,
    assigning_twice_is_assigning_once,
    an_assignment_needs_both_ends,
    a_role_is_revoked,
    the_roles_of_a_user_come_with_their_permissions,
    a_deleted_role_is_taken_from_its_holders,
);

fn set(permissions: &[&str]) -> BTreeSet<String> {
    role("", permissions).permissions
}

async fn given(adapters: &Adapters, name: &str, permissions: &[&str]) -> Role {
    let role = role(name, permissions);
    done(adapters.roles.create_role(role.clone()), "a new role is stored").await;
    role
}

async fn find(adapters: &Adapters, name: &str) -> Option<Role> {
    done(adapters.roles.get_role(name), "a role can be looked up").await
}

async fn a_role_comes_back_as_it_was(adapters: &Adapters) {
    let editor = given(adapters, "editor", &["read", "write"]).await;
    let guest = given(adapters, "guest", &[]).await;
    assert_eq!(find(adapters, "editor").await, Some(editor), "with its permissions");
    assert_eq!(find(adapters, "guest").await, Some(guest), "also if there are none");
    assert_eq!(find(adapters, "Editor").await, None, "names are told apart by their letters' case");
}

async fn a_role_exists_once(adapters: &Adapters) {
    let first = given(adapters, "editor", &["read"]).await;
    refused(
        adapters.roles.create_role(role("editor", &["write"])),
        Conflict::RoleExists,
        "a name stands for one role",
    )
    .await;
    assert_eq!(find(adapters, "editor").await, Some(first), "the first one stays as it was");
}

async fn a_role_can_be_made_sure_of(adapters: &Adapters) {
    let editor = given(adapters, "editor", &["read"]).await;
    for name in ["editor", "guest", "guest"] {
        let ensure = vec![Change::EnsureRole(name.to_owned())];
        done(adapters.transactions.commit(ensure), "there or not").await;
    }
    assert_eq!(find(adapters, "editor").await, Some(editor), "one that is there stays as it was");
    assert_eq!(
        find(adapters, "guest").await,
        Some(role("guest", &[])),
        "one that was not has no permissions"
    );
}

async fn roles_are_listed_by_name(adapters: &Adapters) {
    assert_eq!(done(adapters.roles.list_roles(), "list").await, [], "no roles at first");
    let c = given(adapters, "c", &["z", "a"]).await;
    let a = given(adapters, "a", &[]).await;
    let b = given(adapters, "B", &["x"]).await;
    let listed = done(adapters.roles.list_roles(), "list").await;
    assert_eq!(listed, [b, a, c], "every role with its permissions, in the order of bytes");
}

async fn permissions_are_added_and_removed(adapters: &Adapters) {
    given(adapters, "editor", &["read"]).await;
    given(adapters, "other", &["read"]).await;
    done(adapters.roles.add_permissions("editor", set(&["read", "write"])), "adding twice is fine").await;
    assert_eq!(find(adapters, "editor").await, Some(role("editor", &["read", "write"])));
    done(adapters.roles.remove_permissions("editor", set(&["read", "fly"])), "what it lacks is fine").await;
    assert_eq!(find(adapters, "editor").await, Some(role("editor", &["write"])));
    done(adapters.roles.add_permissions("editor", set(&[])), "adding nothing is fine").await;
    done(adapters.roles.remove_permissions("editor", set(&[])), "so is removing nothing").await;
    assert_eq!(find(adapters, "other").await, Some(role("other", &["read"])), "others are not touched");
}

async fn a_missing_role_cannot_be_changed(adapters: &Adapters) {
    let roles = &adapters.roles;
    let missing = Conflict::RoleMissing;
    refused(roles.add_permissions("none", set(&["read"])), missing, "add_permissions").await;
    refused(roles.add_permissions("none", set(&[])), missing, "add_permissions of nothing").await;
    refused(roles.remove_permissions("none", set(&["read"])), missing, "remove_permissions").await;
    refused(roles.remove_permissions("none", set(&[])), missing, "remove_permissions of nothing").await;
    refused(roles.delete_role("none"), missing, "delete_role").await;
    assert_eq!(find(adapters, "none").await, None, "nothing came to be");
}

async fn assigning_twice_is_assigning_once(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let editor = given(adapters, "editor", &["read"]).await;
    let call = |_| {
        let (roles, id) = (adapters.roles.clone(), ada.id.clone());
        async move { roles.assign_role(&id, "editor").await }
    };
    race_done(call, "giving a role again is fine").await;
    let held = done(adapters.roles.get_user_roles(&ada.id), "list").await;
    assert_eq!(held, [editor], "and it is held once");
    done(adapters.roles.revoke_role(&ada.id, "editor"), "revoke").await;
    assert_eq!(done(adapters.roles.get_user_roles(&ada.id), "list").await, [], "one revocation takes it");
}

async fn an_assignment_needs_both_ends(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    given(adapters, "editor", &[]).await;
    let nobody = user("nobody").id;
    refused(adapters.roles.assign_role(&ada.id, "none"), Conflict::RoleMissing, "an unknown role").await;
    refused(adapters.roles.assign_role(&nobody, "editor"), Conflict::UserMissing, "an unknown user").await;
}

async fn a_role_is_revoked(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let bob = given_user(adapters, "bob").await;
    let editor = given(adapters, "editor", &[]).await;
    let guest = given(adapters, "guest", &[]).await;
    for user in [&ada, &bob] {
        done(adapters.roles.assign_role(&user.id, "editor"), "assign").await;
        done(adapters.roles.assign_role(&user.id, "guest"), "assign").await;
    }
    done(adapters.roles.revoke_role(&ada.id, "editor"), "revoke").await;
    done(adapters.roles.revoke_role(&ada.id, "editor"), "revoking what is not held is fine").await;
    done(adapters.roles.revoke_role(&user("nobody").id, "none"), "whoever and whatever it is").await;
    assert_eq!(done(adapters.roles.get_user_roles(&bob.id), "list").await, [editor, guest.clone()]);
    assert_eq!(done(adapters.roles.get_user_roles(&ada.id), "list").await, [guest]);
}

async fn the_roles_of_a_user_come_with_their_permissions(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    let b = given(adapters, "b", &["read", "write"]).await;
    let a = given(adapters, "a", &[]).await;
    given(adapters, "c", &["fly"]).await;
    done(adapters.roles.assign_role(&ada.id, "b"), "assign").await;
    done(adapters.roles.assign_role(&ada.id, "a"), "assign").await;
    let held = done(adapters.roles.get_user_roles(&ada.id), "list").await;
    assert_eq!(held, [a, b], "the roles that are held, whole, by name");
    assert_eq!(done(adapters.roles.get_user_roles(&user("nobody").id), "list").await, [], "unknown user");
}

async fn a_deleted_role_is_taken_from_its_holders(adapters: &Adapters) {
    let ada = given_user(adapters, "ada").await;
    given(adapters, "editor", &["read"]).await;
    let guest = given(adapters, "guest", &[]).await;
    done(adapters.roles.assign_role(&ada.id, "editor"), "assign").await;
    done(adapters.roles.assign_role(&ada.id, "guest"), "assign").await;
    done(adapters.roles.delete_role("editor"), "delete").await;
    assert_eq!(find(adapters, "editor").await, None, "a deleted role is gone");
    assert_eq!(done(adapters.roles.get_user_roles(&ada.id), "list").await, [guest], "its holders lost it");

    let reborn = given(adapters, "editor", &[]).await;
    assert_eq!(find(adapters, "editor").await, Some(reborn), "a new role of the name inherits nothing");
    let held = done(adapters.roles.get_user_roles(&ada.id), "list").await;
    assert_eq!(held.len(), 1, "nor do the holders of the old one get it back");
}
