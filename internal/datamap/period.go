package datamap

import (
	"fmt"
	"strconv"
	"strings"
)

// Period is a length of the calendar, as laws count.
type Period struct{ Years, Months, Days int }

// IsZero says that there is no fixed end.
func (p Period) IsZero() bool { return p == Period{} }

// Interval writes the period as PostgreSQL reads it.
func (p Period) Interval() string {
	return fmt.Sprintf("%d years %d months %d days", p.Years, p.Months, p.Days)
}

// parsePeriod reads 10y, 6m, 30d or several of them: "2y 6m".
func parsePeriod(s string) (Period, bool) {
	var p Period
	for _, f := range strings.Fields(s) {
		n, err := strconv.Atoi(f[:len(f)-1])
		if err != nil || n <= 0 || n > 1000 && f[len(f)-1] != 'd' || n > 100_000 {
			return Period{}, false
		}
		switch f[len(f)-1] {
		case 'y':
			p.Years += n
		case 'm':
			p.Months += n
		case 'd':
			p.Days += n
		default:
			return Period{}, false
		}
	}
	return p, !p.IsZero()
}
