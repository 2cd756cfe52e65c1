/*
 * Write Hookgate plugins in C: this header, hookgate.c, and one macro per hook.
 *
 *     #include "hookgate.h"
 *
 *     HOOKGATE_ALLOW_SIGNIN(user, provider) {
 *         return hookgate_allow_if(hookgate_ends_with(user->email, "@example.com"));
 *     }
 *
 * The component has the hooks that are written so, and imports what is called. Nothing needs to be
 * freed: what these functions allocate lives until the hook has answered.
 *
 * Plain C11, also for C++. Needs memory and string functions of a C library, and nothing of WASI.
 */
#ifndef HOOKGATE_H
#define HOOKGATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- Texts ------------------------------------------------------------------------------------- */

/* UTF-8 text that is not terminated by a zero byte, and may hold some. `at` is NULL where there is none. */
typedef struct {
    const char *at;
    size_t len;
} hookgate_text;

/* A text of a string literal. */
#ifdef __cplusplus
#define HOOKGATE_TEXT(literal) (hookgate_text{literal, sizeof(literal) - 1})
#define HOOKGATE_NONE (hookgate_text{nullptr, 0})
#else
#define HOOKGATE_TEXT(literal) ((hookgate_text){literal, sizeof(literal) - 1})
#define HOOKGATE_NONE ((hookgate_text){NULL, 0})
#endif

/* A text of a C string; none of NULL. */
hookgate_text hookgate_text_of(const char *string);
/* A number as text. */
hookgate_text hookgate_text_of_int(int64_t number);
/* The text, or another where there is none. */
hookgate_text hookgate_or(hookgate_text text, const char *otherwise);
/* Several texts after each other; none counts as empty. */
hookgate_text hookgate_join_all(const hookgate_text *parts, size_t count);
#define hookgate_join(...)                                                                          \
    hookgate_join_all((const hookgate_text[]){__VA_ARGS__},                                         \
                      sizeof((const hookgate_text[]){__VA_ARGS__}) / sizeof(hookgate_text))
bool hookgate_equal(hookgate_text text, const char *other);
bool hookgate_same(hookgate_text text, hookgate_text other);
bool hookgate_starts_with(hookgate_text text, const char *prefix);
bool hookgate_ends_with(hookgate_text text, const char *suffix);
/* What follows the last `@` of an address; empty if there is none. */
hookgate_text hookgate_email_domain(hookgate_text email);
/* Memory that lives until the hook has answered. Traps if there is no more. */
void *hookgate_alloc(size_t size);

/* --- What hooks are about ---------------------------------------------------------------------- */

/* The account that the hook is about, as stored at the moment of the call. */
typedef struct {
    hookgate_text id;    /* Opaque and stable; the `sub` of every token of this user. */
    hookgate_text email; /* Normalised: trimmed and case-folded. */
    hookgate_text name;  /* The display name, if the user gave one. */
    hookgate_text image; /* The URL of a picture, if there is one. */
    bool email_verified; /* Whether the user has proven that the address is theirs. */
    bool is_active;      /* False for a deactivated account. */
} hookgate_user;

/* A registered WebAuthn credential. */
typedef struct {
    hookgate_text id;      /* The credential id, base64url without padding. */
    hookgate_text user_id; /* The id of the user it belongs to. */
    hookgate_text name;    /* The name that the user gave it. */
    hookgate_text aaguid;  /* The authenticator's model, or the nil UUID. */
    uint32_t sign_count;   /* The authenticator's signature counter. */
    uint64_t created_at;   /* Seconds since the Unix epoch. */
    bool was_used;         /* Whether it ever signed in. */
    uint64_t last_used_at; /* Seconds since the Unix epoch, if it was used. */
} hookgate_passkey;

/* --- What a hook answers ----------------------------------------------------------------------- */

/* Made by the functions below. */
typedef struct {
    enum { HOOKGATE_OK, HOOKGATE_DENY, HOOKGATE_FAIL } kind;
    hookgate_text code, message, reason;
} hookgate_answer;

/* All went well: the user may come in, the changes are made, the event is taken. */
hookgate_answer hookgate_ok(void);
/* A gate's answer without texts. */
hookgate_answer hookgate_allow_if(bool allowed);
/*
 * A refusal. `code`: stable and machine-readable, for the client, at most 64 bytes of `a-z`, `0-9`, `_`,
 * `.`, `-`. `message`: for the user's eyes, at most 512 bytes; without one, the server's own text is
 * shown. `reason`: for the operator's log alone, at most 2048 bytes. Each may be HOOKGATE_NONE.
 */
hookgate_answer hookgate_deny(hookgate_text code, hookgate_text message, hookgate_text reason);
/* A failure, which is not a denial: the text is for the operator's log alone. */
hookgate_answer hookgate_fail(hookgate_text text);

/* --- Claims and sessions: JSON objects --------------------------------------------------------- */

/* A JSON object. */
typedef struct {
    hookgate_text json;
} hookgate_object;

hookgate_object hookgate_object_new(void);
/* A member's value as JSON text; none if there is no such member. */
hookgate_text hookgate_get(const hookgate_object *object, const char *key);
/* A member that is a string, without quotes and escapes; none if it is absent or something else. */
hookgate_text hookgate_get_string(const hookgate_object *object, const char *key);
/* A member that is a whole number, or `otherwise`. */
int64_t hookgate_get_int(const hookgate_object *object, const char *key, int64_t otherwise);
/* Adds or replaces a member. `json` must be valid JSON. */
void hookgate_set(hookgate_object *object, const char *key, hookgate_text json);
/* The same for a string; null of none. */
void hookgate_set_string(hookgate_object *object, const char *key, hookgate_text value);
void hookgate_set_int(hookgate_object *object, const char *key, int64_t value);
void hookgate_set_bool(hookgate_object *object, const char *key, bool value);
void hookgate_set_object(hookgate_object *object, const char *key, const hookgate_object *value);
void hookgate_remove(hookgate_object *object, const char *key);
/* The elements of a JSON array of strings, one after the other; starts with `position` = 0. */
bool hookgate_next_string(hookgate_text array, size_t *position, hookgate_text *element);

/* --- The server -------------------------------------------------------------------------------- */

typedef enum { HOOKGATE_TRACE, HOOKGATE_DEBUG, HOOKGATE_INFO, HOOKGATE_WARN, HOOKGATE_ERROR } hookgate_level;

typedef struct {
    const char *key;
    hookgate_text value;
} hookgate_field;

/*
 * Writes one line to the server's log. Needs the grant `log`. Do not write secrets or addresses.
 *
 *     hookgate_log(HOOKGATE_INFO, HOOKGATE_TEXT("refused"), HOOKGATE_FIELDS({"user.id", user->id}));
 */
void hookgate_log(hookgate_level level, hookgate_text message, const hookgate_field *fields, size_t count);
#define HOOKGATE_FIELDS(...)                                                                        \
    (const hookgate_field[]){__VA_ARGS__},                                                          \
        sizeof((const hookgate_field[]){__VA_ARGS__}) / sizeof(hookgate_field)
#define HOOKGATE_NO_FIELDS NULL, 0

/* One of the operator's settings: text as it is, everything else as JSON. Needs the grant `config`. */
hookgate_text hookgate_config_get(const char *key);
/* All of them. */
hookgate_object hookgate_config_all(void);

/* What is known of the request that caused this call. Needs the grant `request`. */
hookgate_text hookgate_request_id(void);
uint64_t hookgate_request_time(void);           /* Milliseconds since the Unix epoch. */
hookgate_text hookgate_request_ip(void);        /* The peer's address, if there is a peer. */
hookgate_text hookgate_request_user_agent(void);
hookgate_text hookgate_request_provider(void);  /* The way in, if there is one. */
bool hookgate_request_is_new(void);             /* Whether this request created the user. */
hookgate_text hookgate_request_token_kind(void); /* `access` or `refresh`, in modify-jwt only. */
hookgate_text hookgate_request_event_id(void);  /* In an event: the same at each attempt. */
uint32_t hookgate_request_attempt(void);        /* In an event: 1 at first. Elsewhere 0. */

/*
 * What of kv and http did not work. `code` is, of kv, `invalid`, `quota`, `not-a-number` or `unavailable`, of http
 * `invalid`, `denied`, `timeout`, `too-large` or `connection`; `text` is all of it for the operator's log.
 */
typedef struct {
    const char *code;
    hookgate_text text;
} hookgate_problem;
/* The hook's answer where a problem shall make it fail. */
hookgate_answer hookgate_fail_by(const hookgate_problem *problem);

/* The server's clock: a component has none of its own. Needs the grant `clock`. */
uint64_t hookgate_clock_now(void);       /* Milliseconds since the Unix epoch. */
uint64_t hookgate_clock_monotonic(void); /* Nanoseconds since the call began. */

/* The server's random numbers, fit for secrets. Needs the grant `random`. */
hookgate_text hookgate_random_bytes(uint32_t length); /* At most 4096; not text. */
uint64_t hookgate_random_number(void);

/*
 * A small store that outlives the call: this plugin's alone. Keys have 1 to 256 bytes. Needs the grant `kv`. Each answers
 * whether it worked; `problem` may be NULL. `ttl_seconds` of 0 keeps a value until it is deleted.
 */
/* `value` is none if there is none. */
bool hookgate_kv_get(hookgate_text key, hookgate_text *value, hookgate_problem *problem);
bool hookgate_kv_set(hookgate_text key, hookgate_text value, uint32_t ttl_seconds, hookgate_problem *problem);
bool hookgate_kv_delete(hookgate_text key, hookgate_problem *problem);
/* Adds to a decimal number (absent counts as 0). An entry that is there keeps its end: the window of a rate limit. */
bool hookgate_kv_increment(hookgate_text key, int64_t by, uint32_t ttl_seconds, int64_t *sum, hookgate_problem *problem);
/* Sets the value (none deletes it) if the present one is `expected` (none: absent), and says whether it was. */
bool hookgate_kv_compare_and_set(hookgate_text key, hookgate_text expected, hookgate_text value, uint32_t ttl_seconds,
                                 bool *was_set, hookgate_problem *problem);

/* A header whose value ends in a secret that the plugin never sees. */
typedef struct {
    const char *name, *prefix, *secret;
} hookgate_secret_header;

/* What is left out of an initialiser is not there; `method` is GET then, or POST where there is a body. */
typedef struct {
    hookgate_text url;
    const char *method;
    const hookgate_field *headers;
    size_t header_count;
    const hookgate_secret_header *secret_headers;
    size_t secret_header_count;
    hookgate_text body;
    uint32_t timeout_ms;
} hookgate_http_request;

typedef struct {
    uint16_t status;
    const hookgate_field *headers; /* Names in small letters. */
    size_t header_count;
    hookgate_text body;
} hookgate_http_response;

/* Sends a request to a host that the operator allowed, and waits. Redirects are answered. Needs the grant `http`. */
bool hookgate_http_send(const hookgate_http_request *request, hookgate_http_response *response, hookgate_problem *problem);
/* A header of the answer; none if there is none. `name` in small letters. */
hookgate_text hookgate_http_header(const hookgate_http_response *response, const char *name);

/* Secrets that the operator lent to this plugin, to be used and never read. Needs the grant `secrets`. */
size_t hookgate_secrets_names(const hookgate_text **names);
/* HMAC-SHA-256 with a secret as the key: 32 bytes, or none if there is no such secret. */
hookgate_text hookgate_secrets_hmac_sha256(const char *name, hookgate_text data);
/* Bytes in hexadecimal digits; none of none. */
hookgate_text hookgate_hex(hookgate_text bytes);

/* --- The hooks --------------------------------------------------------------------------------- */

/* Asked before a user is let in. `provider` is `credentials`, `magic_link`, `passkey`, or an OAuth one. */
#define HOOKGATE_ALLOW_SIGNIN(user, provider)                                                       \
    HOOKGATE_HOOK_(allow_signin, "allow-signin", HOOKGATE_USER_AND_TEXT_, hookgate_gate_,           \
                   (const hookgate_user *user HOOKGATE_UNUSED_, hookgate_text provider HOOKGATE_UNUSED_))
/* Changes the claims of a token just before it is signed. */
#define HOOKGATE_MODIFY_JWT(claims, user)                                                           \
    HOOKGATE_HOOK_(modify_jwt, "modify-jwt", HOOKGATE_JSON_AND_USER_, hookgate_changed_,            \
                   (hookgate_object * claims HOOKGATE_UNUSED_, const hookgate_user *user HOOKGATE_UNUSED_))
/* Changes the payload of a session before it is stored. */
#define HOOKGATE_MODIFY_SESSION(session, user)                                                      \
    HOOKGATE_HOOK_(modify_session, "modify-session", HOOKGATE_JSON_AND_USER_, hookgate_changed_,    \
                   (hookgate_object * session HOOKGATE_UNUSED_, const hookgate_user *user HOOKGATE_UNUSED_))
/* A user was created. */
#define HOOKGATE_ON_SIGNUP(user) HOOKGATE_EVENT_(on_signup, "on-signup", user)
/* A user signed in. */
#define HOOKGATE_ON_SIGNIN(user, provider) HOOKGATE_PROVIDER_EVENT_(on_signin, "on-signin", user, provider)
/* A user signed out. */
#define HOOKGATE_ON_SIGNOUT(user) HOOKGATE_EVENT_(on_signout, "on-signout", user)
/* A refresh token was exchanged. */
#define HOOKGATE_ON_TOKEN_REFRESH(user) HOOKGATE_EVENT_(on_token_refresh, "on-token-refresh", user)
/* An address was proven. */
#define HOOKGATE_ON_EMAIL_VERIFY(user) HOOKGATE_EVENT_(on_email_verify, "on-email-verify", user)
/* A password was reset by e-mail. */
#define HOOKGATE_ON_PASSWORD_RESET(user) HOOKGATE_EVENT_(on_password_reset, "on-password-reset", user)
/* An OAuth account was linked. */
#define HOOKGATE_ON_OAUTH_LINK(user, provider)                                                      \
    HOOKGATE_PROVIDER_EVENT_(on_oauth_link, "on-oauth-link", user, provider)
/* A magic link was sent. */
#define HOOKGATE_ON_MAGIC_LINK_SENT(user) HOOKGATE_EVENT_(on_magic_link_sent, "on-magic-link-sent", user)
/* A passkey was added. */
#define HOOKGATE_ON_PASSKEY_REGISTERED(user, passkey)                                               \
    HOOKGATE_PASSKEY_EVENT_(on_passkey_registered, "on-passkey-registered", user, passkey)
/* A passkey was removed. */
#define HOOKGATE_ON_PASSKEY_DELETED(user, passkey)                                                  \
    HOOKGATE_PASSKEY_EVENT_(on_passkey_deleted, "on-passkey-deleted", user, passkey)
/* A sign-in of a known user failed. `reason` is `password`, `unverified`, `inactive` or `denied`. */
#define HOOKGATE_ON_SIGNIN_FAILED(user, reason)                                                     \
    HOOKGATE_PROVIDER_EVENT_(on_signin_failed, "on-signin-failed", user, reason)
/* Too many wrong passwords. */
#define HOOKGATE_ON_LOCKOUT(user) HOOKGATE_EVENT_(on_lockout, "on-lockout", user)
/* A password was changed. */
#define HOOKGATE_ON_PASSWORD_CHANGE(user) HOOKGATE_EVENT_(on_password_change, "on-password-change", user)
/* An address was changed; `previous` is the one before. */
#define HOOKGATE_ON_EMAIL_CHANGE(user, previous)                                                    \
    HOOKGATE_PROVIDER_EVENT_(on_email_change, "on-email-change", user, previous)
/* An account was deleted or deactivated. */
#define HOOKGATE_ON_ACCOUNT_DELETE(user) HOOKGATE_EVENT_(on_account_delete, "on-account-delete", user)
/* A session was ended otherwise than by signing out; `session_id` is empty if all were. */
#define HOOKGATE_ON_SESSION_REVOKE(user, session_id)                                                \
    HOOKGATE_PROVIDER_EVENT_(on_session_revoke, "on-session-revoke", user, session_id)
/* A spent refresh token was presented: somebody holds a copy. */
#define HOOKGATE_ON_REFRESH_REUSE(user) HOOKGATE_EVENT_(on_refresh_reuse, "on-refresh-reuse", user)
/* No hook: asked once, when the plugin is loaded. `hookgate_fail(text)` says what is wrong with the settings. */
#define HOOKGATE_VALIDATE_CONFIG()                                                                  \
    HOOKGATE_HOOK_(validate_config, "validate-config", HOOKGATE_NOTHING_, hookgate_taken_, (void))

/* --- How the hooks are exported: the component model's canonical ABI. Not for plugins. ------------ */

#define HOOKGATE_UNUSED_ __attribute__((unused))
#ifdef __wasm__
#define HOOKGATE_EXPORT_(name) __attribute__((export_name(name)))
#else
#define HOOKGATE_EXPORT_(name) /* Natively, tests call the hooks. */
#endif

/* The static function `hookgate_hook_NAME` is the author's; what is exported lowers and lifts. */
#define HOOKGATE_HOOK_(name, wit, lower, lift, parameters)                                          \
    static hookgate_answer hookgate_hook_##name parameters;                                         \
    HOOKGATE_EXPORT_("hookgate:hooks/" wit "@0.1.0#" wit)                                           \
    const void *hookgate_export_##name(lower##PARAMETERS) {                                         \
        lower##LIFT;                                                                                \
        hookgate_answer answer = hookgate_hook_##name(lower##ARGUMENTS);                            \
        return lift(&answer, lower##PAYLOAD);                                                       \
    }                                                                                               \
    HOOKGATE_EXPORT_("cabi_post_hookgate:hooks/" wit "@0.1.0#" wit)                                 \
    void hookgate_post_##name(const void *answer HOOKGATE_UNUSED_) { hookgate_free_all_(); }        \
    static hookgate_answer hookgate_hook_##name parameters

#define HOOKGATE_EVENT_(name, wit, user)                                                            \
    HOOKGATE_HOOK_(name, wit, HOOKGATE_USER_, hookgate_taken_, (const hookgate_user *user HOOKGATE_UNUSED_))
#define HOOKGATE_PROVIDER_EVENT_(name, wit, user, provider)                                         \
    HOOKGATE_HOOK_(name, wit, HOOKGATE_USER_AND_TEXT_, hookgate_taken_,                             \
                   (const hookgate_user *user HOOKGATE_UNUSED_, hookgate_text provider HOOKGATE_UNUSED_))
#define HOOKGATE_PASSKEY_EVENT_(name, wit, user, passkey)                                           \
    HOOKGATE_HOOK_(name, wit, HOOKGATE_SPILLED_, hookgate_taken_,                                   \
                   (const hookgate_user *user HOOKGATE_UNUSED_,                                     \
                    const hookgate_passkey *passkey HOOKGATE_UNUSED_))

/* The twelve values that a user is made of on the stack. */
#define HOOKGATE_FLAT_USER_                                                                         \
    const char *id, size_t id_len, const char *email, size_t email_len, uint32_t has_name,          \
        const char *name, size_t name_len, uint32_t has_image, const char *image, size_t image_len, \
        uint32_t email_verified, uint32_t is_active
#define HOOKGATE_LIFT_USER_                                                                         \
    const hookgate_user user = {                                                                    \
        hookgate_lift_(1, id, id_len),          hookgate_lift_(1, email, email_len),                \
        hookgate_lift_(has_name, name, name_len), hookgate_lift_(has_image, image, image_len),      \
        email_verified != 0,                    is_active != 0,                                     \
    }

#define HOOKGATE_NOTHING_PARAMETERS void
#define HOOKGATE_NOTHING_LIFT (void)0
#define HOOKGATE_NOTHING_ARGUMENTS
#define HOOKGATE_NOTHING_PAYLOAD NULL

#define HOOKGATE_USER_PARAMETERS HOOKGATE_FLAT_USER_
#define HOOKGATE_USER_LIFT HOOKGATE_LIFT_USER_
#define HOOKGATE_USER_ARGUMENTS &user
#define HOOKGATE_USER_PAYLOAD NULL

#define HOOKGATE_USER_AND_TEXT_PARAMETERS HOOKGATE_FLAT_USER_, const char *text, size_t text_len
#define HOOKGATE_USER_AND_TEXT_LIFT HOOKGATE_LIFT_USER_
#define HOOKGATE_USER_AND_TEXT_ARGUMENTS &user, hookgate_lift_(1, text, text_len)
#define HOOKGATE_USER_AND_TEXT_PAYLOAD NULL

#define HOOKGATE_JSON_AND_USER_PARAMETERS const char *text, size_t text_len, HOOKGATE_FLAT_USER_
#define HOOKGATE_JSON_AND_USER_LIFT                                                                 \
    HOOKGATE_LIFT_USER_;                                                                            \
    hookgate_object object = {hookgate_lift_(1, text, text_len)}
#define HOOKGATE_JSON_AND_USER_ARGUMENTS &object, &user
#define HOOKGATE_JSON_AND_USER_PAYLOAD &object

/* A user and a passkey are more than fits on the stack. */
#define HOOKGATE_SPILLED_PARAMETERS const void *spilled
#define HOOKGATE_SPILLED_LIFT                                                                       \
    hookgate_user user;                                                                             \
    hookgate_passkey passkey;                                                                       \
    hookgate_lift_spilled_(spilled, &user, &passkey)
#define HOOKGATE_SPILLED_ARGUMENTS &user, &passkey
#define HOOKGATE_SPILLED_PAYLOAD NULL

hookgate_text hookgate_lift_(uint32_t is_there, const char *at, size_t len);
void hookgate_lift_spilled_(const void *spilled, hookgate_user *user, hookgate_passkey *passkey);
const void *hookgate_gate_(const hookgate_answer *answer, const void *unused);
const void *hookgate_changed_(const hookgate_answer *answer, const hookgate_object *object);
const void *hookgate_taken_(const hookgate_answer *answer, const void *unused);
void hookgate_free_all_(void);

#ifdef __cplusplus
}
#endif
#endif
