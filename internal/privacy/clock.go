package privacy

import "context"

// CaseClock is what moves the dates of a case.
type CaseClock struct{}

func (o *Office) loadClock(context.Context, Request, *Case) error { return nil }
