/* The reference plugin, see ../README.md. */
#include "hookgate.h"

#ifndef LANG
#define LANG HOOKGATE_TEXT("c")
#endif

static bool is_error(const hookgate_user *user) { return hookgate_starts_with(user->email, "error"); }

static hookgate_answer boom(const hookgate_user *user) {
    return hookgate_fail(hookgate_join(HOOKGATE_TEXT("boom "), user->email));
}

HOOKGATE_ALLOW_SIGNIN(user, provider) {
    if (is_error(user)) {
        return boom(user);
    }
    if (hookgate_starts_with(user->email, "denied")) {
        hookgate_text name = hookgate_or(user->name, "stranger");
        return hookgate_deny(HOOKGATE_TEXT("reference.denied"),
                             hookgate_join(HOOKGATE_TEXT("No entry, "), name, HOOKGATE_TEXT(". 🦊")),
                             hookgate_join(user->email, HOOKGATE_TEXT(" by "), provider));
    }
    return hookgate_allow_if(!hookgate_starts_with(user->email, "bare"));
}

static hookgate_object request_of(void) {
    hookgate_object request = hookgate_object_new();
    hookgate_set_string(&request, "id", hookgate_request_id());
    hookgate_set_int(&request, "time", (int64_t)hookgate_request_time());
    hookgate_set_string(&request, "ip", hookgate_request_ip());
    hookgate_set_string(&request, "user_agent", hookgate_request_user_agent());
    hookgate_set_string(&request, "provider", hookgate_request_provider());
    hookgate_set_bool(&request, "is_new", hookgate_request_is_new());
    hookgate_set_string(&request, "event_id", hookgate_request_event_id());
    hookgate_set_int(&request, "attempt", hookgate_request_attempt());
    return request;
}

static hookgate_object user_of(const hookgate_user *user) {
    hookgate_object object = hookgate_object_new();
    hookgate_set_string(&object, "id", user->id);
    hookgate_set_string(&object, "email", user->email);
    hookgate_set_string(&object, "name", user->name);
    hookgate_set_string(&object, "image", user->image);
    hookgate_set_bool(&object, "email_verified", user->email_verified);
    hookgate_set_bool(&object, "is_active", user->is_active);
    return object;
}

HOOKGATE_MODIFY_JWT(claims, user) {
    if (is_error(user)) {
        return boom(user);
    }
    hookgate_object config = hookgate_config_all(), request = request_of(), about = user_of(user);
    hookgate_object nested = hookgate_object_new();
    hookgate_set(&nested, "list", HOOKGATE_TEXT("[1, \"two\", true, null]"));
    hookgate_set(&nested, "ratio", HOOKGATE_TEXT("0.5"));

    hookgate_remove(claims, "remove_me");
    hookgate_set_string(claims, "lang", LANG);
    hookgate_set_int(claims, "n", 42);
    hookgate_set_object(claims, "nested", &nested);
    hookgate_set_string(claims, "greeting", hookgate_config_get("greeting"));
    hookgate_set_int(claims, "seats", hookgate_get_int(&config, "seats", -1));
    hookgate_set_string(claims, "missing", hookgate_config_get("missing"));
    hookgate_set_object(claims, "config", &config);
    hookgate_set_int(claims, "now", (int64_t)hookgate_request_time());
    hookgate_set_object(claims, "request", &request);
    hookgate_set_string(claims, "token", hookgate_request_token_kind());
    hookgate_set_object(claims, "user", &about);
    return hookgate_ok();
}

/* An array of what was collected. */
static void push(hookgate_text *array, hookgate_text json) {
    hookgate_text comma = array->len == 0 ? HOOKGATE_NONE : HOOKGATE_TEXT(", ");
    *array = hookgate_join(*array, comma, json);
}

static hookgate_text array_of(hookgate_text array) { return hookgate_join(HOOKGATE_TEXT("["), array, HOOKGATE_TEXT("]")); }

static hookgate_text quoted(hookgate_text text) {
    hookgate_object object = hookgate_object_new();
    hookgate_set_string(&object, "x", text);
    return hookgate_get(&object, "x");
}

static hookgate_text got(const char *key) {
    hookgate_text value;
    hookgate_problem problem;
    return hookgate_kv_get(hookgate_text_of(key), &value, &problem) ? quoted(value) : quoted(hookgate_text_of(problem.code));
}

static hookgate_text flag(bool is) { return is ? HOOKGATE_TEXT("true") : HOOKGATE_TEXT("false"); }

/* What `clock`, `random`, `kv`, `http` and `secrets` answer. */
static hookgate_answer asked(hookgate_object *session) {
    hookgate_text k = HOOKGATE_TEXT("k"), n = HOOKGATE_TEXT("n");
    hookgate_problem problem;
    static const hookgate_field headers[] = {{"x-test", {"yes", 3}}};
    static const hookgate_secret_header secret_headers[] = {{"authorization", "Bearer ", "signing"}};
    hookgate_http_request request = {HOOKGATE_TEXT("https://api.example/echo"), "POST", headers, 1, secret_headers, 1,
                                     HOOKGATE_TEXT("hello"), 50};
    hookgate_http_response answer;
    if (!hookgate_http_send(&request, &answer, &problem)) {
        return hookgate_fail_by(&problem);
    }
    int64_t sum;
    bool was_set;
    hookgate_text kept = HOOKGATE_NONE, errors = HOOKGATE_NONE, http = HOOKGATE_NONE, secrets = HOOKGATE_NONE, names = HOOKGATE_NONE;
    push(&kept, got("absent"));
    if (!hookgate_kv_set(k, HOOKGATE_TEXT("v ü"), 60, &problem)) {
        return hookgate_fail_by(&problem);
    }
    push(&kept, got("k"));
    hookgate_kv_increment(n, 2, 60, &sum, NULL);
    push(&kept, hookgate_text_of_int(sum));
    hookgate_kv_increment(n, -5, 0, &sum, NULL);
    push(&kept, hookgate_text_of_int(sum));
    hookgate_kv_compare_and_set(k, HOOKGATE_TEXT("v ü"), HOOKGATE_TEXT("w"), 0, &was_set, NULL);
    push(&kept, flag(was_set));
    hookgate_kv_compare_and_set(k, HOOKGATE_TEXT("x"), HOOKGATE_TEXT("y"), 0, &was_set, NULL);
    push(&kept, flag(was_set));
    push(&kept, got("k"));
    hookgate_kv_increment(k, 1, 0, &sum, &problem);
    push(&errors, quoted(hookgate_text_of(problem.code)));
    push(&errors, got(""));
    hookgate_http_request denied = {HOOKGATE_TEXT("https://denied.example/"), NULL, NULL, 0, NULL, 0, HOOKGATE_NONE, 0};
    hookgate_http_response none;
    hookgate_http_send(&denied, &none, &problem);
    push(&errors, quoted(hookgate_text_of(problem.code)));
    hookgate_kv_delete(k, NULL);
    hookgate_kv_delete(n, NULL);
    push(&kept, got("k"));
    push(&http, hookgate_text_of_int(answer.status));
    push(&http, quoted(hookgate_http_header(&answer, "x-answer")));
    push(&http, quoted(answer.body));
    const hookgate_text *all;
    size_t count = hookgate_secrets_names(&all);
    for (size_t at = 0; at < count; at++) {
        push(&names, quoted(all[at]));
    }
    push(&secrets, array_of(names));
    push(&secrets, quoted(hookgate_hex(hookgate_secrets_hmac_sha256("signing", HOOKGATE_TEXT("data")))));
    push(&secrets, quoted(hookgate_secrets_hmac_sha256("other", HOOKGATE_TEXT("data"))));

    hookgate_object host = hookgate_object_new();
    hookgate_set_int(&host, "clock", (int64_t)hookgate_clock_now());
    hookgate_set_bool(&host, "later", hookgate_clock_monotonic() < INT64_MAX);
    hookgate_set_string(&host, "bytes", hookgate_hex(hookgate_random_bytes(8)));
    hookgate_set_string(&host, "number", hookgate_text_of_int((int64_t)hookgate_random_number()));
    hookgate_set(&host, "kv", array_of(kept));
    hookgate_set(&host, "errors", array_of(errors));
    hookgate_set(&host, "http", array_of(http));
    hookgate_set(&host, "secrets", array_of(secrets));
    hookgate_set_object(session, "host", &host);
    return hookgate_ok();
}

HOOKGATE_MODIFY_SESSION(session, user) {
    if (is_error(user)) {
        return boom(user);
    }
    if (hookgate_starts_with(user->email, "host")) {
        return asked(session);
    }
    hookgate_object seen = hookgate_object_new();
    hookgate_set_string(&seen, "request", hookgate_request_id());
    hookgate_set_bool(&seen, "verified", user->email_verified);
    hookgate_set_string(session, "lang", LANG);
    hookgate_set_object(session, "seen", &seen);
    return hookgate_ok();
}

static hookgate_answer told(const char *hook, const hookgate_user *user, hookgate_text about) {
    if (is_error(user)) {
        return boom(user);
    }
    hookgate_text name = hookgate_text_of(hook);
    hookgate_log(HOOKGATE_INFO, hookgate_join(name, HOOKGATE_TEXT(" "), user->id),
                 HOOKGATE_FIELDS({"hook", name}, {"user.id", user->id}, {"event.id", hookgate_request_event_id()},
                                 {"attempt", hookgate_text_of_int(hookgate_request_attempt())}, {"about", about}));
    return hookgate_ok();
}

static hookgate_text describe(const hookgate_passkey *passkey) {
    hookgate_text comma = HOOKGATE_TEXT(", ");
    return hookgate_join(
        passkey->id, HOOKGATE_TEXT(" of "), passkey->user_id, HOOKGATE_TEXT(": "), passkey->name, comma,
        hookgate_text_of_int(passkey->sign_count), comma, hookgate_text_of_int((int64_t)passkey->created_at), comma,
        passkey->was_used ? hookgate_text_of_int((int64_t)passkey->last_used_at) : HOOKGATE_TEXT("never"));
}

HOOKGATE_ON_SIGNUP(user) { return told("on-signup", user, HOOKGATE_NONE); }
HOOKGATE_ON_SIGNIN(user, provider) { return told("on-signin", user, provider); }
HOOKGATE_ON_SIGNOUT(user) { return told("on-signout", user, HOOKGATE_NONE); }
HOOKGATE_ON_TOKEN_REFRESH(user) { return told("on-token-refresh", user, HOOKGATE_NONE); }
HOOKGATE_ON_EMAIL_VERIFY(user) { return told("on-email-verify", user, HOOKGATE_NONE); }
HOOKGATE_ON_PASSWORD_RESET(user) { return told("on-password-reset", user, HOOKGATE_NONE); }
HOOKGATE_ON_OAUTH_LINK(user, provider) { return told("on-oauth-link", user, provider); }
HOOKGATE_ON_MAGIC_LINK_SENT(user) { return told("on-magic-link-sent", user, HOOKGATE_NONE); }
HOOKGATE_ON_PASSKEY_REGISTERED(user, passkey) { return told("on-passkey-registered", user, describe(passkey)); }
HOOKGATE_ON_PASSKEY_DELETED(user, passkey) { return told("on-passkey-deleted", user, describe(passkey)); }
HOOKGATE_ON_SIGNIN_FAILED(user, reason) { return told("on-signin-failed", user, reason); }
HOOKGATE_ON_LOCKOUT(user) { return told("on-lockout", user, HOOKGATE_NONE); }
HOOKGATE_ON_PASSWORD_CHANGE(user) { return told("on-password-change", user, HOOKGATE_NONE); }
HOOKGATE_ON_EMAIL_CHANGE(user, previous) { return told("on-email-change", user, previous); }
HOOKGATE_ON_ACCOUNT_DELETE(user) { return told("on-account-delete", user, HOOKGATE_NONE); }
HOOKGATE_ON_SESSION_REVOKE(user, session_id) { return told("on-session-revoke", user, session_id); }
HOOKGATE_ON_REFRESH_REUSE(user) { return told("on-refresh-reuse", user, HOOKGATE_NONE); }

HOOKGATE_VALIDATE_CONFIG() {
    hookgate_text seats = hookgate_config_get("seats");
    if (seats.at == NULL) {
        return hookgate_fail(HOOKGATE_TEXT("`seats` is missing"));
    }
    hookgate_object config = hookgate_config_all();
    if (hookgate_get_int(&config, "seats", 0) < 1) {
        return hookgate_fail(
            hookgate_join(HOOKGATE_TEXT("`seats` is "), seats, HOOKGATE_TEXT(": it must be a number from 1 on")));
    }
    return hookgate_ok();
}
