package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
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
	if err := b.fillStore(); err != nil {
		return err
	}
	var psql1, psql6, small, data pairs
	var cpu1, cpu6, cpuSmall, cpuData, memory pairs
	var last outcome
	for range b.rounds {
		full, err := b.export("export")
		if err != nil {
			return err
		}
		fast, fastCPU, err := b.psql("-1")
		if err != nil {
			return err
		}
		usual, usualCPU, err := b.psql("-6")
		if err != nil {
			return err
		}
		lean, err := b.export("export data")
		if err != nil {
			return err
		}
		bare, err := b.export("export small")
		if err != nil {
			return err
		}
		last = full
		psql1.add(full.Seconds, fast)
		psql6.add(full.Seconds, usual)
		small.add(full.Seconds, bare.Seconds)
		data.add(lean.Seconds, bare.Seconds)
		cpu1.add(full.CPU, fastCPU)
		cpu6.add(full.CPU, usualCPU)
		cpuSmall.add(full.CPU, bare.CPU)
		cpuData.add(lean.CPU, bare.CPU)
		memory.add(float64(full.Peak-full.Idle)/1024, maxMemory)
	}
	note := fmt.Sprintf("%d messages; JSON, CSV and pages in one sealed ZIP of %d MB, read back and compared; without the files in object storage", b.o.messages, last.Bytes>>20)
	for _, f := range []struct {
		figure
		pairs, cpu pairs
	}{
		{figure{Name: "export", Against: "psql \\copy of the same rows | gzip -1", Note: note, Phases: last.Phases}, psql1, cpu1},
		{figure{Name: "export, usual gzip", Against: "psql \\copy of the same rows | gzip", Note: note}, psql6, cpu6},
		{figure{Name: "export, small program", Against: "60 lines of Go: rows to CSV to ZIP", Aim: 1.8, Note: note}, small, cpuSmall},
		{figure{Name: "export without pages, small program", Against: "60 lines of Go: rows to CSV to ZIP", Aim: 1.3}, data, cpuData},
		{figure{Name: "export, memory above idle", Against: "the most that is allowed, whatever the size", Unit: "MB", Aim: 1}, memory, pairs{}},
	} {
		if f.Unit == "" {
			f.Unit, f.CPU = "s", []float64{round(median(f.cpu.ours)), round(median(f.cpu.limit))}
		}
		f.Rows = b.rows
		if err := b.report(f.figure, f.pairs); err != nil {
			return err
		}
	}
	return nil
}

// maxMemory is what an export may need above an idle process, in MB.
const maxMemory = 64

// export measures one of the children that export.
func (b *bench) export(do string) (outcome, error) {
	dir, err := os.MkdirTemp(b.dir, "export-")
	if err != nil {
		return outcome{}, fmt.Errorf("make a directory for the export: %w", err)
	}
	defer os.RemoveAll(dir)
	role := "postgres"
	if do != "export small" {
		role = connector.ExecRole
	}
	out, err := b.measure(task{Do: do, Dir: dir}, storeName, role)
	if err == nil && out.Rows != b.rows {
		err = fmt.Errorf("%s: %d rows, the person has %d", do, out.Rows, b.rows)
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
	contents := jobs.Contents(snap, store.Map(), nil)
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
	store, err := connector.Open(ctx, db, m, connector.Options{Secret: []byte("only for a benchmark"), Objects: objects, BatchRows: t.Batch})
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return store, db.Close, nil
}

// psql copies the same rows through gzip into a file.
func (b *bench) psql(level string) (seconds, cpu float64, err error) {
	file, err := os.Create(filepath.Join(b.dir, "psql.csv.gz"))
	if err != nil {
		return 0, 0, fmt.Errorf("make a file for psql: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	args := []string{"-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", b.db.DSN("postgres", storeName)}
	for _, h := range person {
		args = append(args, "-c", `\copy (`+h.export()+`) TO STDOUT WITH CSV`)
	}
	cpu, err = b.witnessed(func() (time.Duration, error) {
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
		seconds = time.Since(begun).Seconds()
		return from.ProcessState.UserTime() + from.ProcessState.SystemTime() + to.ProcessState.UserTime() + to.ProcessState.SystemTime(), nil
	})
	if err == nil {
		b.say("%-14s %7.2f s  %6.2f s of processor", "psql, gzip "+level, seconds, cpu)
	}
	return seconds, cpu, err
}
