package process

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/config"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/letter"
	letters "github.com/crowsstack/privacy-portal/internal/mail"
	"github.com/crowsstack/privacy-portal/internal/malware"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Parts is what the web process and the worker are both made of.
type Parts struct {
	DB       *pgxpool.Pool
	Side     *pgxpool.Pool // for sessions and limits, which are asked while a transaction is open on DB
	Keys     *seal.Keyring
	Map      *datamap.Map
	Outbox   *letters.Outbox
	Roster   *staff.Roster
	Sessions *auth.Sessions
	Vault    *export.Vault
	Office   *privacy.Office
}

// Build makes the parts. The database may be down; a schema that is not the
// one of this program is refused.
func Build(ctx context.Context, c config.Office) (p *Parts, err error) {
	p = &Parts{}
	made := p // what is returned with an error is nil
	defer func() {
		if err != nil {
			made.Close()
		}
	}()
	if p.Keys, err = seal.Parse(c.Keys); err != nil {
		return nil, fmt.Errorf("PORTAL_KEYS: %w", err)
	}
	if p.Map, err = ReadMap(c.Datamap); err != nil {
		return nil, err
	}
	if p.Vault, err = export.OpenVault(c.Vault, p.Keys); err != nil {
		return nil, fmt.Errorf("PORTAL_VAULT_URL: %w", err)
	}
	if p.DB, err = pg.Open(ctx, c.DatabaseURL); err != nil {
		return nil, err
	}
	if p.Side, err = pg.Open(ctx, c.DatabaseURL); err != nil {
		return nil, err
	}
	if err := refuseOldSchema(ctx, p.DB); err != nil {
		return nil, err
	}
	queue, err := pg.Queue(p.DB)
	if err != nil {
		return nil, err
	}
	p.Outbox = letters.NewOutbox(queue, p.Keys, c.BaseURL, MailDomain(c.MailFrom))
	p.Outbox.Operator = c.Operator
	throttle := auth.NewThrottle(p.Side, p.Keys)
	p.Roster = staff.NewRoster(p.DB, p.Outbox, p.Keys, throttle)
	p.Sessions = auth.NewSessions(p.Side, p.Keys, auth.SessionOptions{Secure: c.BaseURL.Scheme == "https"})
	filing := privacy.Filing{Vault: p.Vault.Files(), Limit: int64(c.UploadMB) << 20}
	if c.Clamd != "" {
		if filing.Scanner, err = malware.Open(c.Clamd); err != nil {
			return nil, fmt.Errorf("PORTAL_CLAMD: %w", err)
		}
	}
	set := settings(c, p.Map)
	if set.Holidays, err = closingDays(c.Holidays); err != nil {
		return nil, fmt.Errorf("PORTAL_HOLIDAYS: %w", err)
	}
	p.Office = privacy.NewOffice(p.DB, queue, p.Outbox, p.Roster, throttle, set, nil)
	p.Office.Files(filing)
	return p, nil
}

// Close gives the connections back.
func (p *Parts) Close() {
	if p.Vault != nil {
		_ = p.Vault.Close() // nothing is being written any more
	}
	for _, pool := range []*pgxpool.Pool{p.Side, p.DB} {
		if pool != nil {
			pool.Close()
		}
	}
}

// Messaging opens a pool for each database of the messaging store, by name. They
// may be down.
func Messaging(ctx context.Context, addresses string) (pools map[string]*pgxpool.Pool, end func(), err error) {
	pools = map[string]*pgxpool.Pool{}
	end = func() {
		for _, pool := range pools {
			pool.Close()
		}
	}
	for name, address := range config.Databases(addresses) {
		if pools[name], err = pg.Open(ctx, address); err != nil {
			delete(pools, name)
			end()
			return nil, nil, err
		}
	}
	return pools, end, nil
}

func settings(c config.Office, m *datamap.Map) privacy.Settings {
	s := privacy.Settings{CoolingOff: c.CoolingOff, DeliveryDays: c.DeliveryDays, DeliveryCount: c.DeliveryCount}
	for _, category := range m.Categories {
		s.Categories = append(s.Categories, category.ID)
		if category.Content {
			s.Content = append(s.Content, category.ID)
		}
	}
	s.Purposes = m.Objectionable()
	s.Titles = maps.Clone(m.Words)
	for _, category := range m.Categories {
		if s.Titles == nil {
			s.Titles = map[string]datamap.Text{}
		}
		s.Titles[category.ID] = category.Title
	}
	s.House, s.Map = letter.House{Operator: c.Operator, Contact: c.PrivacyEmail, Address: c.Address, Officer: c.Officer}, m
	s.Recipients = privacy.RecipientsOf(m.Categories, c.Operator)
	return s
}

// closingDays reads the operator's own calendar, if there is one.
func closingDays(path string) ([]time.Time, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the closing days: %w", err)
	}
	defer f.Close()
	return law.ReadDays(f)
}

// refuseOldSchema lets a database that is down pass: it may come back.
func refuseOldSchema(ctx context.Context, db *pgxpool.Pool) error {
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if db.Ping(soon) != nil {
		return nil
	}
	return CheckSchema(soon, db)
}

// ReadMap reads a data map; what is wrong with it is told by file and line.
func ReadMap(path string) (*datamap.Map, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no data map at %s", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the data map: %w", err)
	}
	return datamap.Parse(path, b)
}

// LedgerSecret keys the hashes that the messaging store's ledger holds. It
// stays the same when a new key is put in front of the list.
func LedgerSecret(keys *seal.Keyring) []byte { return keys.MAC("messaging ledger", nil) }

// MailDomain is the domain of a sender that config has already looked at.
func MailDomain(from string) string {
	a, err := mail.ParseAddress(from)
	if err != nil {
		return ""
	}
	return a.Address[strings.LastIndexByte(a.Address, '@')+1:]
}
