package main

import (
	"testing"

	hookgate "github.com/hookgate/hookgate/plugins-sdk/go"
)

func issue(t *testing.T, email string, verified bool) hookgate.Object {
	t.Helper()
	hookgate.NewTesting().Config = map[string]any{
		"tenants": map[string]any{"example.com": map[string]any{"id": "acme", "admins": []string{"ada@example.com"}}},
	}
	user := hookgate.TestingUser(email)
	user.EmailVerified = verified
	claims := hookgate.Object{"sub": user.ID}
	if err := ModifyJwt(claims, user); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestPeopleOfATenantGetItsID(t *testing.T) {
	bob, ada := issue(t, "bob@example.com", true), issue(t, "ada@example.com", true)
	if bob["tenant"] != "acme" || bob["tenant_role"] != "member" || ada["tenant_role"] != "admin" {
		t.Error(bob, ada)
	}
}

func TestOthersKeepTheirClaims(t *testing.T) {
	for _, claims := range []hookgate.Object{issue(t, "eve@example.com", false), issue(t, "eve@example.org", true)} {
		if len(claims) != 1 {
			t.Error(claims)
		}
	}
}

func TestSettingsThatDoNotFitAreAFailure(t *testing.T) {
	hookgate.NewTesting().Config = map[string]any{"tenants": []string{}}
	if err := ModifyJwt(hookgate.Object{}, hookgate.TestingUser("ada@example.com")); err == nil {
		t.Error("no error")
	}
}
