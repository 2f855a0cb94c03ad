// Package config reads the environment once, for the process that asks, and
// refuses to start one that would run on a misunderstanding. Only main
// packages import it.
package config

import (
	"net/netip"
	"net/url"
	"time"
)

// Office is what the web process and the worker have to agree on.
type Office struct {
	DatabaseURL   string
	Keys          string // for seal.Parse
	BaseURL       *url.URL
	Datamap       string // path
	Vault         string // directory, or s3://…
	MailFrom      string
	Operator      string
	PrivacyEmail  string
	Address       []string // by lines
	Officer       string
	CoolingOff    time.Duration
	Holidays      string // file of the operator's closing days, for law.ReadDays; "" for none
	DeliveryDays  int
	DeliveryCount int
	UploadMB      int    // of one file
	Clamd         string // malware scanner, for malware.Open; "" for none
}

// Portal is the web process's part. It has no place for the messaging store's
// address.
type Portal struct {
	Office
	Listen         string
	OpsListen      string // "" for none
	TrustedProxies []netip.Prefix
	Policy         string // directory; "" for the sample
	SSO            *SSO
	DevInbox       string // directory; "" outside development
}

// SSO is the provider through which staff may sign in; nil without one.
type SSO struct {
	Issuer   string
	ClientID string
	Secret   string
	TrustMFA bool
}

// Worker is the part of the process that runs the jobs.
type Worker struct {
	Office
	OpsListen    string // "" for none
	MessagingURL string
	Objects      string // of the messaging store, for connector.OpenObjects; "" for none
	SMTPURL      string
	PartRows     int // where a part of a package ends
	PartMB       int
}

// Ctl is the command line's part. Which of it a command needs, the command
// says; nothing is required here.
type Ctl struct {
	DatabaseURL  string
	MessagingURL string
	Keys         string
	BaseURL      *url.URL
	MailFrom     string
	Datamap      string
}

// ReadPortal reads the web process's part of the environment. Notices are
// sentences for the log.
func ReadPortal(environ []string) (Portal, []string, error) {
	r := newReader(PortalProcess, environ)
	c := Portal{
		Office:         readOffice(r),
		Listen:         r.address("PORTAL_LISTEN"),
		OpsListen:      r.address("PORTAL_OPS_LISTEN"),
		TrustedProxies: r.prefixes("PORTAL_TRUSTED_PROXIES"),
		Policy:         r.directory("PORTAL_POLICY"),
		SSO:            r.sso(),
		DevInbox:       r.text("PORTAL_DEV_INBOX"),
	}
	if c.DevInbox != "" && c.BaseURL != nil && !loopback(c.BaseURL) {
		r.wrong("PORTAL_DEV_INBOX", "shows every mail to everybody, so it works only where PORTAL_BASE_URL is a loopback address")
	}
	return c, r.notices, r.err()
}

// ReadWorker reads the worker's part of the environment.
func ReadWorker(environ []string) (Worker, []string, error) {
	r := newReader(WorkerProcess, environ)
	c := Worker{
		Office:       readOffice(r),
		OpsListen:    r.address("PORTAL_OPS_LISTEN"),
		MessagingURL: r.databases("PORTAL_MESSAGING_URL"),
		Objects:      r.text("PORTAL_OBJECTS"),
		SMTPURL:      r.smtp("PORTAL_SMTP_URL"),
		PartRows:     r.count("PORTAL_PART_ROWS"),
		PartMB:       r.count("PORTAL_PART_MB"),
	}
	return c, r.notices, r.err()
}

// ReadCtl reads the command line's part of the environment.
func ReadCtl(environ []string) (Ctl, []string, error) {
	r := newReader(CtlProcess, environ)
	c := Ctl{
		DatabaseURL:  r.database("PORTAL_DATABASE_URL"),
		MessagingURL: r.databases("PORTAL_MESSAGING_URL"),
		Keys:         r.text("PORTAL_KEYS"),
		BaseURL:      r.site("PORTAL_BASE_URL"),
		MailFrom:     r.mailbox("PORTAL_MAIL_FROM"),
		Datamap:      r.text("PORTAL_DATAMAP"),
	}
	return c, r.notices, r.err()
}

func readOffice(r *reader) Office {
	return Office{
		DatabaseURL:   r.database("PORTAL_DATABASE_URL"),
		Keys:          r.text("PORTAL_KEYS"),
		BaseURL:       r.site("PORTAL_BASE_URL"),
		Datamap:       r.text("PORTAL_DATAMAP"),
		Vault:         r.storage("PORTAL_VAULT_URL"),
		MailFrom:      r.mailbox("PORTAL_MAIL_FROM"),
		Operator:      r.text("PORTAL_OPERATOR"),
		PrivacyEmail:  r.mailbox("PORTAL_PRIVACY_EMAIL"),
		Address:       r.lines("PORTAL_ADDRESS"),
		Officer:       r.text("PORTAL_OFFICER"),
		CoolingOff:    r.duration("PORTAL_COOLING_OFF"),
		Holidays:      r.text("PORTAL_HOLIDAYS"),
		DeliveryDays:  r.count("PORTAL_DELIVERY_DAYS"),
		DeliveryCount: r.count("PORTAL_DELIVERY_COUNT"),
		UploadMB:      r.count("PORTAL_UPLOAD_MB"),
		Clamd:         r.text("PORTAL_CLAMD"),
	}
}
