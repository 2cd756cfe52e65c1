/*
 * A server in memory, so that hooks can be tested natively:
 *
 *     #include "my_plugin.c"
 *     #include "hookgate_testing.h"
 *
 *     int main(void) {
 *         hookgate_test_config("{\"domain\": \"example.com\"}");
 *         hookgate_user user = hookgate_test_user("ada@example.com");
 *         hookgate_answer answer = hookgate_hook_allow_signin(&user, HOOKGATE_TEXT("credentials"));
 *         HOOKGATE_CHECK(answer.kind == HOOKGATE_OK);
 *         return hookgate_test_end();
 *     }
 *
 * Compile it with hookgate.c by any C compiler: `cc test.c hookgate.c && ./a.out`.
 */
#ifndef HOOKGATE_TESTING_H
#define HOOKGATE_TESTING_H

#include <stdio.h>
#include <string.h>

#include "hookgate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Says where a check fails, and goes on. */
#define HOOKGATE_CHECK(condition)                                                                   \
    do {                                                                                            \
        hookgate_test_checks++;                                                                     \
        if (!(condition)) {                                                                         \
            hookgate_test_failures++;                                                               \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                 \
        }                                                                                           \
    } while (0)

static int hookgate_test_checks, hookgate_test_failures;

/* What `request` answers: a sign-in with a password from 192.0.2.1 at the start of 2026. */
typedef struct {
    const char *id, *ip, *user_agent, *provider, *token_kind, *event_id;
    uint64_t time;
    bool is_new;
    uint32_t attempt;
} hookgate_test_request_type;

static hookgate_test_request_type hookgate_test_request = {
    .id = "request-1", .ip = "192.0.2.1", .provider = "credentials", .time = 1767225600000,
};
static const char *hookgate_test_settings = "{}";
/* Everything that was logged, a line each: `message key=value …`. */
static char hookgate_test_log[16384];

/* Sets the plugin's `[config]`, a JSON object. */
static inline void hookgate_test_config(const char *json) { hookgate_test_settings = json; }

/* An active user with a proven address and the id `user-NAME`, where NAME stands before the `@`. */
static inline hookgate_user hookgate_test_user(const char *email) {
    hookgate_text name = {email, strcspn(email, "@")};
    return (hookgate_user){
        .id = hookgate_join(HOOKGATE_TEXT("user-"), name),
        .email = hookgate_text_of(email),
        .email_verified = true,
        .is_active = true,
    };
}

/* The claims of an access token. */
static inline hookgate_object hookgate_test_claims(const hookgate_user *user) {
    hookgate_object claims = hookgate_object_new();
    hookgate_set_string(&claims, "sub", user->id);
    hookgate_set_string(&claims, "jti", HOOKGATE_TEXT("token-1"));
    hookgate_set_string(&claims, "type", HOOKGATE_TEXT("access"));
    hookgate_set_int(&claims, "iat", 1767225600);
    hookgate_set_int(&claims, "exp", 1767226500);
    hookgate_set_string(&claims, "email", user->email);
    return claims;
}

/* A passkey of this user that was never used. */
static inline hookgate_passkey hookgate_test_passkey(const hookgate_user *user) {
    return (hookgate_passkey){
        .id = HOOKGATE_TEXT("Y3JlZGVudGlhbC0x"),
        .user_id = user->id,
        .name = HOOKGATE_TEXT("Laptop"),
        .aaguid = HOOKGATE_TEXT("00000000-0000-0000-0000-000000000000"),
        .sign_count = 0,
        .created_at = 1767225600,
        .was_used = false,
        .last_used_at = 0,
    };
}

/* Says how many checks there were; the answer is for `main`. */
static inline int hookgate_test_end(void) {
    printf("%d passed, %d failed\n", hookgate_test_checks - hookgate_test_failures, hookgate_test_failures);
    hookgate_free_all_();
    return hookgate_test_failures == 0 ? 0 : 1;
}

/* --- hookgate.h's server ------------------------------------------------------------------------ */

void hookgate_log(hookgate_level level, hookgate_text message, const hookgate_field *fields, size_t count) {
    (void)level;
    size_t len = strlen(hookgate_test_log), size = sizeof hookgate_test_log;
    len += (size_t)snprintf(hookgate_test_log + len, size - len, "%.*s", (int)message.len, message.at);
    for (size_t n = 0; n < count && len < size; n++) {
        int value = (int)fields[n].value.len;
        const char *at = fields[n].value.at == NULL ? "" : fields[n].value.at;
        len += (size_t)snprintf(hookgate_test_log + len, size - len, " %s=%.*s", fields[n].key, value, at);
    }
    if (len < size) {
        snprintf(hookgate_test_log + len, size - len, "\n");
    }
}

hookgate_object hookgate_config_all(void) {
    return (hookgate_object){hookgate_text_of(hookgate_test_settings)};
}

hookgate_text hookgate_config_get(const char *key) {
    hookgate_object all = hookgate_config_all();
    hookgate_text text = hookgate_get_string(&all, key);
    return text.at != NULL ? text : hookgate_get(&all, key);
}

hookgate_text hookgate_request_id(void) { return hookgate_text_of(hookgate_test_request.id); }
uint64_t hookgate_request_time(void) { return hookgate_test_request.time; }
hookgate_text hookgate_request_ip(void) { return hookgate_text_of(hookgate_test_request.ip); }
hookgate_text hookgate_request_user_agent(void) { return hookgate_text_of(hookgate_test_request.user_agent); }
hookgate_text hookgate_request_provider(void) { return hookgate_text_of(hookgate_test_request.provider); }
bool hookgate_request_is_new(void) { return hookgate_test_request.is_new; }
hookgate_text hookgate_request_token_kind(void) { return hookgate_text_of(hookgate_test_request.token_kind); }
hookgate_text hookgate_request_event_id(void) { return hookgate_text_of(hookgate_test_request.event_id); }
uint32_t hookgate_request_attempt(void) { return hookgate_test_request.attempt; }

/* --- clock, random, kv, http, secrets ------------------------------------------------------------- */

/* The clock stands still until it is moved: what kv keeps ends by it. */
static uint64_t hookgate_test_now;
static inline void hookgate_test_advance(uint64_t seconds) { hookgate_test_now += seconds * 1000; }

uint64_t hookgate_clock_now(void) { return hookgate_test_request.time + hookgate_test_now; }
uint64_t hookgate_clock_monotonic(void) { return hookgate_test_now * 1000000; }

/* The numbers are the same in each run. */
static uint64_t hookgate_test_seed = 0x2545f4914f6cdd1d;
uint64_t hookgate_random_number(void) {
    hookgate_test_seed ^= hookgate_test_seed << 13;
    hookgate_test_seed ^= hookgate_test_seed >> 7;
    hookgate_test_seed ^= hookgate_test_seed << 17;
    return hookgate_test_seed;
}
hookgate_text hookgate_random_bytes(uint32_t length) {
    char *bytes = (char *)hookgate_alloc(length);
    for (uint32_t n = 0; n < length; n++) {
        bytes[n] = (char)hookgate_random_number();
    }
    return (hookgate_text){bytes, length};
}

typedef struct {
    char key[257], value[4096];
    size_t len;
    uint64_t ends; /* 0 is never. */
    bool is_there;
} hookgate_test_entry;

static hookgate_test_entry hookgate_test_kv[64];

static inline bool hookgate_test_problem(hookgate_problem *problem, const char *code, const char *text) {
    if (problem != NULL) {
        *problem = (hookgate_problem){code, hookgate_join(hookgate_text_of(code), HOOKGATE_TEXT(": "), hookgate_text_of(text))};
    }
    return false;
}

/* The entry of a key, or a free one with that name; NULL if the key is no good or there is no room. */
static inline hookgate_test_entry *hookgate_test_entry_of(hookgate_text key, hookgate_problem *problem) {
    hookgate_test_entry *vacant = NULL;
    if (key.len == 0 || key.len > 256) {
        hookgate_test_problem(problem, "invalid", "the key must have 1 to 256 bytes");
        return NULL;
    }
    for (size_t n = 0; n < sizeof hookgate_test_kv / sizeof hookgate_test_kv[0]; n++) {
        hookgate_test_entry *entry = &hookgate_test_kv[n];
        entry->is_there = entry->is_there && (entry->ends == 0 || entry->ends > hookgate_clock_now());
        if (entry->is_there && hookgate_equal(key, entry->key)) {
            return entry;
        }
        vacant = entry->is_there ? vacant : entry;
    }
    if (vacant == NULL) {
        hookgate_test_problem(problem, "quota", "too many entries");
        return NULL;
    }
    memcpy(vacant->key, key.at, key.len);
    vacant->key[key.len] = 0;
    return vacant;
}

bool hookgate_kv_get(hookgate_text key, hookgate_text *value, hookgate_problem *problem) {
    hookgate_test_entry *entry = hookgate_test_entry_of(key, problem);
    if (entry == NULL) {
        return false;
    }
    *value = HOOKGATE_NONE;
    if (entry->is_there) {
        char *copy = (char *)hookgate_alloc(entry->len);
        memcpy(copy, entry->value, entry->len);
        *value = (hookgate_text){copy, entry->len};
    }
    return true;
}

bool hookgate_kv_set(hookgate_text key, hookgate_text value, uint32_t ttl_seconds, hookgate_problem *problem) {
    hookgate_test_entry *entry = hookgate_test_entry_of(key, problem);
    if (entry == NULL) {
        return false;
    }
    if (value.len > sizeof entry->value) {
        return hookgate_test_problem(problem, "invalid", "the value is too long");
    }
    if (value.len > 0) {
        memcpy(entry->value, value.at, value.len);
    }
    entry->len = value.len;
    entry->ends = ttl_seconds == 0 ? 0 : hookgate_clock_now() + ttl_seconds * 1000ULL;
    entry->is_there = true;
    return true;
}

bool hookgate_kv_delete(hookgate_text key, hookgate_problem *problem) {
    hookgate_test_entry *entry = hookgate_test_entry_of(key, problem);
    if (entry != NULL) {
        entry->is_there = false;
    }
    return entry != NULL;
}

bool hookgate_kv_increment(hookgate_text key, int64_t by, uint32_t ttl_seconds, int64_t *sum, hookgate_problem *problem) {
    hookgate_test_entry *entry = hookgate_test_entry_of(key, problem);
    if (entry == NULL) {
        return false;
    }
    uint64_t ends = entry->ends;
    bool was_there = entry->is_there;
    hookgate_object present = {hookgate_join(HOOKGATE_TEXT("{\"n\":"), (hookgate_text){entry->value, entry->len}, HOOKGATE_TEXT("}"))};
    int64_t before = was_there ? hookgate_get_int(&present, "n", INT64_MIN) : 0;
    if (before == INT64_MIN) {
        return hookgate_test_problem(problem, "not-a-number", "the value is no decimal number");
    }
    hookgate_kv_set(key, hookgate_text_of_int(before + by), ttl_seconds, problem);
    if (was_there) {
        entry->ends = ends;
    }
    if (sum != NULL) {
        *sum = before + by;
    }
    return true;
}

bool hookgate_kv_compare_and_set(hookgate_text key, hookgate_text expected, hookgate_text value, uint32_t ttl_seconds,
                                 bool *was_set, hookgate_problem *problem) {
    hookgate_text present;
    if (!hookgate_kv_get(key, &present, problem)) {
        return false;
    }
    *was_set = hookgate_same(present, expected);
    if (*was_set) {
        return value.at == NULL ? hookgate_kv_delete(key, problem) : hookgate_kv_set(key, value, ttl_seconds, problem);
    }
    return true;
}

/* Set it to answer requests. It says whether there is an answer. */
static bool (*hookgate_test_http)(const hookgate_http_request *, hookgate_http_response *, hookgate_problem *);

bool hookgate_http_send(const hookgate_http_request *request, hookgate_http_response *response, hookgate_problem *problem) {
    if (hookgate_test_http == NULL) {
        return hookgate_test_problem(problem, "denied", "nothing answers: set hookgate_test_http");
    }
    *response = (hookgate_http_response){.status = 200};
    return hookgate_test_http(request, response, problem);
}

/* The names of the secrets that are lent to the plugin, the last one NULL. */
static const char *hookgate_test_secrets[16];

size_t hookgate_secrets_names(const hookgate_text **names) {
    size_t count = 0;
    hookgate_text *made = (hookgate_text *)hookgate_alloc(sizeof hookgate_test_secrets * 2);
    while (hookgate_test_secrets[count] != NULL) {
        made[count] = hookgate_text_of(hookgate_test_secrets[count]);
        count++;
    }
    *names = made;
    return count;
}

/* No HMAC, but 32 bytes that go by the name and the data. */
hookgate_text hookgate_secrets_hmac_sha256(const char *name, hookgate_text data) {
    const hookgate_text *names;
    size_t count = hookgate_secrets_names(&names);
    for (size_t n = 0; n < count; n++) {
        if (hookgate_equal(names[n], name)) {
            hookgate_text all = hookgate_join(names[n], HOOKGATE_TEXT("."), data);
            char *digest = (char *)hookgate_alloc(32);
            uint64_t hash = 0xcbf29ce484222325;
            for (size_t at = 0; at < all.len + 32; at++) {
                hash = (hash ^ (unsigned char)all.at[at % all.len]) * 0x100000001b3;
                digest[at % 32] = (char)(hash >> 32);
            }
            return (hookgate_text){digest, 32};
        }
    }
    return HOOKGATE_NONE;
}

#ifdef __cplusplus
}
#endif
#endif
