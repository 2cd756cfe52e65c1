// hookgate.h for C++20: texts as std::string_view, members of JSON objects by overloads, answers by designated members.
// The hooks are written with the same macros. Nothing here throws: compile with -fno-exceptions.
#ifndef HOOKGATE_HPP
#define HOOKGATE_HPP

#include <concepts>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "hookgate.h"

namespace hookgate {

// A text that is not there is empty.
inline std::string_view view(hookgate_text text) { return text.at == nullptr ? std::string_view{} : std::string_view{text.at, text.len}; }

inline std::optional<std::string_view> optional(hookgate_text text) {
    return text.at == nullptr ? std::nullopt : std::optional{view(text)};
}

// What is shorter-lived than the hook's answer needs to be copied: see `copy`.
inline hookgate_text text(std::string_view view) { return {view.data() == nullptr ? "" : view.data(), view.size()}; }

// A text that lives until the hook has answered.
inline hookgate_text copy(std::string_view view) {
    const hookgate_text parts[] = {text(view)};
    return hookgate_join_all(parts, 1);
}

template <typename... Views> hookgate_text join(Views... views) {
    const hookgate_text parts[] = {text(std::string_view{views})...};
    return hookgate_join_all(parts, sizeof...(views));
}

struct Denial {
    std::string_view code{}, message{}, reason{};
};

// A refusal; what is empty is not there. The texts must be literals, or live until the hook has answered.
inline hookgate_answer deny(const Denial &denial) {
    auto given = [](std::string_view part) { return part.empty() ? HOOKGATE_NONE : text(part); };
    return hookgate_deny(given(denial.code), given(denial.message), given(denial.reason));
}

inline hookgate_answer fail(std::string_view reason) { return hookgate_fail(copy(reason)); }

inline void set(hookgate_object &object, const char *key, std::string_view value) { hookgate_set_string(&object, key, text(value)); }
inline void set(hookgate_object &object, const char *key, const char *value) { set(object, key, std::string_view{value}); }
inline void set(hookgate_object &object, const char *key, const hookgate_object &value) { hookgate_set_object(&object, key, &value); }
inline void set(hookgate_object &object, const char *key, std::same_as<bool> auto value) { hookgate_set_bool(&object, key, value); }
template <std::integral Number>
    requires(!std::same_as<Number, bool>)
void set(hookgate_object &object, const char *key, Number value) {
    hookgate_set_int(&object, key, static_cast<int64_t>(value));
}

// A member that is a string; nothing if it is absent or something else.
inline std::optional<std::string_view> get(const hookgate_object &object, const char *key) {
    return optional(hookgate_get_string(&object, key));
}

inline void log(hookgate_level level, std::string_view message, std::initializer_list<hookgate_field> fields = {}) {
    hookgate_log(level, text(message), fields.begin(), fields.size());
}

} // namespace hookgate

#endif
