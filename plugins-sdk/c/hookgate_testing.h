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

#endif
