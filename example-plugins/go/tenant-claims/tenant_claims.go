// Adds the claims `tenant` and `tenant_role`, by the domain of a proven e-mail address.
package main

import (
	"fmt"
	"slices"

	hookgate "github.com/hookgate/hookgate/plugins-sdk/go"
)

type settings struct {
	Tenants map[string]tenant `json:"tenants"`
}

type tenant struct {
	ID     string   `json:"id"`
	Admins []string `json:"admins"`
}

func main() {}

// ModifyJwt leaves the tokens of people without a tenant as they are.
func ModifyJwt(claims hookgate.Object, user hookgate.User) error {
	var settings settings
	if err := hookgate.ConfigAll(&settings); err != nil {
		return fmt.Errorf("the settings do not fit: %w", err)
	}
	// Anybody can claim to have an address somewhere.
	tenant, isThere := settings.Tenants[user.EmailDomain()]
	if !isThere || !user.EmailVerified {
		return nil
	}
	claims["tenant"] = tenant.ID
	claims["tenant_role"] = "member"
	if slices.Contains(tenant.Admins, user.Email) {
		claims["tenant_role"] = "admin"
	}
	return nil
}
