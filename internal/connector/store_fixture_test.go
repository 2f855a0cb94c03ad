package connector_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/connector/stores"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
)

// fixture is one of the stores that the engine was not written for, loaded and
// open through its map.
type fixture struct {
	*stores.Store
	engine *connector.Store
	db     *pgxpool.Pool
	dir    string // object storage
}

// now is the day on which the planted people ask.
func (fixture) now() time.Time { return time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC) }

// openFixture loads a store with some neighbours. edit replaces parts of its map.
func openFixture(t testing.TB, s *stores.Store, opt connector.Options, edit ...string) fixture {
	t.Helper()
	db, dir, ctx := pgtest.Blank(t), t.TempDir(), t.Context()
	if err := s.Load(ctx, db, 40); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteObjects(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := connector.Migrate(ctx, db); err != nil {
		t.Fatal(err)
	}
	objects, err := connector.OpenObjects(addresses(s, dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = objects.Close() })
	opt.Secret, opt.Objects, opt.Now = secret, objects, fixture{}.now
	src := strings.NewReplacer(edit...).Replace(string(s.Map()))
	return fixture{s, open(t, db, []byte(src), opt), db, dir}
}

// addresses gives a store with several object storages a directory for each.
func addresses(s *stores.Store, dir string) string {
	if s != &stores.Feira {
		return dir
	}
	return fmt.Sprintf("media=%s,local=%s", filepath.Join(dir, "media"), filepath.Join(dir, "local"))
}

func subject(w stores.Who) connector.Subject {
	return connector.Subject{Email: w.Email, Phone: w.Phone, Keys: w.Keys, Name: w.Name, Claimed: w.Claimed, Tenants: w.Tenants}
}

// eachFixture runs a test on each foreign store.
func eachFixture(t *testing.T, test func(t *testing.T, s *stores.Store)) {
	for _, s := range stores.All {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

// sorted makes lists of rows comparable.
func sorted(r stores.Rows) stores.Rows {
	out := stores.Rows{}
	for table, keys := range maps.All(r) {
		if len(keys) > 0 {
			out[table] = slices.Sorted(slices.Values(keys))
		}
	}
	return out
}
