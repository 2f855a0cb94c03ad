package link

import (
	"net/url"
	"strconv"
)

// DeskYear has the figures of a year; the files hold the same as CSV.
const (
	DeskYear        = DeskDashboard + "/year"
	deskFiguresFile = DeskDashboard + "/figures.csv"
	deskYearFile    = DeskDashboard + "/year.csv"
)

// DeskFigures is the dashboard of a period as CSV.
func DeskFigures(period string) string {
	return deskFiguresFile + "?" + url.Values{"period": {period}}.Encode()
}

// DeskYearFile is a year's figures as CSV, under one law or all.
func DeskYearFile(year int, law string) string {
	if law == "" {
		law = "all"
	}
	return deskYearFile + "?" + url.Values{"year": {strconv.Itoa(year)}, "law": {law}}.Encode()
}
