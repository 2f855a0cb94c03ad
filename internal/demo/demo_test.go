package demo_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// loaded is a store of the given size, and what the load said about it.
func loaded(t testing.TB, o demo.Options) (*pgxpool.Pool, demo.Stats) {
	t.Helper()
	pool := pgtest.Blank(t)
	if err := demo.Create(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	stats, err := demo.Load(t.Context(), pool, o)
	if err != nil {
		t.Fatal(err)
	}
	return pool, stats
}

func TestOneSeedGivesOneStore(t *testing.T) {
	t.Parallel()
	sums := func(seed uint64) map[string]demo.Sum {
		pool, _ := loaded(t, demo.Options{Seed: seed, Rows: 4000, HeavySubject: 50})
		s, err := demo.Checksum(t.Context(), pool)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := sums(7)
	if diff := cmp.Diff(first, sums(7)); diff != "" {
		t.Errorf("two loads of one seed differ:\n%s", diff)
	}
	if other := sums(8); first["messages"].Hash == other["messages"].Hash {
		t.Error("another seed gave the same messages")
	}
}

func TestTheScaleIsHonoured(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		o     demo.Options
		heavy int64 // messages
	}{
		{"the smallest", demo.Options{Rows: 2000}, 0},
		{"the default", demo.Options{Seed: 3, Rows: 10_000}, 0},
		{"a larger one with a heavy subject", demo.Options{Seed: 3, Rows: 40_000, HeavySubject: 5000}, 5000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pool, stats := loaded(t, tt.o)
			if got := stats.Total - stats.Heavy; got != int64(tt.o.Rows) {
				t.Errorf("%d rows beside the heavy subject's, want %d", got, tt.o.Rows)
			}
			for table, n := range stats.Tables {
				if got := count(t, pool, "SELECT count(*) FROM "+table); got != n || n == 0 {
					t.Errorf("%s holds %d rows, the load said %d", table, got, n)
				}
			}
			if got := count(t, pool, `SELECT count(*) FROM messages WHERE conversation_id BETWEEN 700 AND 999`); got != tt.heavy {
				t.Errorf("%d messages of the heavy subject, want %d", got, tt.heavy)
			}
		})
	}
}

func TestTheHeavySubjectIsSpreadAmongOthers(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, demo.Options{Rows: 20_000, HeavySubject: 1000})
	got := count(t, pool, `
		SELECT max(gap) FROM (SELECT id - lag(id) OVER (ORDER BY id) AS gap FROM messages WHERE conversation_id BETWEEN 700 AND 999) g`)
	if all := count(t, pool, "SELECT count(*) FROM messages"); got > 2*all/1000 {
		t.Errorf("the widest gap between two messages of the heavy subject is %d of %d", got, all)
	}
}

func TestALoadLeavesTheSchemaAsItWas(t *testing.T) {
	t.Parallel()
	const definitions = `
		SELECT string_agg(d, E'\n' ORDER BY d) FROM (
			SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated
			FROM pg_constraint WHERE connamespace = 'public'::regnamespace
			UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public') x (d)`
	pool := pgtest.Blank(t)
	if err := demo.Create(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	before := text(t, pool, definitions)
	if _, err := demo.Load(t.Context(), pool, demo.Options{Rows: 2000}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, text(t, pool, definitions)); diff != "" {
		t.Errorf("keys and indexes differ after the load:\n%s", diff)
	}
}

func TestEveryForeignKeyHasAnIndex(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	if err := demo.Create(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	bare := text(t, pool, `
		SELECT coalesce(string_agg(conrelid::regclass || '.' || conname, ', '), '') FROM pg_constraint c
		WHERE contype = 'f' AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1])`)
	if bare != "" {
		t.Errorf("foreign keys without an index: %s", bare)
	}
}

func TestASecondLoadIsRefused(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, demo.Options{Rows: 2000})
	before, err := demo.Checksum(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Create(t.Context(), pool); err != nil {
		t.Errorf("Create on an existing schema: %v", err)
	}
	if _, err := demo.Load(t.Context(), pool, demo.Options{Rows: 2000}); !errors.Is(err, demo.ErrLoaded) {
		t.Errorf("the second load says %v", err)
	}
	after, err := demo.Checksum(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the refused load changed rows:\n%s", diff)
	}
}

func TestALoadThatIsCutOffLeavesNothing(t *testing.T) {
	t.Parallel()
	pool := pgtest.Blank(t)
	if err := demo.Create(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	// A file where the folder of attachments should be: the load fails midway.
	notAFolder := filepath.Join(t.TempDir(), "objects")
	if err := os.WriteFile(notAFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Load(t.Context(), pool, demo.Options{Rows: 2000, Objects: notAFolder}); err == nil {
		t.Fatal("a load without a place for files went through")
	}
	there, err := demo.Loaded(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	if there {
		t.Error("the failed load left rows behind")
	}
	if _, err := demo.Load(t.Context(), pool, demo.Options{Rows: 2000}); err != nil {
		t.Errorf("the next load: %v", err)
	}
}

func TestIdentityColumnsGoOnAfterTheLoadedRows(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, demo.Options{Rows: 2000})
	last := count(t, pool, "SELECT max(id) FROM messages")
	id := count(t, pool, `INSERT INTO messages (organization_id, conversation_id, direction, kind, body) VALUES (1, 1, 'in', 'text', 'Oi') RETURNING id`)
	if id != last+1 {
		t.Errorf("the next message is number %d after %d", id, last)
	}
}

func TestAttachmentsAreRealFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pool, stats := loaded(t, demo.Options{Rows: 3000, Objects: dir})
	rows, err := pool.Query(t.Context(), "SELECT object_key, mime, size, sha256 FROM attachments")
	if err != nil {
		t.Fatal(err)
	}
	var (
		key, mime, sum string
		size           int64
		files          int64
		magic          = map[string]string{"image/png": "\x89PNG\r\n", "application/pdf": "%PDF-1.", "audio/ogg": "OggS\x00", "text/plain": ""}
		kinds          = map[string]bool{}
	)
	_, err = pgx.ForEachRow(rows, []any{&key, &mime, &size, &sum}, func() error {
		data, err := os.ReadFile(filepath.Join(dir, key))
		if err != nil {
			return err
		}
		got := sha256.Sum256(data)
		if hex.EncodeToString(got[:]) != sum || int64(len(data)) != size {
			t.Errorf("%s is not what its row says", key)
		}
		if begin, known := magic[mime]; !known || !strings.HasPrefix(string(data), begin) {
			t.Errorf("%s does not begin like %s", key, mime)
		}
		kinds[mime] = true
		files++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files != stats.Files || len(kinds) != len(magic) {
		t.Errorf("%d files of %d kinds, the load said %d", files, len(kinds), stats.Files)
	}
}

func TestPreviewsAreCopiesOfTheLastMessage(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, demo.Options{Rows: 6000, HeavySubject: 300})
	wrong := count(t, pool, `
		SELECT count(*) FROM conversations c
		LEFT JOIN LATERAL (SELECT body, created_at FROM messages m WHERE m.conversation_id = c.id ORDER BY id DESC LIMIT 1) m ON true
		WHERE m.created_at IS DISTINCT FROM c.last_message_at
		   OR c.last_message_preview !~ '^\[' AND left(m.body, 20) <> left(c.last_message_preview, 20)`)
	if wrong > 0 {
		t.Errorf("%d conversations do not show their last message", wrong)
	}
}

func TestTimeRunsForwards(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, demo.Options{Seed: 2, Rows: 20_000, HeavySubject: 100})
	for what, sql := range map[string]string{
		"messages out of the order of their ids": `
			SELECT count(*) FROM (SELECT created_at < lag(created_at) OVER (ORDER BY id) AS back FROM messages WHERE id > 1000) x WHERE back`,
		"conversations before their contact": `
			SELECT count(*) FROM conversations v JOIN contacts c ON c.id = v.contact_id WHERE v.created_at < c.created_at`,
		"messages before their conversation": `
			SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.created_at < c.created_at`,
		"events before their message": `
			SELECT count(*) FROM message_events e JOIN messages m ON m.id = e.message_id WHERE e.created_at < m.created_at`,
		"answers in another conversation, or to a later message": `
			SELECT count(*) FROM messages m JOIN messages r ON r.id = m.reply_to_id WHERE r.conversation_id <> m.conversation_id OR r.id >= m.id`,
		"archived messages of no conversation": `
			SELECT count(*) FROM messages_archive a LEFT JOIN conversations c ON c.id = a.conversation_id WHERE c.organization_id IS DISTINCT FROM a.organization_id`,
		"files of messages in another organization": `
			SELECT count(*) FROM attachments a JOIN messages m ON m.id = a.message_id WHERE m.organization_id <> a.organization_id`,
		"campaigns whose count of recipients is wrong": `
			SELECT count(*) FROM campaigns c WHERE total_recipients <> (SELECT count(*) FROM campaign_recipients r WHERE r.campaign_id = c.id)`,
	} {
		if n := count(t, pool, sql); n > 0 {
			t.Errorf("%d %s", n, what)
		}
	}
}

func TestNumbersAreWrittenInManyWays(t *testing.T) {
	t.Parallel()
	pool, _ := loaded(t, demo.Options{Rows: 20_000})
	ways := count(t, pool, `SELECT count(DISTINCT regexp_replace(phone, '[0-9]', '9', 'g')) FROM contacts`)
	if ways < 30 {
		t.Errorf("numbers are written in %d ways only", ways)
	}
	if n := count(t, pool, `
		SELECT count(*) FROM contacts a JOIN contacts b ON a.wa_id = b.wa_id AND a.organization_id <> b.organization_id AND a.phone <> b.phone`); n < 10 {
		t.Errorf("only %d people stand in two organizations under differently written numbers", n)
	}
	if langs := count(t, pool, `SELECT count(DISTINCT language) FROM contacts`); langs != 8 {
		t.Errorf("contacts speak %d languages", langs)
	}
	if n := count(t, pool, `SELECT count(DISTINCT body) FROM messages WHERE kind = 'text'`); n < 2000 {
		t.Errorf("only %d different sentences", n)
	}
}

func count(t testing.TB, pool *pgxpool.Pool, sql string) int64 {
	t.Helper()
	var n int64
	if err := pool.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func text(t testing.TB, pool *pgxpool.Pool, sql string) string {
	t.Helper()
	var s string
	if err := pool.QueryRow(t.Context(), sql).Scan(&s); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return s
}

func BenchmarkLoad(b *testing.B) {
	var rows int64
	for b.Loop() {
		pool := pgtest.Blank(b)
		if err := demo.Create(b.Context(), pool); err != nil {
			b.Fatal(err)
		}
		stats, err := demo.Load(b.Context(), pool, demo.Options{Seed: 1, Rows: 500_000})
		if err != nil {
			b.Fatal(err)
		}
		rows += stats.Total
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
