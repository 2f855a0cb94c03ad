package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/pg"
)

// ErrLoaded is the answer of Load for a store that holds rows already.
var ErrLoaded = errors.New("the demo store is not empty")

// table is what a load knows about one table. The columns are those that put
// (rows.go) writes, in its order; the others keep their default.
type table struct {
	name, columns string
	fill          func(*world, *rows)
}

// Activity logs are last: they fill up to the number of rows asked for.
var tables = []table{
	{"organizations", "id, name, slug, country, default_region, locale, number, contact_email, plan, settings, created_at", (*world).fillOrganizations},
	{"users", "id, organization_id, email, name, role, password_hash, preferences, created_at, last_seen_at, deleted_at", (*world).fillUsers},
	{"contacts", "id, organization_id, name, phone, wa_id, email, language, profile, tags, created_at, deleted_at", (*world).fillContacts},
	{"contact_notes", "id, organization_id, contact_id, author_user_id, body, created_at", (*world).fillNotes},
	{"conversations", "id, organization_id, contact_id, assigned_user_id, channel, status, last_message_preview, last_message_at, created_at", (*world).fillConversations},
	{"messages", messageColumns, (*world).fillMessages},
	{"messages_archive", messageColumns + ", archived_at", (*world).fillArchive},
	{"message_events", "id, message_id, status, recipient, raw, created_at", (*world).fillEvents},
	{"reactions", "id, message_id, contact_id, user_id, emoji, created_at", (*world).fillReactions},
	{"attachments", "id, organization_id, message_id, object_key, filename, mime, size, sha256, created_at", (*world).fillAttachments},
	{"consents", "id, organization_id, contact_id, purpose, channel, status, source, ip, evidence, recorded_at", (*world).fillConsents},
	{"opt_outs", "id, organization_id, channel, number, keyword, created_at", (*world).fillOptOuts},
	{"campaigns", "id, organization_id, created_by_user_id, name, template, total_recipients, created_at", (*world).fillCampaigns},
	{"campaign_recipients", "id, campaign_id, phone, variables, status, provider_message_id, sent_at", (*world).fillRecipients},
	{"invoices", "id, organization_id, number, billing_name, billing_email, billing_address, country, currency, net_cents, tax_cents, total_cents, lines, issued_on, paid_at", (*world).fillInvoices},
	{"payment_methods", "id, organization_id, holder_name, brand, token, last4, exp_month, exp_year, created_at", (*world).fillPaymentMethods},
	{"sessions", "id, user_id, token_hash, ip, user_agent, device, created_at, last_seen_at, expires_at", (*world).fillSessions},
	{"activity_logs", "id, organization_id, user_id, contact_id, action, ip, device, detail, created_at", (*world).fillActivity},
}

const messageColumns = "id, organization_id, conversation_id, direction, sender_user_id, kind, body, payload, reply_to_id, provider_message_id, created_at, deleted_at"

// Load fills the store, all or nothing: a load that dies leaves it empty. Rows
// go in by COPY while the tables are bare; keys, indexes and foreign keys come
// back, and are checked, before the commit. Memory does not grow with the size.
func Load(ctx context.Context, pool *pgxpool.Pool, o Options) (Stats, error) {
	w, err := newWorld(o)
	if err != nil {
		return Stats{}, err
	}
	stats := Stats{Tables: map[string]int64{}}
	err = pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		back, err := strip(ctx, tx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			n, err := w.copy(ctx, tx, t)
			if err != nil {
				return err
			}
			stats.Tables[t.name] = n
			w.rows += n
		}
		return dress(ctx, tx, back)
	})
	if err != nil {
		return Stats{}, err
	}
	stats.Total, stats.Heavy, stats.Files = w.rows, w.heavyRows, w.written
	return stats, nil
}

// strip empties the tables, which lets COPY skip the log and freeze its rows,
// takes off what would slow it down, and gives the statements that put it back.
func strip(ctx context.Context, tx pgx.Tx) (back []string, err error) {
	var names []string
	for _, t := range tables {
		names = append(names, "public."+t.name)
	}
	all := strings.Join(names, ", ")
	if _, err := tx.Exec(ctx, "LOCK TABLE "+all+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		return nil, fmt.Errorf("lock the demo tables: %w", err)
	}
	var loaded bool
	if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM public.organizations)").Scan(&loaded); err != nil {
		return nil, fmt.Errorf("look for demo rows: %w", err)
	}
	if loaded {
		return nil, ErrLoaded
	}
	if _, err := tx.Exec(ctx, "TRUNCATE "+all); err != nil {
		return nil, fmt.Errorf("empty the demo tables: %w", err)
	}
	rows, err := tx.Query(ctx, `
		WITH mine AS (SELECT unnest($1::text[])::regclass::oid AS id),
		part AS (
			SELECT CASE contype WHEN 'f' THEN 1 ELSE 2 END AS off_order,
			       CASE contype WHEN 'f' THEN 3 ELSE 1 END AS on_order,
			       format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS off,
			       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS back
			FROM pg_constraint JOIN mine ON conrelid = mine.id WHERE contype IN ('f', 'p', 'u')
			UNION ALL
			SELECT 3, 2, format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
			FROM pg_index JOIN mine ON indrelid = mine.id
			WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
		)
		SELECT array(SELECT off FROM part ORDER BY off_order, off), array(SELECT back FROM part ORDER BY on_order, back)`, names)
	if err != nil {
		return nil, fmt.Errorf("read keys and indexes: %w", err)
	}
	var off []string
	if _, err := pgx.ForEachRow(rows, []any{&off, &back}, func() error { return nil }); err != nil {
		return nil, fmt.Errorf("read keys and indexes: %w", err)
	}
	return back, each(ctx, tx, off)
}

// dress puts keys, indexes and foreign keys back, moves the identity columns
// past the loaded rows, and lets the planner see them.
func dress(ctx context.Context, tx pgx.Tx, back []string) error {
	if err := each(ctx, tx, []string{"SET LOCAL maintenance_work_mem = '256MB'"}); err != nil {
		return err
	}
	if err := each(ctx, tx, back); err != nil {
		return err
	}
	var last []string
	for _, t := range tables {
		if t.name != "sessions" && t.name != "messages_archive" { // the two without an identity column
			last = append(last, fmt.Sprintf("SELECT setval(pg_get_serial_sequence('public.%s', 'id'), max(id)) FROM public.%[1]s", t.name))
		}
		last = append(last, "ANALYZE public."+t.name)
	}
	return each(ctx, tx, last)
}

func each(ctx context.Context, tx pgx.Tx, statements []string) error {
	for _, s := range statements {
		if _, err := tx.Exec(ctx, s); err != nil {
			return fmt.Errorf("prepare the demo store (%s): %w", s, err)
		}
	}
	return nil
}

// copy makes one table's rows and sends them while they are made.
func (w *world) copy(ctx context.Context, tx pgx.Tx, t table) (int64, error) {
	out, in := io.Pipe()
	made := make(chan struct{})
	r := &rows{out: in}
	go func() {
		defer close(made)
		t.fill(w, r)
		r.flush()
		in.CloseWithError(r.err) // nil is the end of the rows
	}()
	tag, err := tx.Conn().PgConn().CopyFrom(ctx, out,
		fmt.Sprintf("COPY public.%s (%s) FROM STDIN WITH (FREEZE)", t.name, t.columns))
	out.CloseWithError(errors.New("the copy ended")) // lets a filler that is still at it stop
	<-made
	if err != nil {
		return 0, fmt.Errorf("load %s: %w", t.name, err)
	}
	return tag.RowsAffected(), nil
}
