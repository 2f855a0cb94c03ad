package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// reader takes values by name and collects every complaint, so that one start
// tells all that is wrong.
type reader struct {
	process Process
	values  map[string]string
	notices []string
	errs    []error
}

func newReader(p Process, environ []string) *reader {
	r := &reader{process: p, values: map[string]string{}}
	given := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "PORTAL_") {
			given[name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		r.admit(name)
	}
	for _, v := range variables {
		if v.readBy(p) {
			r.values[v.name] = r.value(v, given)
		}
	}
	return r
}

// admit says what is wrong with a variable being there at all.
func (r *reader) admit(name string) {
	v, known := lookup(name)
	switch {
	case !known && nearest(name) != "":
		r.wrong(name, "is unknown; did you mean %s?", nearest(name))
	case !known:
		r.wrong(name, "is unknown; -h lists all that can be set")
	case slices.Contains(v.refuse, r.process):
		r.wrong(name, "must not be given to %s: take it out of its environment", r.process)
	case !v.readBy(r.process):
		r.notices = append(r.notices, fmt.Sprintf("%s does not use %s", r.process, name))
	}
}

// value takes a variable, its file or its default. Empty is not set.
func (r *reader) value(v variable, given map[string]string) string {
	value, path := given[v.name], given[v.name+"_FILE"]
	if v.secret && path != "" {
		if value != "" {
			r.wrong(v.name, "and %s_FILE are both set: keep one", v.name)
			return ""
		}
		b, err := os.ReadFile(path)
		if err != nil {
			r.wrong(v.name+"_FILE", "names a file that cannot be read: %v", err)
			return ""
		}
		if info, err := os.Stat(path); err == nil && info.Mode()&0o004 != 0 {
			r.notices = append(r.notices, fmt.Sprintf("%s_FILE can be read by everybody on this machine: chmod o-r %s", v.name, path))
		}
		if value = strings.TrimSpace(string(b)); value == "" {
			r.wrong(v.name+"_FILE", "names a file that is empty: %s", path)
			return ""
		}
	}
	if value == "" {
		value = v.fallback
	}
	if value == "" && slices.Contains(v.need, r.process) {
		r.wrong(v.name, "is not set: expected %s", v.help)
	}
	return value
}

func (r *reader) wrong(name, format string, args ...any) {
	r.errs = append(r.errs, errors.New(name+" "+fmt.Sprintf(format, args...)))
}

// malformed repeats the value, unless it is a secret.
func (r *reader) malformed(name, expected string) {
	if v, _ := lookup(name); v.secret {
		r.wrong(name, "cannot be read: expected %s", expected)
		return
	}
	r.wrong(name, "is %q: expected %s", r.values[name], expected)
}

func (r *reader) err() error { return errors.Join(r.errs...) }

func (r *reader) text(name string) string { return r.values[name] }

// lines are those that | sets apart.
func (r *reader) lines(name string) (lines []string) {
	for line := range strings.SplitSeq(r.values[name], "|") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func (r *reader) database(name string) string {
	s := r.values[name]
	if s == "" {
		return ""
	}
	if _, err := pgxpool.ParseConfig(s); err != nil { // the error would repeat the password
		r.malformed(name, "postgres://user@host/name or key=value pairs")
	}
	return s
}

// databases reads the addresses of the messaging store's databases.
func (r *reader) databases(name string) string {
	s := r.values[name]
	for _, address := range Databases(s) {
		if _, err := pgxpool.ParseConfig(address); err != nil { // the error would repeat the password
			r.malformed(name, "postgres://user@host/name or key=value pairs; of several databases, a name before each: eu1=postgres://… eu2=postgres://…")
		}
	}
	return s
}

var named = regexp.MustCompile(`^([a-z0-9][a-z0-9_-]*)=(postgres(?:ql)?://\S*)$`)

// Databases splits the addresses of several databases, written name=postgres://…
// with blanks between them; one address alone has the name "".
func Databases(s string) map[string]string {
	out := map[string]string{}
	for _, f := range strings.Fields(s) {
		at := named.FindStringSubmatch(f)
		if at == nil {
			return map[string]string{"": s}
		}
		out[at[1]] = at[2]
	}
	return out
}

func (r *reader) site(name string) *url.URL {
	s := r.values[name]
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil:
		r.malformed(name, "scheme and host only, such as https://privacy.example.com")
		return nil
	case u.Scheme == "http" && !loopback(u):
		r.malformed(name, "https (plain http is for a loopback address)")
		return nil
	}
	u.Path = ""
	return u
}

func (r *reader) sso() *SSO {
	c := SSO{Issuer: r.values["PORTAL_OIDC_ISSUER"], ClientID: r.values["PORTAL_OIDC_CLIENT_ID"], Secret: r.values["PORTAL_OIDC_CLIENT_SECRET"],
		TrustMFA: r.values["PORTAL_OIDC_MFA"] == "trust"}
	if m := r.values["PORTAL_OIDC_MFA"]; m != "" && !c.TrustMFA {
		r.malformed("PORTAL_OIDC_MFA", "trust, or nothing")
		return nil
	}
	if c.Issuer == "" {
		for _, name := range []string{"PORTAL_OIDC_CLIENT_ID", "PORTAL_OIDC_CLIENT_SECRET", "PORTAL_OIDC_MFA"} {
			if r.values[name] != "" {
				r.wrong(name, "is of no use without PORTAL_OIDC_ISSUER")
			}
		}
		return nil
	}
	// The provider spells its own name, so it is taken as it is.
	if u, err := url.Parse(c.Issuer); err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u)) {
		r.malformed("PORTAL_OIDC_ISSUER", "the provider's own name, such as https://login.example.com (plain http is for a loopback address)")
		return nil
	}
	for _, name := range []string{"PORTAL_OIDC_CLIENT_ID", "PORTAL_OIDC_CLIENT_SECRET"} {
		if r.values[name] == "" {
			r.wrong(name, "is not set: PORTAL_OIDC_ISSUER needs it")
		}
	}
	return &c
}

func loopback(u *url.URL) bool {
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

func (r *reader) smtp(name string) string {
	s := r.values[name]
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"smtp", "smtp+starttls", "smtps"}, u.Scheme) {
		r.malformed(name, "smtp+starttls://user:password@host:587, smtps://user:password@host:465 or smtp://127.0.0.1:25")
	}
	return s
}

func (r *reader) mailbox(name string) string {
	s := r.values[name]
	if s == "" {
		return ""
	}
	if _, err := mail.ParseAddress(s); err != nil {
		r.malformed(name, "an e-mail address, with or without a name before it")
	}
	return s
}

// directory takes a path or a file URL and leaves the looking to its user.
func (r *reader) directory(name string) string {
	s := r.values[name]
	scheme, rest, isURL := strings.Cut(s, "://")
	if !isURL {
		return s
	}
	if scheme != "file" || !strings.HasPrefix(rest, "/") {
		r.malformed(name, "a directory, as /path or file:///path")
	}
	return rest
}

// storage takes a directory or an S3 bucket. What stands behind the bucket's
// name is for the one who opens it.
func (r *reader) storage(name string) string {
	s := r.values[name]
	switch scheme, _, isURL := strings.Cut(s, "://"); {
	case scheme == "s3":
		return s
	case isURL && scheme != "file":
		r.malformed(name, "a directory, as /path or file:///path, or a bucket, as s3://bucket?region=eu-central-1")
		return ""
	}
	return r.directory(name)
}

func (r *reader) address(name string) string {
	s := r.values[name]
	if s == "" {
		return ""
	}
	if _, port, err := net.SplitHostPort(s); err != nil || !isPort(port) {
		r.malformed(name, "host:port, such as 127.0.0.1:8080 or :8080")
	}
	return s
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

func (r *reader) prefixes(name string) (list []netip.Prefix) {
	for item := range strings.SplitSeq(r.values[name], ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		if a, err := netip.ParseAddr(item); err == nil {
			list = append(list, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(item)
		if err != nil {
			r.malformed(name, "addresses or networks such as 10.0.0.0/8, separated by commas")
			return nil
		}
		list = append(list, p.Masked())
	}
	return list
}

func (r *reader) duration(name string) time.Duration {
	d, err := time.ParseDuration(r.values[name])
	if err != nil || d < 0 {
		r.malformed(name, "a length of time such as 24h, 90m or 30s")
	}
	return d
}

func (r *reader) count(name string) int {
	n, err := strconv.Atoi(r.values[name])
	if err != nil || n < 1 {
		r.malformed(name, "a whole number of 1 or more")
	}
	return n
}
