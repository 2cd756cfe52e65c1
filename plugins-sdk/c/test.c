/* Tests of hookgate.c: `cc -fsanitize=address,undefined test.c hookgate.c && ./a.out`. */
#include "hookgate_testing.h"

static hookgate_object object_of(const char *json) { return (hookgate_object){hookgate_text_of(json)}; }

static bool is(hookgate_object object, const char *json) { return hookgate_equal(object.json, json); }

static void texts(void) {
    HOOKGATE_CHECK(hookgate_equal(hookgate_text_of_int(0), "0"));
    HOOKGATE_CHECK(hookgate_equal(hookgate_text_of_int(INT64_MIN), "-9223372036854775808"));
    HOOKGATE_CHECK(hookgate_equal(hookgate_text_of_int(INT64_MAX), "9223372036854775807"));
    HOOKGATE_CHECK(hookgate_equal(hookgate_join(HOOKGATE_TEXT("a"), HOOKGATE_NONE, HOOKGATE_TEXT("b")), "ab"));
    HOOKGATE_CHECK(hookgate_equal(hookgate_or(HOOKGATE_NONE, "x"), "x"));
    HOOKGATE_CHECK(hookgate_equal(hookgate_or(HOOKGATE_TEXT(""), "x"), ""));
    HOOKGATE_CHECK(!hookgate_equal(HOOKGATE_NONE, ""));
    HOOKGATE_CHECK(hookgate_ends_with(HOOKGATE_TEXT("abc"), "bc") && !hookgate_ends_with(HOOKGATE_TEXT("c"), "bc"));
    HOOKGATE_CHECK(hookgate_equal(hookgate_email_domain(HOOKGATE_TEXT("\"a@b\"@c.d")), "c.d"));
    HOOKGATE_CHECK(hookgate_equal(hookgate_email_domain(HOOKGATE_TEXT("nobody")), ""));
}

static void members(void) {
    hookgate_object o = object_of(" { \"a\" : 1 , \"b\":{\"a\":[1,{\"c\":\"}\"}]},\"c\":\"x\\\"},\" , \"d\" : null } ");
    HOOKGATE_CHECK(hookgate_equal(hookgate_get(&o, "a"), "1"));
    HOOKGATE_CHECK(hookgate_equal(hookgate_get(&o, "b"), "{\"a\":[1,{\"c\":\"}\"}]}"));
    HOOKGATE_CHECK(hookgate_equal(hookgate_get_string(&o, "c"), "x\"},"));
    HOOKGATE_CHECK(hookgate_equal(hookgate_get(&o, "d"), "null"));
    HOOKGATE_CHECK(hookgate_get(&o, "e").at == NULL);
    HOOKGATE_CHECK(hookgate_get_string(&o, "a").at == NULL);
    HOOKGATE_CHECK(hookgate_get_int(&o, "a", 7) == 1 && hookgate_get_int(&o, "c", 7) == 7);

    hookgate_object numbers = object_of("{\"least\":-9223372036854775808,\"much\":9223372036854775808,\"part\":1.5}");
    HOOKGATE_CHECK(hookgate_get_int(&numbers, "least", 0) == INT64_MIN);
    HOOKGATE_CHECK(hookgate_get_int(&numbers, "much", 7) == 7 && hookgate_get_int(&numbers, "part", 7) == 7);

    hookgate_object escaped = object_of("{\"c\\u0061f\\u00e9\":\"\\ud83e\\udd8a\\n\\/\\u00fc\",\"x\":1}");
    HOOKGATE_CHECK(hookgate_equal(hookgate_get_string(&escaped, "café"), "🦊\n/ü"));
    HOOKGATE_CHECK(hookgate_equal(hookgate_get(&escaped, "x"), "1"));
}

static void changes(void) {
    hookgate_object o = hookgate_object_new();
    hookgate_set_string(&o, "a", HOOKGATE_TEXT("q\"\\\n\x01 ü"));
    HOOKGATE_CHECK(is(o, "{\"a\":\"q\\\"\\\\\\u000a\\u0001 ü\"}"));
    HOOKGATE_CHECK(hookgate_equal(hookgate_get_string(&o, "a"), "q\"\\\n\x01 ü"));
    hookgate_set_bool(&o, "b", true);
    hookgate_set_int(&o, "a", -5);
    hookgate_set_string(&o, "c", HOOKGATE_NONE);
    HOOKGATE_CHECK(is(o, "{\"a\":-5,\"b\":true,\"c\":null}"));
    hookgate_remove(&o, "b");
    HOOKGATE_CHECK(is(o, "{\"a\":-5,\"c\":null}"));
    hookgate_remove(&o, "c");
    HOOKGATE_CHECK(is(o, "{\"a\":-5}"));
    hookgate_remove(&o, "a");
    HOOKGATE_CHECK(is(o, "{}"));
    hookgate_remove(&o, "a");
    hookgate_object inner = object_of("{\"x\":[]}");
    hookgate_set_object(&o, "k\"", &inner);
    HOOKGATE_CHECK(is(o, "{\"k\\\"\":{\"x\":[]}}"));
    HOOKGATE_CHECK(hookgate_get(&o, "k\"").len == 8);

    hookgate_object spaced = object_of("{ }");
    hookgate_set_int(&spaced, "a", 1);
    HOOKGATE_CHECK(hookgate_get_int(&spaced, "a", 0) == 1 && memchr(spaced.json.at, ',', spaced.json.len) == NULL);

    hookgate_object doubled = object_of("{\"a\":1,\"a\":2}");
    HOOKGATE_CHECK(hookgate_get_int(&doubled, "a", 0) == 2);
    hookgate_remove(&doubled, "a");
    HOOKGATE_CHECK(is(doubled, "{}"));
}

static void arrays(void) {
    hookgate_text array = HOOKGATE_TEXT(" [ \"a\" , 1, [\"no\"], \"b]\",\"\" ] "), element;
    size_t at = 0;
    HOOKGATE_CHECK(hookgate_next_string(array, &at, &element) && hookgate_equal(element, "a"));
    HOOKGATE_CHECK(hookgate_next_string(array, &at, &element) && hookgate_equal(element, "b]"));
    HOOKGATE_CHECK(hookgate_next_string(array, &at, &element) && hookgate_equal(element, ""));
    HOOKGATE_CHECK(!hookgate_next_string(array, &at, &element));
    const char *none[] = {"[]", "", "{}", "[", "[1", "\"a\"", "[,", "[}"};
    for (size_t n = 0; n < sizeof none / sizeof none[0]; n++) {
        at = 0;
        HOOKGATE_CHECK(!hookgate_next_string(hookgate_text_of(none[n]), &at, &element));
    }
    HOOKGATE_CHECK(!hookgate_next_string(HOOKGATE_NONE, (at = 0, &at), &element));
}

/* Broken JSON may give any answer, but must not read beyond its end. */
static void broken(void) {
    static const char json[] = "{\"a\":\"\\ud83e\\udd8a\\\"\",\"b\":[{\"c\":\"\\u12\"}],\"c\\\\\":1}";
    for (size_t len = 0; len < sizeof json; len++) {
        char *copy = hookgate_alloc(len);
        memcpy(copy, json, len);
        hookgate_object o = {{copy, len}};
        const char *keys[] = {"a", "b", "c\\", "d"};
        for (size_t n = 0; n < sizeof keys / sizeof keys[0]; n++) {
            hookgate_get_string(&o, keys[n]);
            hookgate_object changed = o;
            hookgate_set_int(&changed, keys[n], 1);
            changed = o;
            hookgate_remove(&changed, keys[n]);
        }
        HOOKGATE_CHECK(o.json.len == len);
    }
}

static void memory(void) {
    hookgate_free_all_();
    char *before = hookgate_alloc(1), *blocks[64];
    for (size_t n = 0; n < 64; n++) {
        blocks[n] = hookgate_alloc(n * 64);
        HOOKGATE_CHECK((uintptr_t)blocks[n] % 8 == 0);
        memset(blocks[n], (int)n, n * 64);
    }
    for (size_t n = 1; n < 64; n++) {
        HOOKGATE_CHECK(blocks[n][0] == (char)n && blocks[n][n * 64 - 1] == (char)n);
    }
    hookgate_free_all_();
    HOOKGATE_CHECK(hookgate_alloc(1) == (void *)before);
}

static bool answer_http(const hookgate_http_request *request, hookgate_http_response *response,
                        hookgate_problem *problem) {
    if (hookgate_ends_with(request->url, "/slow")) {
        *problem = (hookgate_problem){"timeout", HOOKGATE_TEXT("timeout")};
        return false;
    }
    static const hookgate_field headers[] = {{"content-type", {"text/plain", 10}}};
    *response = (hookgate_http_response){201, headers, 1, request->body};
    return true;
}

static void server(void) {
    hookgate_text value, key = HOOKGATE_TEXT("k");
    hookgate_problem problem;
    int64_t sum;
    bool was_set;
    HOOKGATE_CHECK(hookgate_kv_get(key, &value, &problem) && value.at == NULL);
    HOOKGATE_CHECK(hookgate_kv_set(key, HOOKGATE_TEXT("v"), 5, &problem));
    HOOKGATE_CHECK(hookgate_kv_get(key, &value, &problem) && hookgate_equal(value, "v"));
    HOOKGATE_CHECK(!hookgate_kv_increment(key, 1, 0, &sum, &problem) && strcmp(problem.code, "not-a-number") == 0);
    hookgate_test_advance(5);
    HOOKGATE_CHECK(hookgate_kv_get(key, &value, &problem) && value.at == NULL);
    HOOKGATE_CHECK(hookgate_kv_increment(key, 2, 9, &sum, NULL) && hookgate_kv_increment(key, -5, 0, &sum, NULL) && sum == -3);
    hookgate_test_advance(9);
    HOOKGATE_CHECK(hookgate_kv_compare_and_set(key, HOOKGATE_NONE, HOOKGATE_TEXT(""), 0, &was_set, NULL) && was_set);
    HOOKGATE_CHECK(hookgate_kv_compare_and_set(key, HOOKGATE_TEXT("x"), HOOKGATE_NONE, 0, &was_set, NULL) && !was_set);
    HOOKGATE_CHECK(hookgate_kv_compare_and_set(key, HOOKGATE_TEXT(""), HOOKGATE_NONE, 0, &was_set, NULL) && was_set);
    HOOKGATE_CHECK(hookgate_kv_get(key, &value, NULL) && value.at == NULL);
    HOOKGATE_CHECK(!hookgate_kv_delete(HOOKGATE_NONE, &problem) && strcmp(problem.code, "invalid") == 0);

    hookgate_http_response response;
    hookgate_http_request request = {.url = HOOKGATE_TEXT("https://a.example/"), .body = HOOKGATE_TEXT("b")};
    HOOKGATE_CHECK(!hookgate_http_send(&request, &response, &problem) && strcmp(problem.code, "denied") == 0);
    hookgate_test_http = answer_http;
    HOOKGATE_CHECK(hookgate_http_send(&request, &response, &problem) && response.status == 201);
    HOOKGATE_CHECK(hookgate_equal(response.body, "b"));
    HOOKGATE_CHECK(hookgate_equal(hookgate_http_header(&response, "content-type"), "text/plain"));
    HOOKGATE_CHECK(hookgate_http_header(&response, "nope").at == NULL);
    request.url = HOOKGATE_TEXT("https://a.example/slow");
    HOOKGATE_CHECK(!hookgate_http_send(&request, &response, &problem));
    HOOKGATE_CHECK(hookgate_equal(hookgate_fail_by(&problem).reason, "timeout"));

    const hookgate_text *names;
    hookgate_test_secrets[0] = "signing";
    HOOKGATE_CHECK(hookgate_secrets_names(&names) == 1 && hookgate_equal(names[0], "signing"));
    HOOKGATE_CHECK(hookgate_secrets_hmac_sha256("signing", HOOKGATE_TEXT("x")).len == 32);
    HOOKGATE_CHECK(hookgate_hex(hookgate_secrets_hmac_sha256("other", HOOKGATE_TEXT("x"))).at == NULL);
    HOOKGATE_CHECK(hookgate_equal(hookgate_hex(HOOKGATE_TEXT("\x00\xff a")), "00ff2061"));
    HOOKGATE_CHECK(hookgate_random_bytes(16).len == 16);
    HOOKGATE_CHECK(hookgate_clock_now() == 1767225614000 && hookgate_clock_monotonic() == 14000000000);
}

int main(void) {
    texts();
    members();
    changes();
    arrays();
    broken();
    memory();
    server();
    return hookgate_test_end();
}
