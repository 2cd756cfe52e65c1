/* What hookgate.h declares: memory, texts, answers, JSON objects, and the server's functions. */

#include "hookgate.h"

#include <stdlib.h>
#include <string.h>

/* --- Memory: everything of one call, freed together ---------------------------------------------- */

/* They begin in pages that are there from the start: asking the host for more takes longer than most hooks.
 * In tests each is a block of its own, as sanitizers like it. */
#ifndef HOOKGATE_FIRST_
#ifdef __wasm__
#define HOOKGATE_FIRST_ (48u << 10)
#else
#define HOOKGATE_FIRST_ 8
#endif
#endif
static _Alignas(8) char first[HOOKGATE_FIRST_];
static size_t taken;

typedef struct block {
    struct block *next;
    _Alignas(8) char bytes[];
} block;

/* What had no room there. */
static block *blocks;

void *hookgate_alloc(size_t size) {
    if (size <= sizeof first - taken) {
        char *made = first + taken;
        taken += (size + 7) & ~(size_t)7;
        return made;
    }
    block *made = size > SIZE_MAX / 2 ? NULL : (block *)malloc(sizeof(block) + size);
    if (made == NULL) {
        __builtin_trap();
    }
    made->next = blocks;
    blocks = made;
    return made->bytes;
}

void hookgate_free_all_(void) {
    taken = 0;
    while (blocks != NULL) {
        block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}

/* The host puts arguments and answers of its functions here. */
HOOKGATE_EXPORT_("cabi_realloc")
void *hookgate_realloc_(void *old, size_t old_size, size_t align, size_t new_size) {
    (void)align; /* At most 8. */
    void *made = hookgate_alloc(new_size);
    if (old != NULL) {
        memcpy(made, old, old_size < new_size ? old_size : new_size);
    }
    return made;
}

/* --- Texts ---------------------------------------------------------------------------------------- */

hookgate_text hookgate_lift_(uint32_t is_there, const char *at, size_t len) {
    if (!is_there) {
        return HOOKGATE_NONE;
    }
    /* An empty text may lie at address 0, which here means none. */
    return (hookgate_text){len == 0 ? "" : at, len};
}

hookgate_text hookgate_text_of(const char *string) {
    return (hookgate_text){string, string == NULL ? 0 : strlen(string)};
}

hookgate_text hookgate_text_of_int(int64_t number) {
    char *digits = hookgate_alloc(20);
    size_t at = 20;
    uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    return (hookgate_text){digits + at, 20 - at};
}

hookgate_text hookgate_or(hookgate_text text, const char *otherwise) {
    return text.at == NULL ? hookgate_text_of(otherwise) : text;
}

hookgate_text hookgate_join_all(const hookgate_text *parts, size_t count) {
    size_t len = 0;
    for (size_t n = 0; n < count; n++) {
        len += parts[n].len;
    }
    char *joined = hookgate_alloc(len), *end = joined;
    for (size_t n = 0; n < count; n++) {
        if (parts[n].len > 0) {
            memcpy(end, parts[n].at, parts[n].len);
            end += parts[n].len;
        }
    }
    return (hookgate_text){joined, len};
}

static bool same_bytes(const char *a, const char *b, size_t len) {
    return len == 0 || memcmp(a, b, len) == 0;
}

bool hookgate_same(hookgate_text text, hookgate_text other) {
    bool are_there = text.at != NULL && other.at != NULL;
    return are_there ? text.len == other.len && same_bytes(text.at, other.at, text.len) : text.at == other.at;
}

bool hookgate_equal(hookgate_text text, const char *other) {
    return hookgate_same(text, hookgate_text_of(other));
}

bool hookgate_starts_with(hookgate_text text, const char *prefix) {
    size_t len = strlen(prefix);
    return text.len >= len && same_bytes(text.at, prefix, len);
}

bool hookgate_ends_with(hookgate_text text, const char *suffix) {
    size_t len = strlen(suffix);
    return text.len >= len && same_bytes(text.at + (text.len - len), suffix, len);
}

hookgate_text hookgate_email_domain(hookgate_text email) {
    for (size_t n = email.len; n > 0; n--) {
        if (email.at[n - 1] == '@') {
            return (hookgate_text){email.at + n, email.len - n};
        }
    }
    return HOOKGATE_TEXT("");
}

/* --- Answers -------------------------------------------------------------------------------------- */

hookgate_answer hookgate_ok(void) {
    return (hookgate_answer){HOOKGATE_OK, HOOKGATE_NONE, HOOKGATE_NONE, HOOKGATE_NONE};
}

hookgate_answer hookgate_allow_if(bool allowed) {
    return allowed ? hookgate_ok() : hookgate_deny(HOOKGATE_NONE, HOOKGATE_NONE, HOOKGATE_NONE);
}

hookgate_answer hookgate_deny(hookgate_text code, hookgate_text message, hookgate_text reason) {
    return (hookgate_answer){HOOKGATE_DENY, code, message, reason};
}

hookgate_answer hookgate_fail(hookgate_text text) {
    return (hookgate_answer){HOOKGATE_FAIL, HOOKGATE_NONE, HOOKGATE_NONE, text};
}

hookgate_answer hookgate_fail_by(const hookgate_problem *problem) {
    return hookgate_fail(problem->text);
}

/* As the canonical ABI lays them out on wasm32. */
typedef struct {
    const char *at;
    size_t len;
} raw_text;

typedef struct {
    uint8_t is_there;
    raw_text text;
} raw_option;

/* result<decision, string>, result<json, string> and result<_, string>. */
static struct {
    uint8_t is_error;
    union {
        raw_text text;
        struct {
            uint8_t is_denial;
            raw_option code, message, reason;
        } decision;
    } value;
} raw_answer;

static raw_option lower(hookgate_text text) {
    return (raw_option){text.at != NULL, {text.at, text.len}};
}

static const void *answer_text(bool is_error, hookgate_text text) {
    raw_answer.is_error = is_error;
    raw_answer.value.text = (raw_text){text.at, text.len};
    return &raw_answer;
}

static const void *misplaced_denial(void) {
    return answer_text(true, HOOKGATE_TEXT("the hook answered with a denial, which only allow-signin can"));
}

const void *hookgate_gate_(const hookgate_answer *answer, const void *unused) {
    (void)unused;
    if (answer->kind == HOOKGATE_FAIL) {
        return answer_text(true, answer->reason);
    }
    raw_answer.is_error = false;
    raw_answer.value.decision.is_denial = answer->kind == HOOKGATE_DENY;
    raw_answer.value.decision.code = lower(answer->code);
    raw_answer.value.decision.message = lower(answer->message);
    raw_answer.value.decision.reason = lower(answer->reason);
    return &raw_answer;
}

const void *hookgate_changed_(const hookgate_answer *answer, const hookgate_object *object) {
    switch (answer->kind) {
    case HOOKGATE_OK:
        return answer_text(false, object->json);
    case HOOKGATE_FAIL:
        return answer_text(true, answer->reason);
    default:
        return misplaced_denial();
    }
}

const void *hookgate_taken_(const hookgate_answer *answer, const void *unused) {
    (void)unused;
    switch (answer->kind) {
    case HOOKGATE_OK:
        return answer_text(false, HOOKGATE_NONE);
    case HOOKGATE_FAIL:
        return answer_text(true, answer->reason);
    default:
        return misplaced_denial();
    }
}

/* --- Arguments that do not fit on the stack ------------------------------------------------------- */

typedef struct {
    raw_text id, email;
    raw_option name, image;
    uint8_t email_verified, is_active;
} raw_user;

typedef struct {
    raw_text id, user_id, name, aaguid;
    uint32_t sign_count;
    uint64_t created_at;
    uint8_t was_used;
    uint64_t last_used_at;
} raw_passkey;

static hookgate_text lift(raw_text text) {
    return hookgate_lift_(1, text.at, text.len);
}

static hookgate_text lift_option(raw_option option) {
    return hookgate_lift_(option.is_there, option.text.at, option.text.len);
}

void hookgate_lift_spilled_(const void *spilled, hookgate_user *user, hookgate_passkey *passkey) {
    const struct {
        raw_user user;
        raw_passkey passkey;
    } *raw = spilled;
    const raw_user *u = &raw->user;
    *user = (hookgate_user){
        lift(u->id),           lift(u->email),         lift_option(u->name),
        lift_option(u->image), u->email_verified != 0, u->is_active != 0,
    };
    const raw_passkey *p = &raw->passkey;
    *passkey = (hookgate_passkey){
        lift(p->id),   lift(p->user_id), lift(p->name),    lift(p->aaguid),
        p->sign_count, p->created_at,    p->was_used != 0, p->was_used ? p->last_used_at : 0,
    };
}

/* --- JSON objects --------------------------------------------------------------------------------- */
/* The host hands over valid JSON; what a plugin sets is looked at by the host. Nothing here reads on. */

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(hookgate_text json, size_t at) {
    while (at < json.len && is_space(json.at[at])) {
        at++;
    }
    return at;
}

/* From the opening quote to after the closing one. */
static size_t skip_string(hookgate_text json, size_t at) {
    at++;
    while (at < json.len && json.at[at] != '"') {
        at += json.at[at] == '\\' ? 2 : 1;
    }
    return at < json.len ? at + 1 : json.len;
}

static size_t skip_value(hookgate_text json, size_t at) {
    size_t depth = 0;
    while (at < json.len) {
        char c = json.at[at];
        if (c == '"') {
            at = skip_string(json, at);
            if (depth == 0) {
                return at;
            }
        } else if (c == '{' || c == '[') {
            depth++;
            at++;
        } else if (c == '}' || c == ']') {
            if (depth == 0) {
                return at; /* The end of what a bare value is in. */
            }
            at++;
            if (--depth == 0) {
                return at;
            }
        } else if (depth == 0 && (c == ',' || is_space(c))) {
            return at;
        } else {
            at++;
        }
    }
    return json.len;
}

static size_t put_utf8(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

static uint32_t hex4(hookgate_text json, size_t at) {
    uint32_t value = 0;
    for (size_t n = at; n < at + 4; n++) {
        char c = n < json.len ? json.at[n] : '0';
        value = value << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return value & 0xffff;
}

/* The text of a JSON string, quotes included. It is never longer than its JSON. */
static hookgate_text unescape(hookgate_text json) {
    char *text = hookgate_alloc(json.len);
    size_t len = 0;
    for (size_t at = 1; at + 1 < json.len; at++) {
        char c = json.at[at];
        if (c != '\\') {
            text[len++] = c;
            continue;
        }
        c = json.at[++at];
        if (c != 'u') {
            static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
            const char *found = c == 0 ? NULL : strchr(from, c);
            text[len++] = found != NULL ? to[found - from] : c;
            continue;
        }
        uint32_t unit = hex4(json, at + 1);
        at += 4;
        if (unit >= 0xd800 && unit < 0xdc00 && at + 2 < json.len && json.at[at + 1] == '\\') {
            unit = 0x10000 + ((unit - 0xd800) << 10) + ((hex4(json, at + 3) - 0xdc00) & 0x3ff);
            at += 6;
        }
        len += put_utf8(text + len, unit);
    }
    return (hookgate_text){text, len};
}

static hookgate_text escape(hookgate_text text) {
    static const char hex[] = "0123456789abcdef";
    char *json = hookgate_alloc(text.len * 6 + 2);
    size_t len = 0;
    json[len++] = '"';
    for (size_t at = 0; at < text.len; at++) {
        unsigned char c = (unsigned char)text.at[at];
        if (c < 0x20) {
            const char unit[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
            memcpy(json + len, unit, sizeof unit);
            len += sizeof unit;
        } else {
            if (c == '"' || c == '\\') {
                json[len++] = '\\';
            }
            json[len++] = (char)c;
        }
    }
    json[len++] = '"';
    return (hookgate_text){json, len};
}

/* A member: `start..end` is `"key":value`, and `value..end` the value. */
typedef struct {
    size_t start, value, end;
} member;

static bool is_key(hookgate_text json, size_t start, size_t end, const char *key) {
    hookgate_text found = {json.at + start, end - start};
    if (memchr(found.at, '\\', found.len) != NULL) {
        return hookgate_equal(unescape(found), key);
    }
    return hookgate_equal((hookgate_text){found.at + 1, found.len < 2 ? 0 : found.len - 2}, key);
}

/* The last of this name, as other parsers see it. */
static bool find(hookgate_text json, const char *key, member *found) {
    bool is_there = false;
    size_t at = skip_space(json, 0) + 1;
    while ((at = skip_space(json, at)) < json.len && json.at[at] == '"') {
        member one = {at, 0, 0};
        size_t end_of_key = skip_string(json, at);
        one.value = skip_space(json, skip_space(json, end_of_key) + 1);
        if (one.value > json.len) {
            break;
        }
        one.end = skip_value(json, one.value);
        if (is_key(json, one.start, end_of_key, key)) {
            *found = one;
            is_there = true;
        }
        at = skip_space(json, one.end) + 1;
    }
    return is_there;
}

static hookgate_text part(hookgate_text text, size_t start, size_t end) {
    return (hookgate_text){text.at + start, end - start};
}

hookgate_object hookgate_object_new(void) {
    return (hookgate_object){HOOKGATE_TEXT("{}")};
}

hookgate_text hookgate_get(const hookgate_object *object, const char *key) {
    member found;
    return find(object->json, key, &found) ? part(object->json, found.value, found.end) : HOOKGATE_NONE;
}

hookgate_text hookgate_get_string(const hookgate_object *object, const char *key) {
    hookgate_text json = hookgate_get(object, key);
    return json.len >= 2 && json.at[0] == '"' ? unescape(json) : HOOKGATE_NONE;
}

int64_t hookgate_get_int(const hookgate_object *object, const char *key, int64_t otherwise) {
    hookgate_text json = hookgate_get(object, key);
    bool is_negative = json.len > 0 && json.at[0] == '-';
    size_t at = is_negative ? 1 : 0;
    uint64_t value = 0, most = (uint64_t)INT64_MAX + is_negative;
    if (at >= json.len) {
        return otherwise;
    }
    for (; at < json.len; at++) {
        char c = json.at[at];
        if (c < '0' || c > '9' || value > (most - (uint64_t)(c - '0')) / 10) {
            return otherwise;
        }
        value = value * 10 + (uint64_t)(c - '0');
    }
    return is_negative ? (int64_t)-value : (int64_t)value;
}

void hookgate_set(hookgate_object *object, const char *key, hookgate_text json) {
    hookgate_text old = object->json;
    member found;
    if (find(old, key, &found)) {
        object->json = hookgate_join(part(old, 0, found.value), json, part(old, found.end, old.len));
        return;
    }
    size_t end = old.len;
    while (end > 0 && old.at[end - 1] != '}') {
        end--;
    }
    end = end > 0 ? end - 1 : 0;
    size_t first = skip_space(old, skip_space(old, 0) + 1);
    bool is_empty = first >= end;
    object->json = hookgate_join(part(old, 0, end), is_empty ? HOOKGATE_TEXT("") : HOOKGATE_TEXT(","),
                                 escape(hookgate_text_of(key)), HOOKGATE_TEXT(":"), json, HOOKGATE_TEXT("}"));
}

void hookgate_set_string(hookgate_object *object, const char *key, hookgate_text value) {
    hookgate_set(object, key, value.at == NULL ? HOOKGATE_TEXT("null") : escape(value));
}

void hookgate_set_int(hookgate_object *object, const char *key, int64_t value) {
    hookgate_set(object, key, hookgate_text_of_int(value));
}

void hookgate_set_bool(hookgate_object *object, const char *key, bool value) {
    hookgate_set(object, key, value ? HOOKGATE_TEXT("true") : HOOKGATE_TEXT("false"));
}

void hookgate_set_object(hookgate_object *object, const char *key, const hookgate_object *value) {
    hookgate_set(object, key, value->json);
}

void hookgate_remove(hookgate_object *object, const char *key) {
    member found;
    while (find(object->json, key, &found)) {
        hookgate_text old = object->json;
        size_t start = found.start, end = found.end, next = skip_space(old, end);
        if (next < old.len && old.at[next] == ',') {
            end = next + 1;
        } else {
            /* The last one: the comma before it goes. */
            while (start > 0 && is_space(old.at[start - 1])) {
                start--;
            }
            if (start > 0 && old.at[start - 1] == ',') {
                start--;
            }
        }
        object->json = hookgate_join(part(old, 0, start), part(old, end, old.len));
    }
}

bool hookgate_next_string(hookgate_text array, size_t *position, hookgate_text *element) {
    size_t at = skip_space(array, *position);
    if (at >= array.len || (*position == 0 && array.at[at] != '[')) {
        return false;
    }
    at += *position == 0 ? 1 : 0;
    while ((at = skip_space(array, at)) < array.len && array.at[at] != ']') {
        size_t end = skip_value(array, at);
        hookgate_text json = part(array, at, end);
        at = skip_space(array, end);
        at += at < array.len && array.at[at] == ',' ? 1 : 0;
        if (json.len >= 2 && json.at[0] == '"') {
            *element = unescape(json);
            *position = at;
            return true;
        }
        if (at == end && json.len == 0) {
            break; /* Not JSON: it would stay here for ever. */
        }
    }
    return false;
}

hookgate_text hookgate_http_header(const hookgate_http_response *response, const char *name) {
    for (size_t n = 0; n < response->header_count; n++) {
        if (strcmp(response->headers[n].key, name) == 0) {
            return response->headers[n].value;
        }
    }
    return HOOKGATE_NONE;
}

hookgate_text hookgate_hex(hookgate_text bytes) {
    static const char digits[] = "0123456789abcdef";
    if (bytes.at == NULL) {
        return HOOKGATE_NONE;
    }
    char *hex = hookgate_alloc(bytes.len * 2);
    for (size_t n = 0; n < bytes.len; n++) {
        hex[n * 2] = digits[(unsigned char)bytes.at[n] >> 4];
        hex[n * 2 + 1] = digits[bytes.at[n] & 15];
    }
    return (hookgate_text){hex, bytes.len * 2};
}

/* --- The server; natively it is hookgate_testing.h ------------------------------------------------- */
#ifdef __wasm__

#define IMPORT(interface, name)                                                                     \
    __attribute__((import_module("hookgate:hooks/" interface "@0.1.0"), import_name(name)))

typedef struct {
    raw_text key, value;
} raw_field;

IMPORT("log", "log") void import_log(int32_t, const char *, size_t, const raw_field *, size_t);
IMPORT("config", "get") void import_config_get(const char *, size_t, raw_option *);
IMPORT("config", "all") void import_config_all(raw_text *);
IMPORT("request", "id") void import_id(raw_text *);
IMPORT("request", "time") int64_t import_time(void);
IMPORT("request", "ip") void import_ip(raw_option *);
IMPORT("request", "user-agent") void import_user_agent(raw_option *);
IMPORT("request", "provider") void import_provider(raw_option *);
IMPORT("request", "is-new") int32_t import_is_new(void);
IMPORT("request", "token-kind") void import_token_kind(uint8_t *);
IMPORT("request", "event-id") void import_event_id(raw_option *);
IMPORT("request", "attempt") int32_t import_attempt(void);

void hookgate_log(hookgate_level level, hookgate_text message, const hookgate_field *fields, size_t count) {
    raw_field *raw = hookgate_alloc(count * sizeof(raw_field));
    for (size_t n = 0; n < count; n++) {
        raw[n] = (raw_field){
            {fields[n].key, strlen(fields[n].key)},
            {fields[n].value.at, fields[n].value.len},
        };
    }
    import_log((int32_t)level, message.at, message.len, raw, count);
}

hookgate_text hookgate_config_get(const char *key) {
    raw_option answer;
    import_config_get(key, strlen(key), &answer);
    return lift_option(answer);
}

hookgate_object hookgate_config_all(void) {
    raw_text answer;
    import_config_all(&answer);
    return (hookgate_object){lift(answer)};
}

hookgate_text hookgate_request_id(void) {
    raw_text answer;
    import_id(&answer);
    return lift(answer);
}

uint64_t hookgate_request_time(void) { return (uint64_t)import_time(); }

static hookgate_text ask(void (*import)(raw_option *)) {
    raw_option answer;
    import(&answer);
    return lift_option(answer);
}

hookgate_text hookgate_request_ip(void) { return ask(import_ip); }
hookgate_text hookgate_request_user_agent(void) { return ask(import_user_agent); }
hookgate_text hookgate_request_provider(void) { return ask(import_provider); }
hookgate_text hookgate_request_event_id(void) { return ask(import_event_id); }
bool hookgate_request_is_new(void) { return import_is_new() != 0; }
uint32_t hookgate_request_attempt(void) { return (uint32_t)import_attempt(); }

hookgate_text hookgate_request_token_kind(void) {
    uint8_t answer[2];
    import_token_kind(answer);
    if (!answer[0]) {
        return HOOKGATE_NONE;
    }
    return answer[1] == 0 ? HOOKGATE_TEXT("access") : HOOKGATE_TEXT("refresh");
}

IMPORT("clock", "now") int64_t import_now(void);
IMPORT("clock", "monotonic") int64_t import_monotonic(void);
IMPORT("random", "bytes") void import_bytes(int32_t, raw_text *);
IMPORT("random", "number") int64_t import_number(void);

uint64_t hookgate_clock_now(void) { return (uint64_t)import_now(); }
uint64_t hookgate_clock_monotonic(void) { return (uint64_t)import_monotonic(); }
uint64_t hookgate_random_number(void) { return (uint64_t)import_number(); }

hookgate_text hookgate_random_bytes(uint32_t length) {
    raw_text answer;
    import_bytes((int32_t)length, &answer);
    return lift(answer);
}

/* An error of kv or http: a code with or without a text. */
typedef struct {
    uint8_t code;
    raw_text text;
} raw_error;

static bool has_problem(bool is_error, const char *const *codes, size_t with_text, const raw_error *error,
                        hookgate_problem *problem) {
    if (is_error && problem != NULL) {
        bool has_text = (with_text >> error->code & 1) != 0;
        const char *code = codes[error->code];
        problem->code = code;
        problem->text = has_text ? hookgate_join(hookgate_text_of(code), HOOKGATE_TEXT(": "), lift(error->text))
                                 : hookgate_text_of(code);
    }
    return is_error;
}

static bool kv_failed(bool is_error, const raw_error *error, hookgate_problem *problem) {
    static const char *const codes[] = {"invalid", "quota", "not-a-number", "unavailable"};
    return has_problem(is_error, codes, 3, error, problem);
}

typedef struct {
    uint8_t is_error;
    union {
        raw_option value;
        uint8_t flag;
        raw_error error;
    } is;
} raw_kv;

typedef struct {
    uint8_t is_error;
    union {
        int64_t sum;
        raw_error error;
    } is;
} raw_sum;

IMPORT("kv", "get") void import_kv_get(const char *, size_t, raw_kv *);
IMPORT("kv", "set") void import_kv_set(const char *, size_t, const char *, size_t, int32_t, uint32_t, raw_kv *);
IMPORT("kv", "delete") void import_kv_delete(const char *, size_t, raw_kv *);
IMPORT("kv", "increment") void import_kv_increment(const char *, size_t, int64_t, int32_t, uint32_t, raw_sum *);
IMPORT("kv", "compare-and-set")
void import_kv_compare(const char *, size_t, int32_t, const char *, size_t, int32_t, const char *, size_t, int32_t,
                       uint32_t, raw_kv *);

bool hookgate_kv_get(hookgate_text key, hookgate_text *value, hookgate_problem *problem) {
    raw_kv answer;
    import_kv_get(key.at, key.len, &answer);
    if (kv_failed(answer.is_error, &answer.is.error, problem)) {
        return false;
    }
    *value = lift_option(answer.is.value);
    return true;
}

bool hookgate_kv_set(hookgate_text key, hookgate_text value, uint32_t ttl_seconds, hookgate_problem *problem) {
    raw_kv answer;
    import_kv_set(key.at, key.len, value.at, value.len, ttl_seconds != 0, ttl_seconds, &answer);
    return !kv_failed(answer.is_error, &answer.is.error, problem);
}

bool hookgate_kv_delete(hookgate_text key, hookgate_problem *problem) {
    raw_kv answer;
    import_kv_delete(key.at, key.len, &answer);
    return !kv_failed(answer.is_error, &answer.is.error, problem);
}

bool hookgate_kv_increment(hookgate_text key, int64_t by, uint32_t ttl_seconds, int64_t *sum, hookgate_problem *problem) {
    raw_sum answer;
    import_kv_increment(key.at, key.len, by, ttl_seconds != 0, ttl_seconds, &answer);
    if (kv_failed(answer.is_error, &answer.is.error, problem)) {
        return false;
    }
    if (sum != NULL) {
        *sum = answer.is.sum;
    }
    return true;
}

bool hookgate_kv_compare_and_set(hookgate_text key, hookgate_text expected, hookgate_text value, uint32_t ttl_seconds,
                                 bool *was_set, hookgate_problem *problem) {
    raw_kv answer;
    import_kv_compare(key.at, key.len, expected.at != NULL, expected.at, expected.len, value.at != NULL, value.at,
                      value.len, ttl_seconds != 0, ttl_seconds, &answer);
    if (kv_failed(answer.is_error, &answer.is.error, problem)) {
        return false;
    }
    *was_set = answer.is.flag != 0;
    return true;
}

typedef struct {
    raw_text name, prefix, secret;
} raw_secret_header;

typedef struct {
    uint8_t is_error;
    union {
        struct {
            uint16_t status;
            const raw_field *headers;
            size_t header_count;
            raw_text body;
        } response;
        raw_error error;
    } is;
} raw_response;

IMPORT("http", "send")
void import_send(const char *, size_t, const char *, size_t, const raw_field *, size_t, const raw_secret_header *, size_t,
                 int32_t, const char *, size_t, int32_t, uint32_t, raw_response *);

static raw_text raw_string(const char *text) {
    return (raw_text){text, text == NULL ? 0 : strlen(text)};
}

bool hookgate_http_send(const hookgate_http_request *request, hookgate_http_response *response, hookgate_problem *problem) {
    static const char *const codes[] = {"invalid", "denied", "timeout", "too-large", "connection"};
    raw_field *headers = hookgate_alloc(request->header_count * sizeof(raw_field));
    for (size_t n = 0; n < request->header_count; n++) {
        hookgate_text value = request->headers[n].value;
        headers[n] = (raw_field){raw_string(request->headers[n].key), {value.at, value.len}};
    }
    raw_secret_header *secrets = hookgate_alloc(request->secret_header_count * sizeof(raw_secret_header));
    for (size_t n = 0; n < request->secret_header_count; n++) {
        const hookgate_secret_header *header = &request->secret_headers[n];
        secrets[n] = (raw_secret_header){raw_string(header->name), raw_string(header->prefix), raw_string(header->secret)};
    }
    hookgate_text body = request->body;
    const char *method = request->method != NULL ? request->method : body.at != NULL ? "POST" : "GET";
    raw_response answer;
    import_send(method, strlen(method), request->url.at, request->url.len, headers, request->header_count, secrets,
                request->secret_header_count, body.at != NULL, body.at, body.len, request->timeout_ms != 0,
                request->timeout_ms, &answer);
    if (has_problem(answer.is_error, codes, 19, &answer.is.error, problem)) {
        return false;
    }
    size_t count = answer.is.response.header_count;
    hookgate_field *lifted = hookgate_alloc(count * sizeof(hookgate_field));
    for (size_t n = 0; n < count; n++) {
        raw_field raw = answer.is.response.headers[n];
        char *key = hookgate_alloc(raw.key.len + 1);
        memcpy(key, raw.key.at, raw.key.len);
        key[raw.key.len] = 0;
        lifted[n] = (hookgate_field){key, lift(raw.value)};
    }
    *response = (hookgate_http_response){answer.is.response.status, lifted, count, lift(answer.is.response.body)};
    return true;
}

typedef struct {
    const raw_text *at;
    size_t count;
} raw_texts;

IMPORT("secrets", "names") void import_names(raw_texts *);
IMPORT("secrets", "hmac-sha256") void import_hmac(const char *, size_t, const char *, size_t, raw_option *);

size_t hookgate_secrets_names(const hookgate_text **names) {
    raw_texts answer;
    import_names(&answer);
    hookgate_text *lifted = hookgate_alloc(answer.count * sizeof(hookgate_text));
    for (size_t n = 0; n < answer.count; n++) {
        lifted[n] = lift(answer.at[n]);
    }
    *names = lifted;
    return answer.count;
}

hookgate_text hookgate_secrets_hmac_sha256(const char *name, hookgate_text data) {
    raw_option answer;
    import_hmac(name, strlen(name), data.at, data.len, &answer);
    return lift_option(answer);
}

#endif
