package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/export"
)

type auditVerify struct{}

type auditReport struct {
	OK       bool   `json:"ok"`
	Size     int64  `json:"size"`
	Root     string `json:"root"`
	FirstBad *int64 `json:"first_bad"`
	Pending  int64  `json:"pending"`
	Problem  string `json:"problem,omitempty"`
}

func (auditVerify) Run(a *app) error {
	c, err := a.settings()
	if err != nil {
		return err
	}
	db, err := a.database(c)
	if err != nil {
		return err
	}
	defer db.Close()
	v, err := audit.Verify(a.ctx, db)
	if err != nil {
		return err
	}
	r := auditReport{OK: v.OK, Size: v.Size, Root: v.Root, FirstBad: v.FirstBad, Pending: v.Pending, Problem: v.Problem}
	return a.judge(r, v.OK)
}

// judge shows a result and lets the exit code say whether all is well.
func (a *app) judge(r result, ok bool) error {
	if err := a.show(r); err != nil {
		return err
	}
	if !ok {
		return errFound
	}
	return nil
}

func (r auditReport) text(w io.Writer) {
	if r.OK {
		fmt.Fprintf(w, "The record is whole: %d entries, root %s; %d not sealed yet.\n", r.Size, r.Root, r.Pending)
		return
	}
	fmt.Fprintf(w, "The record was tampered with: %s.\n", r.Problem)
	if r.FirstBad != nil {
		fmt.Fprintf(w, "The first entry that is not as it was has index %d.\n", *r.FirstBad)
	}
}

type bundleVerify struct {
	Files []string `arg:"" help:"The ZIP, or all parts of a package that has several." placeholder:"FILE.zip"`
}

type bundleReport struct{ export.Report }

func (b bundleVerify) Run(a *app) error {
	zips := make([]export.Source, 0, len(b.Files))
	for _, name := range b.Files {
		f, err := os.Open(name)
		if errors.Is(err, os.ErrNotExist) {
			return misuse("there is no file %s", name)
		}
		if err != nil {
			return fmt.Errorf("open the package: %w", err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return fmt.Errorf("open the package: %w", err)
		}
		zips = append(zips, export.Source{Name: name, ReaderAt: f, Size: info.Size()})
	}
	v, err := export.Verify(zips...)
	if err != nil {
		return err
	}
	return a.judge(bundleReport{v}, v.OK)
}

func (r bundleReport) text(w io.Writer) {
	switch {
	case len(r.Problems) > 0:
		fmt.Fprintln(w, "This is not the package as it was made:")
		for _, p := range r.Problems {
			fmt.Fprintln(w, " ", p)
		}
	case r.OK && r.Parts > 1:
		fmt.Fprintf(w, "The package is as its manifests say: %d parts, %d files, %d rows.\n", r.Parts, r.Files, r.Rows)
	case r.OK:
		fmt.Fprintf(w, "The package is as its manifest says: %d files, %d rows.\n", r.Files, r.Rows)
	}
	if len(r.Missing) > 0 {
		missing := strings.ReplaceAll(strings.Trim(fmt.Sprint(r.Missing), "[]"), " ", ", ")
		fmt.Fprintf(w, "The package has more parts; missing: %s.\n", missing)
	}
}
