package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/jobs"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// exports measures the whole way from the search to the sealed package.
func (b *bench) exports() error {
	s, err := b.mainStore()
	if err != nil {
		return err
	}
	r := results{}
	order := []struct {
		name string
		run  func(*store, string) (outcome, error)
	}{{"export", b.export}, {"-1", b.psql}, {"-6", b.psql}, {"export data", b.export}, {"export small", b.export}}
	for round := 0; b.another(round, b.rounds, 4*time.Minute); round++ {
		for _, c := range order {
			out, err := c.run(s, c.name)
			if err != nil {
				return err
			}
			r[c.name] = append(r[c.name], out)
		}
		r["allowed"] = append(r["allowed"], outcome{Peak: maxMemory << 10})
		slices.Reverse(order)
	}
	note := fmt.Sprintf("%d messages; JSON, CSV and pages in one sealed ZIP of %d MB, read back and compared; without the files in object storage",
		s.person, r["export"][0].Bytes>>20)
	const small = "a small Go program: rows to CSV to ZIP"
	return r.print(
		figure{Name: "export", Unit: "s", Against: "psql \\copy of the same rows | gzip -1", Rows: s.rows, Phases: r.phases("export"), Note: note,
			ours: "export", limit: "-1", metric: seconds},
		figure{Name: "export, usual gzip", Unit: "s", Against: "psql \\copy of the same rows | gzip", Rows: s.rows,
			ours: "export", limit: "-6", metric: seconds},
		figure{Name: "export, small program", Unit: "s", Against: small, Rows: s.rows, Aim: 1.8,
			ours: "export", limit: "export small", metric: seconds},
		figure{Name: "export without pages, small program", Unit: "s", Against: small, Rows: s.rows, Aim: 1.3,
			ours: "export data", limit: "export small", metric: seconds},
		figure{Name: "export, memory above idle", Unit: "MB", Against: "the most that is allowed, whatever the size", Rows: s.rows, Aim: 1,
			ours: "export", limit: "allowed", metric: megabytes})
}

// maxMemory is what an export may need above an idle process, in MB.
const maxMemory = 64

// export measures one of the children that export.
func (b *bench) export(s *store, do string) (outcome, error) {
	dir, err := os.MkdirTemp(b.dir, "export-")
	if err != nil {
		return outcome{}, fmt.Errorf("make a directory for the export: %w", err)
	}
	defer os.RemoveAll(dir)
	address := b.db.DSN(connector.ExecRole, s.name)
	if do == "export small" {
		address = b.db.limitDSN(s.name)
	}
	out, err := b.measure(task{Do: do, Dir: dir}, address)
	if err == nil && out.Rows != s.rows {
		err = fmt.Errorf("%s: %d rows, the person has %d", do, out.Rows, s.rows)
	}
	return out, err
}

// exportPackage is what a worker does for an access request, less its mails.
func exportPackage(ctx context.Context, t task, portable bool) (outcome, error) {
	store, done, err := openStore(ctx, t, nil)
	if err != nil {
		return outcome{}, err
	}
	defer done()
	keys, err := seal.Parse(seal.NewKey("bench"))
	if err != nil {
		return outcome{}, err
	}
	vault, err := export.OpenVault(filepath.Join(t.Dir, "vault"), keys)
	if err != nil {
		return outcome{}, err
	}
	defer vault.Close()
	before, c := idle(), newClock()
	found, err := store.Find(ctx, connector.Subject{Email: demo.Heavy.Email})
	if err != nil {
		return outcome{}, err
	}
	c.phase("find")
	snap, err := store.Snapshot(ctx, found)
	if err != nil {
		return outcome{}, err
	}
	defer snap.Close()
	contents := jobs.Contents(snap, store.Map(), nil, export.Position{})
	contents.Ref, contents.Language, contents.Operator, contents.Made = "CS-BNCH-0000", "en", "CrowsStack", time.Now()
	contents.Portable, contents.TempDir = portable, t.Dir
	var manifest export.Manifest
	sealed, err := vault.Create(ctx, uuid.New(), func(w io.Writer) error {
		manifest, err = export.Write(ctx, w, contents)
		c.phase("write")
		return err
	})
	if err != nil {
		return outcome{}, err
	}
	c.phase("seal and read back")
	if manifest.Rows != found.Total {
		return outcome{}, fmt.Errorf("found %d rows, packed %d", found.Total, manifest.Rows)
	}
	out := c.outcome(manifest.Rows)
	_, out.Peak = memory()
	out.Idle, out.Bytes = before, sealed.Size
	return out, nil
}

// openStore connects as a worker does.
func openStore(ctx context.Context, t task, objects *connector.Objects) (*connector.Store, func(), error) {
	m, err := theMap()
	if err != nil {
		return nil, nil, err
	}
	db, err := pg.Open(ctx, t.Database)
	if err != nil {
		return nil, nil, err
	}
	pause := connector.NoPause
	if t.Paced {
		pause = 0
	}
	store, err := connector.Open(ctx, db, m, connector.Options{Secret: []byte("only for a benchmark"), Objects: objects, BatchRows: t.Batch, Pause: pause})
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return store, db.Close, nil
}

// psql copies the same rows through gzip into a file.
func (b *bench) psql(s *store, level string) (out outcome, err error) {
	file, err := os.Create(filepath.Join(b.dir, "psql.csv.gz"))
	if err != nil {
		return out, fmt.Errorf("make a file for psql: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	args := []string{"-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", b.db.limitDSN(s.name)}
	for _, h := range person {
		args = append(args, "-c", `\copy (`+h.export()+`) TO STDOUT WITH CSV`)
	}
	out.CPU, err = b.witnessed(func() (time.Duration, error) {
		from, to := exec.CommandContext(b.ctx, "psql", args...), exec.CommandContext(b.ctx, "gzip", level)
		pipe, err := from.StdoutPipe()
		if err != nil {
			return 0, err
		}
		from.Stderr, to.Stdin, to.Stdout, to.Stderr = os.Stderr, pipe, file, os.Stderr
		begun := time.Now()
		if err := from.Start(); err != nil {
			return 0, fmt.Errorf("start psql: %w", err)
		}
		if err := to.Run(); err != nil {
			return 0, errors.Join(fmt.Errorf("gzip: %w", err), from.Wait())
		}
		if err := from.Wait(); err != nil {
			return 0, fmt.Errorf("psql: %w", err)
		}
		if err := file.Sync(); err != nil { // ours is safe on the disk too
			return 0, err
		}
		out.Seconds = time.Since(begun).Seconds()
		return from.ProcessState.UserTime() + from.ProcessState.SystemTime() + to.ProcessState.UserTime() + to.ProcessState.SystemTime(), nil
	})
	if err == nil {
		b.say("%-14s %7.2f s  %6.2f s of processor", "psql, gzip "+level, out.Seconds, out.CPU)
	}
	return out, err
}
