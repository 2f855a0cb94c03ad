package chart_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/crowsstack/privacy-portal/internal/chart"
)

func TestStepIsRoundAndGivesAFewLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ top, want float64 }{{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 2}, {9, 2}, {10, 5}, {24, 10}, {41, 20}, {60, 20}, {100, 50}, {999, 200}, {1000, 500}} {
		if got := chart.Step(tt.top); got != tt.want {
			t.Errorf("up to %v the step is %v, expected %v", tt.top, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		top := float64(rapid.IntRange(0, 10_000_000).Draw(t, "top"))
		step := chart.Step(top)
		if lines := math.Ceil(top / step); lines > 5 || step < 1 {
			t.Fatalf("%v lines of %v up to %v", lines, step, top)
		}
	})
}

// TestEverythingStaysInside: whatever the numbers, no shape leaves the drawing
// and no bar has a negative length.
func TestEverythingStaysInside(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "n")
		labels, counts := make([]string, n), make([]int64, n)
		values := make([]float64, n)
		for i := range n {
			counts[i] = rapid.Int64Range(0, 2_000_000).Draw(t, "v")
			values[i], labels[i] = float64(counts[i]), "x"
		}
		columns := chart.Columns(204, labels, chart.Series{Class: "c2", Values: values}, chart.Series{Class: "c1", Values: values})
		columns.Mark(rapid.IntRange(0, 40).Draw(t, "mark"), 40, "limit")
		for _, d := range []chart.Drawing{columns, chart.Bars(labels, labels, values), chart.Stacks(180, counts, 7, labels)} {
			for _, r := range d.Rects {
				if r.X < 0 || r.X+r.W > 100.001 || r.H < 0 || r.W < 0 || r.Y < 0 || r.Y+r.H > float64(d.Height) || math.IsNaN(r.Y+r.W) {
					t.Fatalf("a bar leaves the drawing: %+v of %d", r, d.Height)
				}
			}
			for _, x := range d.Texts {
				if x.X < -1 || x.X > 101 || x.Y < 0 || x.Y > float64(d.Height) {
					t.Fatalf("words leave the drawing: %+v of %d", x, d.Height)
				}
			}
		}
	})
}

func TestHeapsCountTheirBlocks(t *testing.T) {
	t.Parallel()
	d := chart.Stacks(180, []int64{0, 2, 1}, 2, []string{"Today", "", ""})
	if len(d.Rects) != 3 || d.Rects[0].Class != "c4" || d.Rects[2].Class != "c2" || d.Rects[0].Y <= d.Rects[1].Y {
		t.Errorf("got %+v", d.Rects)
	}
	d = chart.Stacks(180, []int64{50, 100}, 0, []string{"", ""})
	if len(d.Rects) != 2 || math.Abs(d.Rects[1].H-2*d.Rects[0].H) > 0.01 || d.Texts[0].Words != "50" {
		t.Errorf("what does not fit as blocks became %+v %+v", d.Rects, d.Texts)
	}
}
