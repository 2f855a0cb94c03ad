package export_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
)

func source(zip []byte) export.Source {
	return export.Source{ReaderAt: bytes.NewReader(zip), Size: int64(len(zip))}
}

func en(s string) datamap.Text { return datamap.Text{"en": s} }

// cell makes a cell; nil is NULL.
func cell(s any) []byte {
	switch s := s.(type) {
	case nil:
		return nil
	case string:
		return append([]byte{}, s...)
	default:
		return fmt.Append(nil, s)
	}
}

// rows gives rows through one buffer that it overwrites, as a driver may.
func rows(values ...[]any) iter.Seq2[export.Row, error] {
	return func(yield func(export.Row, error) bool) {
		buf := []byte{}
		for _, r := range values {
			for i := range buf {
				buf[i] = '!'
			}
			buf = buf[:0]
			row := make(export.Row, len(r))
			for _, v := range r {
				buf = append(buf, cell(v)...)
			}
			at := 0
			for i, v := range r {
				if v != nil {
					n := len(cell(v))
					row[i], at = buf[at:at+n:at+n], at+n
				}
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func columns(names ...string) (out []export.Column) {
	for _, n := range names {
		name, kind, _ := strings.Cut(n, ":")
		types := map[string]export.ColumnType{"n": export.Number, "b": export.Bool, "j": export.JSON, "t": export.Time}
		out = append(out, export.Column{Name: name, Title: en(strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " ")), Type: types[kind]})
	}
	return out
}

func seq[T any](items ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, i := range items {
			if !yield(i, nil) {
				return
			}
		}
	}
}

func file(name, body string) export.File {
	return export.File{Name: name, Category: "messages", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(body)), nil
	}}
}

func gone(name string) export.File {
	return export.File{Name: name, Open: func() (io.ReadCloser, error) {
		return nil, fs.ErrNotExist
	}}
}

var made = time.Date(2026, 12, 1, 15, 20, 0, 0, time.UTC)

// sample is a small package with one of everything.
func sample() export.Contents {
	return export.Contents{
		Ref: "CS-7F3K-29QD", Language: "en", Operator: "CrowsStack", Made: made, MapVersion: strings.Repeat("ab", 32),
		Received: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), Contact: "privacy@crowsstack.example", Authority: "the Information Commissioner’s Office (UK)",
		Categories: []datamap.Category{
			{
				ID: "messages", Title: en("Messages"), About: en("What you wrote to businesses, and what they wrote to you."), Content: true,
				Purpose: en("To carry messages between you and the businesses that you write to."), Basis: en("A contract with the business (Art. 6(1)(b))."),
				Recipients: []datamap.Text{en("Meta Platforms Ireland Ltd."), en("The businesses that you wrote to")},
				Retention:  en("13 months after the last message."), Source: en("You, and the businesses."), Transfers: en("United States, under standard contractual clauses."),
			},
			{
				ID: "profile", Title: en("Contact profile"), About: en("The name and number that businesses saved for you."),
				Purpose: en("So that a business knows who writes."), Basis: en("Legitimate interest (Art. 6(1)(f))."),
				Recipients: []datamap.Text{en("The businesses that you wrote to")}, Retention: en("As long as the conversation."), Source: en("The businesses."),
			},
			{ID: "billing", Title: en("Invoices and payments"), About: en("Invoices, payment references and billing addresses.")},
		},
		Tables: seq(
			export.Table{Name: "messages", Title: en("Messages"), Category: "messages", Role: "thread",
				Columns: columns("id:n", "conversation_id:n", "direction", "body", "created_at:t", "status", "read:b", "payload:j"),
				Rows: rows(
					[]any{1, 7, "inbound", "Hello, where is my parcel?", "2026-03-02 08:11:09.5+00", "read", "t", `{"type": "text"}`},
					[]any{2, 7, "outbound", "Good morning! It is on its way.\nIt arrives today.", "2026-03-02 08:12:40+02", "delivered", "f", nil},
					[]any{3, 7, "inbound", "شكرا جزيلا", "2026-03-02 08:13:00+05:30", "read", "t", nil},
					[]any{4, 9, "inbound", `<script>alert("x")</script>`, "2026-03-03 10:00:00+00", nil, nil, nil},
				)},
			export.Table{Name: "delivery_events", Title: en("Delivery records"), Category: "messages",
				Columns: columns("id:n", "message_id:n", "status", "at:t"),
				Rows:    rows([]any{1, 1, "sent", "2026-03-02 08:11:09+00"}, []any{2, 1, "=cmd|' /C calc'!A0", nil})},
			export.Table{Name: "contacts", Title: en("Contact"), Category: "profile",
				Columns: columns("id:n", "name", "phone", "balance:n"),
				Rows:    rows([]any{5, "Amal \"A.\" Haddad", "+447700900123", "-12.50"})},
			export.Table{Name: "sessions", Title: en("Sign-ins"), Category: "profile", Columns: columns("id:n", "ip"), Rows: rows()},
		),
		Files: seq(file("2026/03/photo.jpg", "JPEG"), file("2026/03/photo.jpg", "another"), gone("2026/02/voice.ogg")),
		LeftOut: []export.Omission{
			{What: en("Bank account number"), Why: en("A copy could be misused. We hold one, and it ends in 42."), Rows: 1},
			{What: en("Other people’s numbers"), Why: en("They belong to someone else (Art. 15(4)).")},
		},
	}
}

func write(t testing.TB, c export.Contents) (*zip.Reader, export.Manifest, []byte) {
	t.Helper()
	c.TempDir = t.TempDir()
	var b bytes.Buffer
	m, err := export.Write(t.Context(), &b, c)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return z, m, b.Bytes()
}

func read(t testing.TB, z *zip.Reader, name string) string {
	t.Helper()
	i := slices.IndexFunc(z.File, func(f *zip.File) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("no %s in the package", name)
	}
	r, err := z.File[i].Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
