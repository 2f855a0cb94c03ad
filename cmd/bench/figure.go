package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// figure is one line of the result. Ratio is ours over limit: below 1 is
// better than the limit for seconds, above 1 for rates.
type figure struct {
	Name  string  `json:"name"`
	Ours  float64 `json:"ours"`
	Limit float64 `json:"limit"`
	Ratio float64 `json:"ratio"`
	Unit  string  `json:"unit"`

	Against string             `json:"against"`       // what the limit is
	Aim     float64            `json:"aim,omitempty"` // what the ratio is to be at most, of a rate at least
	Rounds  int                `json:"rounds"`
	Rows    int64              `json:"rows,omitempty"`
	CPU     []float64          `json:"cpu_s,omitempty"` // ours and the limit's, server included: the second witness
	Phases  map[string]float64 `json:"phases_s,omitempty"`
	All     [][]float64        `json:"all"` // each round's figures, ours and the limit's
	Load    string             `json:"load"`
	Note    string             `json:"note,omitempty"`
}

// pairs are the measurements behind a figure, a round each.
type pairs struct{ ours, limit []float64 }

func (p *pairs) add(ours, limit float64) {
	p.ours, p.limit = append(p.ours, ours), append(p.limit, limit)
}

// report prints a figure: medians of the pairs, and the pairs themselves.
func (b *bench) report(f figure, p pairs) error {
	f.Ours, f.Limit, f.Rounds, f.Load = round(median(p.ours)), round(median(p.limit)), len(p.ours), load()
	if f.Limit > 0 {
		f.Ratio = round(median(p.ours) / median(p.limit))
	}
	for i := range p.ours {
		f.All = append(f.All, []float64{round(p.ours[i]), round(p.limit[i])})
	}
	for k, v := range f.Phases {
		f.Phases[k] = round(v)
	}
	line, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("write a figure: %w", err)
	}
	_, err = fmt.Println(string(line))
	return err
}

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	if len(s) == 0 {
		return 0
	}
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// round keeps three digits, or the whole number where it has more.
func round(v float64) float64 {
	var out float64
	format := "%.3g"
	if v >= 1000 {
		format = "%.0f"
	}
	_, _ = fmt.Sscan(fmt.Sprintf(format, v), &out) // what Sprintf wrote
	return out
}

// load is how busy the machine is with everything: one, five, fifteen minutes.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}
