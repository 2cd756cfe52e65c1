// Runs natively: `make test`.
#include "network-gate.cpp"

#include "hookgate_testing.h"

static hookgate_answer from(const char *ip) {
    hookgate_test_request.ip = ip;
    hookgate_user user = hookgate_test_user("ada@example.com");
    return hookgate_hook_allow_signin(&user, HOOKGATE_TEXT("credentials"));
}

static bool comes_in(const char *ip) { return from(ip).kind == hookgate_answer::HOOKGATE_OK; }

static bool is_in(const char *ip, const char *network) { return parse_network(network)->contains(*parse_address(ip)); }

static void networks_are_read() {
    HOOKGATE_CHECK(is_in("192.0.2.255", "192.0.2.0/24") && !is_in("192.0.3.0", "192.0.2.0/24"));
    HOOKGATE_CHECK(is_in("10.200.0.1", "10.192.0.0/10") && !is_in("10.1.0.1", "10.192.0.0/10"));
    HOOKGATE_CHECK(is_in("2001:db8::1", "2001:db8::/32") && !is_in("2001:db9::1", "2001:db8::/32"));
    HOOKGATE_CHECK(is_in("::ffff:192.0.2.7", "192.0.2.7") && !is_in("192.0.2.8", "192.0.2.7"));
    HOOKGATE_CHECK(is_in("192.0.2.1", "0.0.0.0/0") && !is_in("2001:db8::1", "0.0.0.0/0") && is_in("2001:db8::1", "::/0"));
    HOOKGATE_CHECK(is_in("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8/128"));
    for (const char *wrong : {"", "192.0.2", "192.0.2.0.1", "192.0.2.256", "192.0.2.0/33", "192.0.2.0/", "example.com", ":", "1:2",
                              "1::2::3", "2001:db8::/129", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "::12345", "::1.2.3", "1:"}) {
        HOOKGATE_CHECK(!parse_network(wrong));
    }
}

static void the_blocked_stay_out() {
    hookgate_test_config("{\"blocked\": [\"192.0.2.0/24\"], \"message\": \"No.\"}");
    HOOKGATE_CHECK(comes_in("198.51.100.1") && comes_in(nullptr));
    hookgate_answer answer = from("192.0.2.1");
    HOOKGATE_CHECK(answer.kind == hookgate_answer::HOOKGATE_DENY);
    HOOKGATE_CHECK(hookgate_equal(answer.code, "network") && hookgate_equal(answer.message, "No."));
    HOOKGATE_CHECK(hookgate_equal(answer.reason, "from 192.0.2.0/24, which is blocked"));
}

static void only_the_allowed_come_in() {
    hookgate_test_config("{\"allowed\": [\"10.0.0.0/8\", \"fd00::/8\"], \"blocked\": [\"10.9.0.0/16\"]}");
    HOOKGATE_CHECK(comes_in("10.1.2.3") && comes_in("fd12::1"));
    HOOKGATE_CHECK(!comes_in("10.9.1.1") && !comes_in("192.0.2.1") && !comes_in(nullptr));
    hookgate_test_config("{\"allowed\": []}");
    HOOKGATE_CHECK(!comes_in("10.1.2.3"));
}

static void settings_that_do_not_fit_are_named() {
    hookgate_test_config("{\"blocked\": [\"192.0.2.0/24\"]}");
    HOOKGATE_CHECK(hookgate_hook_validate_config().kind == hookgate_answer::HOOKGATE_OK);
    hookgate_test_config("{\"allowed\": [\"10.0.0.0/8\", \"10.0.0.0/99\"]}");
    hookgate_answer answer = hookgate_hook_validate_config();
    HOOKGATE_CHECK(answer.kind == hookgate_answer::HOOKGATE_FAIL);
    HOOKGATE_CHECK(hookgate_equal(answer.reason, "`10.0.0.0/99` in `allowed` is no network such as 192.0.2.0/24"));
    hookgate_test_config("{\"blocked\": \"192.0.2.0/24\"}");
    HOOKGATE_CHECK(hookgate_hook_validate_config().kind == hookgate_answer::HOOKGATE_FAIL);
}

int main() {
    networks_are_read();
    the_blocked_stay_out();
    only_the_allowed_come_in();
    settings_that_do_not_fit_are_named();
    return hookgate_test_end();
}
