package config

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Process is who reads the environment.
type Process string

const (
	PortalProcess Process = "portal"
	WorkerProcess Process = "worker"
	CtlProcess    Process = "portalctl"
)

// variable is one thing that may be set.
type variable struct {
	name     string
	help     string
	fallback string
	secret   bool      // may also come from a file named in <name>_FILE; never repeated in an error
	need     []Process // who cannot start without it
	use      []Process // who reads it besides
	refuse   []Process // who must not even be given it
}

var both = []Process{PortalProcess, WorkerProcess}

// variables is everything, in the order in which -h shows it.
var variables = []variable{
	{name: "PORTAL_DATABASE_URL", secret: true, need: both, use: []Process{CtlProcess},
		help: "the portal's own database, e.g. postgres://portal_web@db/portal; for portalctl migrate, as the owner of the schema"},
	{name: "PORTAL_MESSAGING_URL", secret: true, need: []Process{WorkerProcess}, use: []Process{CtlProcess}, refuse: []Process{PortalProcess},
		help: "the messaging store, e.g. postgres://portal_exec@store/messaging; only the worker and portalctl may have it"},
	{name: "PORTAL_KEYS", secret: true, need: both, use: []Process{CtlProcess},
		help: "sealing keys, id:base64 of 32 bytes each, separated by commas; the first seals, all open"},
	{name: "PORTAL_BASE_URL", need: both, use: []Process{CtlProcess},
		help: "how browsers reach the portal, e.g. https://privacy.example.com"},
	{name: "PORTAL_DATAMAP", need: both, use: []Process{CtlProcess},
		help: "the data map, a YAML file"},
	{name: "PORTAL_VAULT_URL", need: both,
		help: "where the sealed packages lie: /path, file:///path or s3://bucket/prefix?region=eu-central-1"},
	{name: "PORTAL_MAIL_FROM", need: both, use: []Process{CtlProcess},
		help: "sender of all mails, e.g. CrowsStack Privacy <privacy@example.com>"},
	{name: "PORTAL_SMTP_URL", secret: true, need: []Process{WorkerProcess},
		help: "the mail server, smtp+starttls://user:password@host:587, smtps://… or smtp:// on this machine"},
	{name: "PORTAL_OBJECTS", use: []Process{WorkerProcess},
		help: "the messaging store's attachments: /path or s3://bucket/prefix?region=…; several as name=/path,name=s3://…; empty if it keeps none"},
	{name: "PORTAL_PART_ROWS", fallback: "1000000", use: []Process{WorkerProcess},
		help: "records after which a package goes on in another ZIP"},
	{name: "PORTAL_PART_MB", fallback: "200", use: []Process{WorkerProcess},
		help: "megabytes after which a package goes on in another ZIP"},
	{name: "PORTAL_LISTEN", fallback: "127.0.0.1:8080", use: []Process{PortalProcess},
		help: "address of the public pages"},
	{name: "PORTAL_OPS_LISTEN", use: both,
		help: "address of /healthz, /readyz and /metrics; keep it away from the public; empty for none"},
	{name: "PORTAL_TRUSTED_PROXIES", use: []Process{PortalProcess},
		help: "networks whose X-Forwarded-For is believed, e.g. 10.0.0.0/8, separated by commas; behind a proxy that is not named, all visitors share one limit"},
	{name: "PORTAL_OPERATOR", fallback: "CrowsStack", use: both,
		help: "the company that answers, as people know it"},
	{name: "PORTAL_ADDRESS", use: both,
		help: "the company's postal address, on top of letters; | begins a new line, e.g. 1 Harbour Street | Dublin 2"},
	{name: "PORTAL_OFFICER", use: both,
		help: "the data protection officer or representative, as letters name them"},
	{name: "PORTAL_PRIVACY_EMAIL", fallback: "privacy@crowsstack.com", use: both,
		help: "where people can write to instead of using the form"},
	{name: "PORTAL_COOLING_OFF", fallback: "24h", use: both,
		help: "time between a person's second confirmation and a deletion, e.g. 24h or 30s"},
	{name: "PORTAL_HOLIDAYS", use: both,
		help: "file with the days on which you are closed, one a line as 2026-12-24 or, for every year, 12-24; empty for none"},
	{name: "PORTAL_DELIVERY_DAYS", fallback: "14", use: both,
		help: "days a package waits for its person"},
	{name: "PORTAL_DELIVERY_COUNT", fallback: "5", use: both,
		help: "times a package may be downloaded"},
	{name: "PORTAL_UPLOAD_MB", fallback: "10", use: both,
		help: "megabytes of one file that people or staff send with a message"},
	{name: "PORTAL_CLAMD", use: both,
		help: "malware scanner for those files, tcp://host:port or unix:///path of its socket; empty for none"},
	{name: "PORTAL_POLICY", use: []Process{PortalProcess},
		help: "directory of the privacy policy, a Markdown file YYYY-MM-DD.md per version; empty shows a sample"},
	{name: "PORTAL_OIDC_ISSUER", use: []Process{PortalProcess},
		help: "the provider through which staff may sign in, by OpenID Connect, e.g. https://login.example.com; empty for mailed links only"},
	{name: "PORTAL_OIDC_CLIENT_ID", use: []Process{PortalProcess},
		help: "as what the provider knows this portal; it sends people back to <PORTAL_BASE_URL>/desk/sign-in/sso/back"},
	{name: "PORTAL_OIDC_CLIENT_SECRET", secret: true, use: []Process{PortalProcess},
		help: "what proves to the provider that it is this portal"},
	{name: "PORTAL_OIDC_MFA", use: []Process{PortalProcess},
		help: "trust, to let a second factor count that the provider vouches for; else ours is asked for as well"},
	{name: "PORTAL_DEV_INBOX", use: []Process{PortalProcess},
		help: "development only: the directory whose mails /dev/inbox shows"},
}

// Usage prints what a process can be told, one variable and one line each.
func Usage(w io.Writer, p Process) {
	fmt.Fprintf(w, "%s takes its settings from the environment. A secret can also come from a file: NAME_FILE=/path.\n\n", p)
	for _, v := range variables {
		if !v.readBy(p) {
			continue
		}
		var notes []string
		if slices.Contains(v.need, p) {
			notes = append(notes, "required")
		}
		if v.secret {
			notes = append(notes, "secret")
		}
		if v.fallback != "" {
			notes = append(notes, "default "+v.fallback)
		}
		fmt.Fprintf(w, "  %-23s %s", v.name, v.help)
		if len(notes) > 0 {
			fmt.Fprintf(w, " (%s)", strings.Join(notes, ", "))
		}
		fmt.Fprintln(w)
	}
	if p != CtlProcess {
		fmt.Fprint(w, storageHelp)
	}
}

// storageHelp is about what is not ours to name, and needed for S3.
const storageHelp = `
S3: keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, from the shared files (profile=NAME in the address), or from
the machine's role; AWS_REGION stands in for region=. For a server that is not Amazon's add endpoint=https://HOST, mostly with
use_path_style=true, and request_checksum_calculation=when_required if it is an old one. Encryption: ssetype=aws:kms and kmskeyid=.
`

func (v variable) readBy(p Process) bool {
	return slices.Contains(v.need, p) || slices.Contains(v.use, p)
}

// lookup finds the variable that a name of the environment sets.
func lookup(name string) (variable, bool) {
	for _, v := range variables {
		if v.name == name || v.secret && v.name+"_FILE" == name {
			return v, true
		}
	}
	return variable{}, false
}

// nearest is the name that was probably meant, or "".
func nearest(name string) string {
	best, at := "", 6
	for _, v := range variables {
		names := []string{v.name}
		if v.secret {
			names = append(names, v.name+"_FILE")
		}
		for _, n := range names {
			if d := distance(name, n); d < at {
				best, at = n, d
			}
		}
	}
	return best
}

// distance counts the letters to change, add or leave out between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
