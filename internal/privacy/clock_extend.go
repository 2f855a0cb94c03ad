package privacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
	"github.com/crowsstack/privacy-portal/internal/letter"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Extension says whether more time may be taken, and how much.
type Extension struct {
	May    bool
	Why    law.Line  // where it may not
	Due    time.Time // the date it leads to; zero where staff have to name it
	Notice time.Time // last moment to tell the person; zero where the law names none
}

// extension asks every law that applies: each has to let us.
func (o *Office) extension(r Request, events []ClockEvent) Extension {
	if r.State == Ready {
		return Extension{Why: law.Line{Key: "clock.extend.answered"}}
	}
	now := o.now()
	d := o.deadline(r, events)
	x := Extension{May: true, Notice: d.NoticeBy}
	open := false
	for _, regime := range o.regimes(r) {
		if why, ok := regime.MayExtend(string(r.Kind), r.ReceivedAt, now, lawEvents(events)...); !ok {
			return Extension{Why: why, Notice: x.Notice}
		}
		term := regime.On(r.ReceivedAt).TermOf(string(r.Kind))
		open = open || term.OpenExtension && term.Extension.N == 0
	}
	if !open {
		x.Due = o.deadline(r, append(slices.Clone(events), ClockEvent{Kind: law.Extended, At: now})).Due()
	}
	return x
}

// maxExtension bounds a date that staff name where the law does not.
const maxExtension = 366 * 24 * time.Hour

// Extend takes more time, as far as every law that applies gives it, and tells
// the person until when and why. until is for laws that leave the end to us: a day,
// which ends where the law counts.
func (o *Office) Extend(ctx context.Context, by staff.Member, id ID, seen int64, reason string, until time.Time) error {
	f := fault.Fields{}
	needed(f, "extend_reason", reason, MaxDetails, "error.field.extension_reason")
	missing := f.Err()
	return o.onClock(ctx, by, id, seen, reason, func(tx pgx.Tx, r *Request, events []ClockEvent) error {
		x := o.extension(*r, events)
		if !x.May {
			return fault.New(fault.Conflict, x.Why.Key, x.Why.Values(func(t time.Time) string { return lang.Date(ctx, t) })...)
		}
		if missing != nil {
			return missing
		}
		e := ClockEvent{Kind: law.Extended, At: o.now(), Reason: strings.TrimSpace(reason)}
		if x.Due.IsZero() {
			zone, err := zoneOf(*r)
			if err != nil {
				return err
			}
			end := endOfDay(until, zone)
			if !end.After(r.DueAt) || end.Sub(r.DueAt) > maxExtension {
				f.Add("until", "error.field.extension_until", "Date", lang.Date(ctx, r.DueAt))
				return f.Err()
			}
			e.Until = &end
		}
		if err := o.tick(ctx, tx, by, r, e); err != nil {
			return err
		}
		return o.compose(ctx, tx, by.Actor(), *r, letter.Extension, letter.Facts{Reason: e.Reason, NewDue: r.DueAt})
	})
}

// zoneOf is where the law of a request counts its days.
func zoneOf(r Request) (*time.Location, error) {
	zone, err := time.LoadLocation(law.For(r.Law).Zone)
	if err != nil {
		return nil, fmt.Errorf("zone of %s: %w", r.Law, err)
	}
	return zone, nil
}

// endOfDay is the last second there of a day that somebody named.
func endOfDay(day time.Time, zone *time.Location) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 23, 59, 59, 0, zone)
}

// SetLaw says where the person lives, and so which law applies: they may have
// chosen wrongly, or moved. Dates begin at the same receipt, counted by that law.
func (o *Office) SetLaw(ctx context.Context, by staff.Member, id ID, seen int64, country, reason string) error {
	f := fault.Fields{}
	if !slices.ContainsFunc(law.Places(), func(p law.Place) bool { return p.Code == country }) {
		f.Add("country", "error.field.country_missing")
	}
	needed(f, "law_reason", reason, MaxDetails, "error.field.clock_reason")
	if err := f.Err(); err != nil {
		return err
	}
	return o.onClock(ctx, by, id, seen, reason, func(tx pgx.Tx, r *Request, _ []ClockEvent) error {
		if r.Country == country {
			return nil // a double click
		}
		return o.tick(ctx, tx, by, r, ClockEvent{Kind: LawSet, At: o.now(), Reason: strings.TrimSpace(reason), Law: law.For(country).Code, Country: country})
	})
}

// SetLaws says which laws apply besides: the earliest date of all counts.
func (o *Office) SetLaws(ctx context.Context, by staff.Member, id ID, seen int64, codes []string, reason string) error {
	f := fault.Fields{}
	needed(f, "laws_reason", reason, MaxDetails, "error.field.clock_reason")
	for _, c := range codes {
		if law.For(c).Code != c {
			f.Add("laws", "error.field.law_unknown")
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	return o.onClock(ctx, by, id, seen, reason, func(tx pgx.Tx, r *Request, _ []ClockEvent) error {
		next := slices.Compact(slices.Sorted(slices.Values(slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return c == r.Law }))))
		if slices.Equal(next, r.Laws) {
			return nil
		}
		return o.tick(ctx, tx, by, r, ClockEvent{Kind: LawsSet, At: o.now(), Reason: strings.TrimSpace(reason), Laws: some(next)})
	})
}
