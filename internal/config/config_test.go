package config_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/config"
)

// good is the least that lets either process start.
var good = []string{
	"HOME=/root",
	"PORTAL_DATABASE_URL=postgres://portal_web:hunter2@db/portal",
	"PORTAL_KEYS=k1:c2VjcmV0",
	"PORTAL_BASE_URL=https://privacy.example.com",
	"PORTAL_DATAMAP=/etc/portal/map.yaml",
	"PORTAL_VAULT_URL=file:///var/lib/portal/vault",
	"PORTAL_MAIL_FROM=Privacy <privacy@example.com>",
}

var goodWorker = []string{
	"PORTAL_MESSAGING_URL=postgres://portal_exec:hunter2@store/messaging",
	"PORTAL_SMTP_URL=smtp://u:hunter2@mail:587",
}

func TestPortalReadsWhatIsSetAndFillsInTheRest(t *testing.T) {
	t.Parallel()
	c, notices, err := config.ReadPortal(append([]string{"PORTAL_TRUSTED_PROXIES=10.1.2.3/8, ::1"}, good...))
	if err != nil || len(notices) != 0 {
		t.Fatal(err, notices)
	}
	if c.BaseURL.String() != "https://privacy.example.com" || c.Vault != "/var/lib/portal/vault" {
		t.Errorf("read %+v", c)
	}
	if c.Listen != "127.0.0.1:8080" || c.CoolingOff != 24*time.Hour || c.DeliveryDays != 14 || c.DeliveryCount != 5 {
		t.Errorf("defaults are %+v", c)
	}
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	if d := cmp.Diff(want, c.TrustedProxies, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); d != "" {
		t.Error(d)
	}
}

func TestStorageMayBeABucket(t *testing.T) {
	t.Parallel()
	const vault, objects = "s3://vault/packages?region=eu-central-1", "media=s3://media?region=eu-central-1, local=/srv/files"
	env := append(append([]string{}, good...), "PORTAL_VAULT_URL="+vault, "PORTAL_OBJECTS="+objects)
	c, notices, err := config.ReadWorker(append(env, goodWorker...))
	if err != nil || len(notices) != 0 || c.Vault != vault || c.Objects != objects {
		t.Errorf("read %q and %q, %v, %v", c.Vault, c.Objects, notices, err)
	}
}

func TestOneSentenceSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, set, want string }{
		{"an unknown name with a near one", "PORTAL_LISTN=:80", "PORTAL_LISTN is unknown; did you mean PORTAL_LISTEN?"},
		{"an unknown name with none near", "PORTAL_COLOUR_OF_THE_DOOR=red", "PORTAL_COLOUR_OF_THE_DOOR is unknown; -h lists all that can be set"},
		{"a file for what is no secret", "PORTAL_OPERATOR_FILE=/x", "PORTAL_OPERATOR_FILE is unknown; did you mean PORTAL_OPERATOR?"},
		{"the store's address", "PORTAL_MESSAGING_URL=postgres://x:hunter2@y/z", "PORTAL_MESSAGING_URL must not be given to portal: take it out of its environment"},
		{"the store's address in a file", "PORTAL_MESSAGING_URL_FILE=/run/store", "PORTAL_MESSAGING_URL_FILE must not be given to portal: take it out of its environment"},
		{"a database that is none", "PORTAL_DATABASE_URL=postgres://u:hunter2@db:port/x", "PORTAL_DATABASE_URL cannot be read: expected postgres://user@host/name or key=value pairs"},
		{"nothing where something is needed", "PORTAL_DATAMAP=", "PORTAL_DATAMAP is not set: expected the data map, a YAML file"},
		{"a page address with a path", "PORTAL_BASE_URL=https://example.com/privacy", `PORTAL_BASE_URL is "https://example.com/privacy": expected scheme and host only, such as https://privacy.example.com`},
		{"plain http in the open", "PORTAL_BASE_URL=http://example.com", `PORTAL_BASE_URL is "http://example.com": expected https (plain http is for a loopback address)`},
		{"a port that is none", "PORTAL_LISTEN=:http", `PORTAL_LISTEN is ":http": expected host:port, such as 127.0.0.1:8080 or :8080`},
		{"a provider without https", "PORTAL_OIDC_ISSUER=http://login.example.com", `PORTAL_OIDC_ISSUER is "http://login.example.com": expected the provider's own name, such as https://login.example.com (plain http is for a loopback address)`},
		{"half a provider", "PORTAL_OIDC_CLIENT_ID=portal", "PORTAL_OIDC_CLIENT_ID is of no use without PORTAL_OIDC_ISSUER"},
		{"half trust", "PORTAL_OIDC_MFA=yes", `PORTAL_OIDC_MFA is "yes": expected trust, or nothing`},
		{"a network that is none", "PORTAL_TRUSTED_PROXIES=10.0.0.0/99", `PORTAL_TRUSTED_PROXIES is "10.0.0.0/99": expected addresses or networks such as 10.0.0.0/8, separated by commas`},
		{"a time without a unit", "PORTAL_COOLING_OFF=24", `PORTAL_COOLING_OFF is "24": expected a length of time such as 24h, 90m or 30s`},
		{"no downloads at all", "PORTAL_DELIVERY_COUNT=0", `PORTAL_DELIVERY_COUNT is "0": expected a whole number of 1 or more`},
		{"a vault on a web server", "PORTAL_VAULT_URL=https://x/y", `PORTAL_VAULT_URL is "https://x/y": expected a directory, as /path or file:///path, or a bucket, as s3://bucket?region=eu-central-1`},
		{"a vault that depends on where we start", "PORTAL_VAULT_URL=file://vault", `PORTAL_VAULT_URL is "file://vault": expected a directory, as /path or file:///path`},
		{"a sender that is none", "PORTAL_MAIL_FROM=nobody", `PORTAL_MAIL_FROM is "nobody": expected an e-mail address, with or without a name before it`},
		{"the inbox in the open", "PORTAL_DEV_INBOX=/tmp/x", "PORTAL_DEV_INBOX shows every mail to everybody, so it works only where PORTAL_BASE_URL is a loopback address"},
		{"a secret twice", "PORTAL_KEYS_FILE=/run/keys", "PORTAL_KEYS and PORTAL_KEYS_FILE are both set: keep one"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			name, _, _ := strings.Cut(tt.set, "=")
			env := []string{tt.set}
			for _, e := range good {
				if !strings.HasPrefix(e, name+"=") {
					env = append(env, e)
				}
			}
			_, _, err := config.ReadPortal(env)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Error("the sentence repeats a secret")
			}
		})
	}
}

func TestSecretComesFromAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store")
	if err := os.WriteFile(path, []byte(" postgres://portal_exec@store/messaging\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := append([]string{"PORTAL_MESSAGING_URL_FILE=" + path, goodWorker[1]}, good...)
	c, _, err := config.ReadWorker(env)
	if err != nil || c.MessagingURL != "postgres://portal_exec@store/messaging" {
		t.Errorf("got %q, %v", c.MessagingURL, err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := config.ReadWorker(env); err == nil || !strings.Contains(err.Error(), "names a file that is empty") {
		t.Errorf("an empty file: %v", err)
	}
}

func TestASecretThatAnybodyCanReadIsNoticed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "store")
	if err := os.WriteFile(path, []byte("postgres://portal_exec@store/messaging"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := append([]string{"PORTAL_MESSAGING_URL_FILE=" + path, goodWorker[1]}, good...)
	for mode, want := range map[os.FileMode]int{0o600: 0, 0o640: 0, 0o644: 1} { // a group may be the one that runs us
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, notices, err := config.ReadWorker(env); err != nil || len(notices) != want {
			t.Errorf("mode %o: %q, %v", mode, notices, err)
		}
	}
}

func TestWorkerNoticesWhatItDoesNotUse(t *testing.T) {
	t.Parallel()
	_, notices, err := config.ReadWorker(append(append([]string{"PORTAL_LISTEN=:80"}, goodWorker...), good...))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"worker does not use PORTAL_LISTEN"}; !cmp.Equal(want, notices) {
		t.Error(cmp.Diff(want, notices))
	}
}

func TestEverythingWrongIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, _, err := config.ReadWorker([]string{"PORTAL_DELIVERY_DAYS=x"})
	if lines := strings.Count(err.Error(), "\n") + 1; lines != 9 {
		t.Errorf("%d complaints, want 8 missing and 1 malformed:\n%v", lines, err)
	}
}

func TestUsageNamesEveryVariableOfTheProcess(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	config.Usage(&b, config.PortalProcess)
	if strings.Contains(b.String(), "PORTAL_MESSAGING_URL") || !strings.Contains(b.String(), "PORTAL_COOLING_OFF") || !strings.Contains(b.String(), "default 24h") {
		t.Error(b.String())
	}
}
