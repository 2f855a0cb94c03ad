package connector

import (
	"testing"
	"time"
)

// rested plays batches of ten milliseconds whose commits take so long, and
// gives the rest after the last one.
func rested(p *pace, commits ...time.Duration) (last time.Duration) {
	for _, took := range commits {
		p.commit = took
		last = p.rest(10 * time.Millisecond)
	}
	return last
}

func repeated(took time.Duration, n int) []time.Duration {
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = took
	}
	return out
}

func TestAQuietStoreGetsHalfOfTheTime(t *testing.T) {
	t.Parallel()
	if got := rested(&pace{}, repeated(time.Millisecond, 50)...); got != 10*time.Millisecond {
		t.Errorf("after a batch of 10 ms the worker rests %v", got)
	}
}

func TestSlowCommitsMakeTheWorkerRestAndQuickOnesLetItGoOn(t *testing.T) {
	t.Parallel()
	var p pace
	rested(&p, repeated(time.Millisecond, 10)...)
	slow := rested(&p, repeated(80*time.Millisecond, 10)...)
	if slow != 100*time.Millisecond {
		t.Errorf("while commits take 80 ms the worker rests %v after 10 ms of work", slow)
	}
	if again := rested(&p, repeated(time.Millisecond, 100)...); again != 10*time.Millisecond {
		t.Errorf("when commits are quick again the worker rests %v", again)
	}
}

// TestASlowDiskIsNoReasonToRest: what counts is how fast this store can be.
func TestASlowDiskIsNoReasonToRest(t *testing.T) {
	t.Parallel()
	var p pace
	if got := rested(&p, repeated(30*time.Millisecond, 50)...); got != 10*time.Millisecond {
		t.Errorf("a store whose commits always take 30 ms is left alone for %v", got)
	}
}

func TestARestEnds(t *testing.T) {
	t.Parallel()
	p := pace{fastest: time.Millisecond, commit: time.Minute, ratio: mostRest}
	if got := p.rest(time.Minute); got != longRest {
		t.Errorf("the worker rests %v", got)
	}
}
