// Networks in CIDR notation, of IPv4 and IPv6.
#ifndef NETWORK_HPP
#define NETWORK_HPP

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// Of IPv4 the last four bytes, as RFC 4291 maps them: ::ffff:192.0.2.1 is 192.0.2.1.
using Address = std::array<uint8_t, 16>;

inline std::optional<unsigned> number(std::string_view text, int base, unsigned most) {
    unsigned value = 0;
    const char *last = text.data() + text.size();
    auto [end, error] = std::from_chars(text.data(), last, value, base);
    return error == std::errc{} && end == last && value <= most ? std::optional{value} : std::nullopt;
}

inline std::optional<Address> ipv4(std::string_view text) {
    Address address{};
    address[10] = address[11] = 0xff;
    for (size_t at = 12; at < 16; at++) {
        size_t dot = text.find('.');
        // The last of them ends with the text, and only the last.
        if ((dot == text.npos) != (at == 15)) return std::nullopt;
        auto part = number(text.substr(0, dot), 10, 255);
        if (!part) return std::nullopt;
        address[at] = static_cast<uint8_t>(*part);
        text.remove_prefix(at == 15 ? text.size() : dot + 1);
    }
    return address;
}

// Groups of hexadecimal digits from `start` on, an IPv4 address as the last two. Where they end.
inline std::optional<size_t> groups(std::string_view text, Address &address, size_t start) {
    size_t at = start;
    while (!text.empty()) {
        size_t colon = text.find(':');
        std::string_view part = text.substr(0, colon);
        if (part.find('.') != part.npos) {
            auto last = ipv4(part);
            if (!last || colon != text.npos || at > 12) return std::nullopt;
            for (size_t n = 12; n < 16; n++) address[at++] = (*last)[n];
            return at;
        }
        auto group = number(part, 16, 0xffff);
        if (!group || at > 14) return std::nullopt;
        address[at++] = static_cast<uint8_t>(*group >> 8);
        address[at++] = static_cast<uint8_t>(*group);
        if (colon == text.npos) return at;
        text.remove_prefix(colon + 1);
        if (text.empty()) return std::nullopt;
    }
    return at;
}

inline std::optional<Address> ipv6(std::string_view text) {
    Address address{};
    size_t gap = text.find("::");
    auto head = groups(text.substr(0, gap), address, 0);
    if (!head) return std::nullopt;
    if (gap == text.npos) return *head == 16 ? std::optional{address} : std::nullopt;
    Address tail{};
    auto size = groups(text.substr(gap + 2), tail, 0);
    if (!size || *head + *size > 14) return std::nullopt;
    for (size_t n = 0; n < *size; n++) address[16 - *size + n] = tail[n];
    return address;
}

inline std::optional<Address> parse_address(std::string_view text) {
    return text.find(':') == text.npos ? ipv4(text) : ipv6(text);
}

struct Network {
    Address address;
    unsigned bits;

    bool contains(const Address &other) const {
        for (unsigned bit = 0; bit < bits; bit++) {
            unsigned mask = 0x80u >> (bit % 8);
            if (((address[bit / 8] ^ other[bit / 8]) & mask) != 0) return false;
        }
        return true;
    }
};

// `192.0.2.0/24`, `2001:db8::/32`, or one address.
inline std::optional<Network> parse_network(std::string_view text) {
    size_t slash = text.find('/');
    auto address = parse_address(text.substr(0, slash));
    if (!address) return std::nullopt;
    unsigned before = text.substr(0, slash).find(':') == text.npos ? 96 : 0;
    if (slash == text.npos) return Network{*address, 128};
    auto bits = number(text.substr(slash + 1), 10, 128 - before);
    return bits ? std::optional{Network{*address, before + *bits}} : std::nullopt;
}

#endif
