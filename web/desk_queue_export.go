package web

import (
	"bufio"
	"encoding/csv"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/link"
	views "github.com/crowsstack/privacy-portal/views/desk"
)

// exportQueue streams the filtered queue as a table. It is sent with a token
// and not by a plain link, because it goes into the audit.
func (s *Server) exportQueue(c echo.Context, v *visit) error {
	ctx := c.Request().Context()
	rows, err := s.Office.ExportQueue(ctx, v.by, addressFilter(link.Desk+"?"+text(c, "query")))
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="queue-`+s.Now().UTC().Format(time.DateOnly)+`.csv"`)
	h.Set("Cache-Control", "no-store")
	c.Response().WriteHeader(http.StatusOK)
	buffered := bufio.NewWriterSize(newSlowWriter(c.Response()), 64<<10)
	out := csv.NewWriter(buffered)
	_, _ = buffered.WriteString("\ufeff") // spreadsheets take it for another alphabet without; an error shows below
	broken := out.Write(views.CSVHead(ctx))
	for row, err := range rows {
		if err == nil {
			err = out.Write(harmless(views.CSVRow(ctx, s.Now(), row)))
		}
		if err != nil {
			broken = err
			break
		}
	}
	out.Flush()
	if broken == nil {
		broken = out.Error()
	}
	if broken == nil {
		broken = buffered.Flush()
	}
	if broken != nil {
		slog.WarnContext(ctx, "a table of the queue was broken off", slog.String("error", broken.Error()))
		panic(http.ErrAbortHandler) // half a table must not look like a whole one
	}
	return nil
}

// harmless keeps spreadsheets from taking what somebody typed for a formula.
func harmless(row []string) []string {
	for i, cell := range row {
		if strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠") == 0 {
			row[i] = "'" + cell
		}
	}
	return row
}
