/* Refuses the accounts and addresses that the operator lists. */
#include "hookgate.h"

/* An entry is a user's id, an address, or a whole domain as in `@blocked.example`. */
static bool is_about(hookgate_text entry, const hookgate_user *user) {
    if (hookgate_starts_with(entry, "@")) {
        return hookgate_same(hookgate_email_domain(entry), hookgate_email_domain(user->email));
    }
    return hookgate_same(entry, user->id) || hookgate_same(entry, user->email);
}

static bool is_listed(hookgate_text list, const hookgate_user *user) {
    hookgate_text entry;
    for (size_t position = 0; hookgate_next_string(list, &position, &entry);) {
        if (is_about(entry, user)) {
            return true;
        }
    }
    return false;
}

HOOKGATE_ALLOW_SIGNIN(user, provider) {
    hookgate_object config = hookgate_config_all();
    hookgate_text denied = hookgate_get(&config, "denied");
    if (denied.at == NULL) {
        return hookgate_fail(HOOKGATE_TEXT("the setting `denied` is missing"));
    }
    if (!is_listed(denied, user)) {
        return hookgate_ok();
    }
    hookgate_log(HOOKGATE_INFO, HOOKGATE_TEXT("refused"),
                 HOOKGATE_FIELDS({"user.id", user->id}, {"provider", provider}));
    hookgate_text message = hookgate_or(hookgate_get_string(&config, "message"), "This account is closed.");
    return hookgate_deny(HOOKGATE_TEXT("deny_list"), message, HOOKGATE_TEXT("listed in `denied`"));
}
