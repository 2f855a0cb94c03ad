package journey

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// sealedParts lists what is written down of a request's package.
func (k *stack) sealedParts(t *testing.T, id privacy.ID) (artifacts []string) {
	t.Helper()
	rows, err := k.portal.Query(t.Context(), "SELECT artifact_id::text FROM package_parts WHERE request_id = $1 ORDER BY number", id)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var a string
		if err := rows.Scan(&a); err != nil {
			t.Fatal(err)
		}
		artifacts = append(artifacts, a)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return artifacts
}

// asks sends a worker to pack a copy of somebody's data, and does not wait.
func (k *stack) asks(t *testing.T, o *privacy.Office, who demo.Person) privacy.Request {
	t.Helper()
	ctx := t.Context()
	r, err := o.Submit(ctx, privacy.Submission{Kind: privacy.Access, Relation: privacy.Recipient, Name: who.Name, Email: who.Email, Country: "DE", AllTime: true, Lang: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = o.Confirm(ctx, k.mint(t, privacy.LinkConfirm, r.ID)); err != nil {
		t.Fatal(err)
	}
	if err := o.Search(ctx, k.member(staff.Agent), r.ID); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWorkerKilledWhileItPacks kills the worker twice with kill -9 in the middle
// of a package of several parts. What is sealed is not made again, and in the end
// the parts hold each row once.
func TestWorkerKilledWhileItPacks(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: packs 300,000 rows")
	}
	const partRows = 25_000
	k := newStack(t, size{rows: 10_000, heavy: 150_000})
	k.killWorker(t)
	k.env["PORTAL_PART_ROWS"] = strconv.Itoa(partRows)
	k.startWorker(t)
	o := k.counter(t)
	ctx, who := t.Context(), demo.Heavy
	keys, err := demo.RowsOf(ctx, k.store, who)
	if err != nil {
		t.Fatal(err)
	}
	if keys.Count() < 300_000 {
		t.Fatalf("only %d rows to pack", keys.Count())
	}
	r := k.asks(t, o, who)
	var before []string
	for _, parts := range []int{3, 7} {
		k.until(t, strconv.Itoa(parts)+" parts are sealed", func() bool { return len(k.sealedParts(t, r.ID)) >= parts })
		k.killWorker(t)
		now := k.sealedParts(t, r.ID)
		if !slices.Equal(now[:len(before)], before) {
			t.Fatalf("parts %v were made again: %v", before, now)
		}
		before = now
		k.until(t, "the pages say that nobody is at it", func() bool {
			m, err := o.Mine(ctx, r.Email, r.Ref)
			if err != nil {
				t.Fatal(err)
			}
			if m.Staging == nil || m.Staging.Phase != privacy.Packing || m.Staging.Planned != int64(keys.Count()) {
				t.Fatalf("the person sees %+v", m.Staging)
			}
			return !m.Staging.Alive
		})
		k.startWorker(t)
	}
	hash := k.staged(t, o, r)
	if now := k.sealedParts(t, r.ID); !slices.Equal(now[:len(before)], before) {
		t.Errorf("parts %v were made again: %v", before, now)
	}
	k.decide(t, o, r, hash)
	k.ended(t, o, r.ID, privacy.Ready)
	zipHolds(t, keys, k.fetches(t, o, r)...)
}

// fetches downloads all parts of a package, as the person would.
func (k *stack) fetches(t *testing.T, o *privacy.Office, r privacy.Request) (files []string) {
	t.Helper()
	ctx := t.Context()
	vault, err := export.OpenVault(k.path("vault"), k.keys)
	if err != nil {
		t.Fatal(err)
	}
	defer vault.Close()
	dir := t.TempDir()
	for n, of := 1, 1; n <= of; n++ {
		grant, err := o.OpenDelivery(ctx, r.Email, r.Ref, n)
		if err != nil {
			t.Fatal(err)
		}
		part, err := o.RedeemDelivery(ctx, r.Email, r.Ref, grant)
		if err != nil || part.Number != n {
			t.Fatalf("part %d: %+v, %v", n, part, err)
		}
		of = part.Of
		sealed, err := vault.Open(ctx, part.Artifact)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, strconv.Itoa(n)+".zip")
		f, err := os.Create(name)
		if err == nil {
			_, err = io.Copy(f, sealed)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		_ = sealed.Close() // it was only read
		files = append(files, name)
	}
	return files
}

func TestPortabilityIsMadeForOtherServices(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 5_000})
	o := k.counter(t)
	r, hash := k.ask(t, o, demo.Marina, privacy.Portability, privacy.Recipient)
	k.decide(t, o, r, hash)
	k.ended(t, o, r.ID, privacy.Ready)
	file := k.fetches(t, o, r)
	if len(file) != 1 {
		t.Fatalf("%d files", len(file))
	}
	z, err := zip.OpenReader(file[0])
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	folders := map[string]int{}
	for _, e := range z.File {
		folder, _, ok := strings.Cut(e.Name, "/")
		if !ok {
			folder = e.Name
		}
		folders[folder]++
		table, ok := strings.CutPrefix(e.Name, "json/")
		if !ok {
			continue
		}
		name := "schema/" + strings.TrimSuffix(table, ".json") + ".schema.json"
		if !slices.ContainsFunc(z.File, func(e *zip.File) bool { return e.Name == name }) {
			t.Errorf("%s has no schema", e.Name)
		}
	}
	for _, folder := range []string{"json", "csv", "schema", "index.html", "README.txt", "manifest.json"} {
		if folders[folder] == 0 {
			t.Errorf("there is no %s", folder)
		}
	}
	for _, folder := range []string{"letter.html", "read"} {
		if folders[folder] > 0 {
			t.Errorf("there is %s, which is for people", folder)
		}
	}
}

// What was packed must still be there: a part that holds a row that is gone is no
// part of any snapshot that somebody could check.
func TestPackageBeginsAnewWhenPackedRowsAreGone(t *testing.T) {
	t.Parallel()
	k := newStack(t, size{rows: 5_000, heavy: 20_000})
	k.killWorker(t)
	k.env["PORTAL_PART_ROWS"] = "4000"
	k.startWorker(t)
	o := k.counter(t)
	ctx, who := t.Context(), demo.Heavy
	r := k.asks(t, o, who)
	k.until(t, "four parts are sealed", func() bool { return len(k.sealedParts(t, r.ID)) >= 4 })
	k.killWorker(t)
	before := k.sealedParts(t, r.ID)
	message := `SELECT min(m.id) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.contact_id = ANY($1)`
	for _, sql := range []string{
		"DELETE FROM reactions WHERE message_id = (" + message + ")", "DELETE FROM message_events WHERE message_id = (" + message + ")",
		"DELETE FROM attachments WHERE message_id = (" + message + ")", "UPDATE messages SET reply_to_id = NULL WHERE reply_to_id = (" + message + ")",
		"DELETE FROM messages WHERE id = (" + message + ")",
	} {
		if _, err := k.store.Exec(ctx, sql, who.ContactIDs()); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	keys, err := demo.RowsOf(ctx, k.store, who)
	if err != nil {
		t.Fatal(err)
	}
	k.startWorker(t)
	hash := k.staged(t, o, r)
	for _, a := range k.sealedParts(t, r.ID) {
		if slices.Contains(before, a) {
			t.Errorf("part %s is of rows that are gone", a)
		}
	}
	k.decide(t, o, r, hash)
	k.ended(t, o, r.ID, privacy.Ready)
	zipHolds(t, keys, k.fetches(t, o, r)...)
}
