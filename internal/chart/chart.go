// Package chart works out where the bars of a chart stand. Widths are shares of
// the room there is, heights are pixels: so text never scales, and nothing
// needs a style. Drawing them is the views' part.
package chart

import (
	"math"
	"slices"
	"strconv"
)

// Drawing is a chart in simple shapes, in the order in which they are drawn.
type Drawing struct {
	Height int // pixels; the width is whatever there is
	Rects  []Rect
	Lines  []Line
	Texts  []Text
}

// Rect is a bar. X and W are percent, Y and H pixels.
type Rect struct {
	Class      string
	X, W, Y, H float64
	Round      float64
	Faint      bool // the room that a bar could fill
}

// Line goes from one point to another; X in percent, Y in pixels.
type Line struct {
	Class          string
	X1, X2, Y1, Y2 float64
}

// Text stands on its base line. Anchor is "", "middle" or "end".
type Text struct {
	Class  string
	X, Y   float64
	Anchor string
	Words  string
}

// Series is one row of numbers and the class of its bars.
type Series struct {
	Class  string
	Values []float64
}

const (
	plotTop  = 12.0 // room for the words of the highest grid line
	axisRoom = 28   // below the axis, for its words
	edge     = 4.0  // percent on the left, for the words of the grid
)

// Columns puts the series' bars beside each other, one group for each label. An
// empty label is not written. How many names fit is the caller's choice.
func Columns(height int, labels []string, series ...Series) Drawing {
	d := Drawing{Height: height}
	bottom := float64(height - axisRoom)
	top := 0.0
	for _, s := range series {
		top = max(top, slices.Max(append(slices.Clone(s.Values), 0)))
	}
	scale := d.grid(top, bottom)
	slot := (100 - edge) / float64(max(1, len(labels)))
	bar := slot * 0.68 / float64(max(1, len(series)))
	for i, label := range labels {
		left := edge + slot*float64(i) + slot*0.16
		for n, s := range series {
			h := s.Values[i] * scale
			d.Rects = append(d.Rects, Rect{Class: s.Class, X: left + bar*float64(n), W: bar * 0.92, Y: bottom - h, H: h, Round: 1.5})
		}
		if label != "" {
			d.Texts = append(d.Texts, Text{X: left + slot*0.34, Y: float64(height - 8), Anchor: "middle", Words: label})
		}
	}
	d.Lines = append(d.Lines, Line{Class: "axis", X2: 100, Y1: bottom, Y2: bottom})
	return d
}

// Mark draws an upright line before the nth group of n columns, with its words.
func (d *Drawing) Mark(n, of int, words string) {
	x := edge + (100-edge)*float64(n)/float64(max(1, of))
	d.Lines = append(d.Lines, Line{Class: "limit", X1: x, X2: x, Y1: 8, Y2: float64(d.Height - axisRoom)})
	anchor, beside := "", 1.0
	if x > 75 {
		anchor, beside = "end", -1
	}
	d.Texts = append(d.Texts, Text{Class: "limit-t", X: x + beside, Y: 18, Anchor: anchor, Words: words})
}

// grid draws the lines that help to read heights, and gives pixels for one.
func (d *Drawing) grid(top, bottom float64) float64 {
	step := Step(top)
	high := max(step, math.Ceil(top/step)*step)
	scale := (bottom - plotTop) / high
	for at := step; at <= high; at += step {
		y := bottom - at*scale
		d.Lines = append(d.Lines, Line{Class: "grid", X2: 100, Y1: y, Y2: y})
		d.Texts = append(d.Texts, Text{Y: y - 4, Words: strconv.FormatFloat(at, 'f', -1, 64)})
	}
	return scale
}

// Step is a round distance between two or three grid lines up to top.
func Step(top float64) float64 {
	if top <= 2 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(top/2)))
	for _, n := range []float64{5, 2, 1} {
		if n*unit*2 <= top {
			return max(1, n*unit)
		}
	}
	return max(1, unit)
}

const (
	barsStep   = 38
	barsHeight = 6
)

// Bars draws one lying bar for each name, with the number's words at its end.
// The longest fills the room.
func Bars(names, words []string, values []float64) Drawing {
	d := Drawing{Height: len(names)*barsStep + 4}
	longest := slices.Max(append(slices.Clone(values), 0))
	for i, name := range names {
		y := float64(i * barsStep)
		share := 0.0
		if longest > 0 {
			share = 100 * values[i] / longest
		}
		d.Texts = append(d.Texts, Text{Y: y + 12, Words: name}, Text{Class: "strong", X: 100, Y: y + 12, Anchor: "end", Words: words[i]})
		d.Rects = append(d.Rects, Rect{Class: "c3", W: 100, Y: y + 17, H: barsHeight, Round: 3, Faint: true}, Rect{Class: "c1", W: share, Y: y + 17, H: barsHeight, Round: 3})
	}
	return d
}

// Stacks draws a heap of blocks for each value, as long as they fit, and else a
// column of the same height as the highest heap. The first soon of them have
// the class of what is urgent.
func Stacks(height int, values []int64, soon int, labels []string) Drawing {
	const block, gap = 20.0, 4.0
	d := Drawing{Height: height}
	bottom := float64(height - axisRoom)
	most := int64(1)
	for _, v := range values {
		most = max(most, v)
	}
	slot := 100 / float64(max(1, len(values)))
	fits := float64(most)*(block+gap) <= bottom-plotTop
	for i, v := range values {
		class := "c2"
		if i < soon {
			class = "c4"
		}
		x, w := slot*float64(i)+slot*0.14, slot*0.72
		switch {
		case fits:
			for n := range v {
				d.Rects = append(d.Rects, Rect{Class: class, X: x, W: w, Y: bottom - 2 - block - float64(n)*(block+gap), H: block, Round: 2})
			}
		case v > 0:
			h := max(2, float64(v)/float64(most)*(bottom-plotTop))
			d.Rects = append(d.Rects, Rect{Class: class, X: x, W: w, Y: bottom - h, H: h, Round: 1.5})
			d.Texts = append(d.Texts, Text{X: x + w/2, Y: bottom - h - 4, Anchor: "middle", Words: strconv.FormatInt(v, 10)})
		}
		if labels[i] != "" {
			at, anchor := x+w/2, "middle"
			if i == 0 {
				at, anchor = x, ""
			}
			d.Texts = append(d.Texts, Text{X: at, Y: float64(height - 8), Anchor: anchor, Words: labels[i]})
		}
	}
	d.Lines = append(d.Lines, Line{Class: "axis", X2: 100, Y1: bottom, Y2: bottom})
	return d
}

// Percent writes a share of the width.
func Percent(x float64) string { return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64) + "%" }

// Pixels writes a length.
func Pixels(y float64) string { return strconv.FormatFloat(math.Round(y*100)/100, 'f', -1, 64) }
