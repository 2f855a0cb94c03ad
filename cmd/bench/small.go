package main

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/flate"
)

// exportSmall is the program that somebody writes in an afternoon: each query's
// rows as CSV into a ZIP, and nothing that a product needs. It is an upper
// bound, not a fair rival.
func exportSmall(ctx context.Context, t task) (outcome, error) {
	conn, err := pgx.Connect(ctx, t.Database)
	if err != nil {
		return outcome{}, fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(ctx)
	file, err := os.Create(filepath.Join(t.Dir, "small.zip"))
	if err != nil {
		return outcome{}, err
	}
	defer file.Close()
	before, c, total := idle(), newClock(), int64(0)
	z := zip.NewWriter(file)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, 1) })
	for _, h := range person {
		w, err := z.Create(h.table + ".csv")
		if err != nil {
			return outcome{}, err
		}
		n, err := writeCSV(ctx, conn, csv.NewWriter(w), h.export())
		if err != nil {
			return outcome{}, fmt.Errorf("%s: %w", h.table, err)
		}
		total += n
	}
	if err := z.Close(); err != nil {
		return outcome{}, err
	}
	if err := file.Sync(); err != nil {
		return outcome{}, err
	}
	out := c.outcome(total)
	_, out.Peak = memory()
	out.Idle = before
	return out, nil
}

func writeCSV(ctx context.Context, conn *pgx.Conn, w *csv.Writer, sql string) (n int64, err error) {
	rows, err := conn.Query(ctx, sql, pgx.QueryResultFormats{pgx.TextFormatCode})
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var record []string
	for _, f := range rows.FieldDescriptions() {
		record = append(record, f.Name)
	}
	for {
		if err := w.Write(record); err != nil {
			return n, err
		}
		if !rows.Next() {
			break
		}
		n++
		for i, v := range rows.RawValues() {
			record[i] = string(v)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return n, err
	}
	return n, rows.Err()
}
