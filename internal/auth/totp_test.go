package auth_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/crowsstack/privacy-portal/internal/auth"
)

// The secret of RFC 6238, appendix B, whose codes end with these six digits.
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func TestCodesOfTheStandard(t *testing.T) {
	t.Parallel()
	for unix, code := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		if step, ok := auth.TOTPStep(rfcSecret, code, time.Unix(unix, 0), 0); !ok || step != unix/30 {
			t.Errorf("%s at %d: step %d, %v", code, unix, step, ok)
		}
	}
}

func TestACodeCountsInItsStepAndOneBesideIt(t *testing.T) {
	t.Parallel()
	at := time.Unix(1111111109, 0) // one second before the step ends
	step := at.Unix() / 30
	for _, tt := range []struct {
		name  string
		code  string
		at    time.Time
		after int64
		ok    bool
	}{
		{"now", "081804", at, 0, true},
		{"written with a blank", " 081 804", at, 0, true},
		{"a step late", "081804", at.Add(30 * time.Second), 0, true},
		{"a step early", "081804", at.Add(-30 * time.Second), 0, true},
		{"two steps late", "081804", at.Add(60 * time.Second), 0, false},
		{"two steps early", "081804", at.Add(-60 * time.Second), 0, false},
		{"used before", "081804", at, step, false},
		{"used before, a step late", "081804", at.Add(30 * time.Second), step, false},
		{"older than the last one", "081804", at, step + 1, false},
		{"wrong", "081805", at, 0, false},
		{"too short", "81804", at, 0, false},
		{"too long", "0081804", at, 0, false},
		{"empty", "", at, 0, false},
	} {
		got, ok := auth.TOTPStep(rfcSecret, tt.code, tt.at, tt.after)
		if ok != tt.ok || ok && got != step {
			t.Errorf("%s: step %d, %v; want %v", tt.name, got, ok, tt.ok)
		}
	}
}

func TestANewSecretMakesCodesThatCount(t *testing.T) {
	t.Parallel()
	secret, url, err := auth.NewTOTP("CrowsStack Privacy", "ana@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if len(secret) != 32 || !strings.HasPrefix(url, "otpauth://totp/CrowsStack%20Privacy:ana@example.org?") || !strings.Contains(url, "secret="+secret) {
		t.Errorf("secret of %d characters in %s", len(secret), strings.ReplaceAll(url, secret, "…"))
	}
	if again, err := auth.TOTPURL("CrowsStack Privacy", "ana@example.org", secret); err != nil || again != url {
		t.Errorf("another address the second time (%v)", err)
	}
	at := time.Unix(1800000000, 0)
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := auth.TOTPStep(secret, code, at, 0); !ok {
		t.Error("its own code does not count")
	}
}
