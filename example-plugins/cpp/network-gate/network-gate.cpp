// Lets in by the network that a request comes from, and tells the others.
#include "hookgate.hpp"
#include "network.hpp"

using std::string_view;

// The first entry of a list that the address lies in, if there is any.
static std::optional<string_view> entry_with(hookgate_text list, const std::optional<Address> &address) {
    hookgate_text entry;
    for (size_t position = 0; address && hookgate_next_string(list, &position, &entry);) {
        auto network = parse_network(hookgate::view(entry));
        if (network && network->contains(*address)) return hookgate::view(entry);
    }
    return std::nullopt;
}

// What is wrong with a list of networks: none, if it is fine or not there.
static hookgate_text problem_of(const hookgate_object &config, const char *name) {
    hookgate_text list = hookgate_get(&config, name), entry;
    if (list.at == nullptr) return HOOKGATE_NONE;
    if (!hookgate_starts_with(list, "[")) return hookgate::join("`", name, "` must be a list of networks");
    for (size_t position = 0; hookgate_next_string(list, &position, &entry);) {
        if (!parse_network(hookgate::view(entry))) {
            return hookgate::join("`", hookgate::view(entry), "` in `", name, "` is no network such as 192.0.2.0/24");
        }
    }
    return HOOKGATE_NONE;
}

// A misspelt network must be seen when the plugin is loaded, not when somebody comes in through it.
HOOKGATE_VALIDATE_CONFIG() {
    hookgate_object config = hookgate_config_all();
    for (const char *name : {"blocked", "allowed"}) {
        hookgate_text problem = problem_of(config, name);
        if (problem.at != nullptr) return hookgate_fail(problem);
    }
    return hookgate_ok();
}

HOOKGATE_ALLOW_SIGNIN(user, provider) {
    hookgate_object config = hookgate_config_all();
    auto address = parse_address(hookgate::view(hookgate_request_ip()));
    auto message = hookgate::get(config, "message").value_or("Signing in is not possible from your network.");
    if (auto entry = entry_with(hookgate_get(&config, "blocked"), address)) {
        hookgate_text reason = hookgate::join("from ", *entry, ", which is blocked");
        return hookgate::deny({.code = "network", .message = message, .reason = hookgate::view(reason)});
    }
    // Who has no address is in no network.
    hookgate_text allowed = hookgate_get(&config, "allowed");
    if (allowed.at == nullptr || entry_with(allowed, address)) return hookgate_ok();
    return hookgate::deny({.code = "network", .message = message, .reason = "from none of the networks in `allowed`"});
}
