/* Runs natively: `make test`. */
#include "deny-list.c"

#include "hookgate_testing.h"

static hookgate_answer ask(const char *email) {
    hookgate_user user = hookgate_test_user(email);
    return hookgate_hook_allow_signin(&user, HOOKGATE_TEXT("credentials"));
}

int main(void) {
    hookgate_test_config("{\"denied\": [\"user-mallory\", \"eve@example.org\", \"@blocked.example\"], \"message\": \"No.\"}");
    HOOKGATE_CHECK(ask("ada@example.org").kind == HOOKGATE_OK);
    HOOKGATE_CHECK(ask("ada@not-blocked.example").kind == HOOKGATE_OK);
    HOOKGATE_CHECK(hookgate_test_log[0] == '\0');

    hookgate_answer answer = ask("eve@example.org");
    HOOKGATE_CHECK(answer.kind == HOOKGATE_DENY);
    HOOKGATE_CHECK(hookgate_equal(answer.code, "deny_list"));
    HOOKGATE_CHECK(hookgate_equal(answer.message, "No."));
    HOOKGATE_CHECK(strcmp(hookgate_test_log, "refused user.id=user-eve provider=credentials\n") == 0);
    HOOKGATE_CHECK(ask("mallory@example.com").kind == HOOKGATE_DENY);
    HOOKGATE_CHECK(ask("anybody@blocked.example").kind == HOOKGATE_DENY);

    hookgate_test_config("{\"denied\": []}");
    HOOKGATE_CHECK(ask("eve@example.org").kind == HOOKGATE_OK);
    hookgate_test_config("{}");
    HOOKGATE_CHECK(ask("ada@example.org").kind == HOOKGATE_FAIL);
    return hookgate_test_end();
}
