package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// figure is one line of the result. Ratio is ours over limit: of seconds and
// megabytes less is better, of requests more.
type figure struct {
	Name  string  `json:"name"`
	Ours  float64 `json:"ours"`
	Limit float64 `json:"limit"`
	Ratio float64 `json:"ratio"`
	Unit  string  `json:"unit"`

	Against string             `json:"against"`       // what the limit is
	Aim     float64            `json:"aim,omitempty"` // what the ratio is to be at most
	Rounds  int                `json:"rounds"`
	Rows    int64              `json:"rows,omitempty"`
	CPU     []float64          `json:"cpu_s,omitempty"` // ours and the limit's, server included: the second witness
	Phases  map[string]float64 `json:"phases_s,omitempty"`
	All     [][]float64        `json:"all"`  // each round's two figures
	Load    string             `json:"load"` // of the machine, as it ended
	Note    string             `json:"note,omitempty"`

	ours, limit   string // candidates
	metric, other metric // other is the limit's where it is not the same
}

// metric is what a figure takes from an outcome.
type metric func(outcome) float64

func seconds(o outcome) float64   { return o.Seconds }
func processor(o outcome) float64 { return o.CPU }
func rate(o outcome) float64      { return o.Rate }
func p50(o outcome) float64       { return o.P50 }
func p99(o outcome) float64       { return o.P99 }
func slowest(o outcome) float64   { return o.Max }
func logged(o outcome) float64    { return float64(o.WAL) / (1 << 20) }
func megabytes(o outcome) float64 { return float64(o.Peak-o.Idle) / 1024 }
func phase(name string) metric    { return func(o outcome) float64 { return o.Phases[name] } }

// results are the outcomes of each candidate, one a round.
type results map[string][]outcome

func (r results) of(candidate string, m metric) []float64 {
	var all []float64
	for _, o := range r[candidate] {
		all = append(all, m(o))
	}
	return all
}

// print writes figures as medians over the rounds.
func (r results) print(figures ...figure) error {
	for _, f := range figures {
		if f.other == nil {
			f.other = f.metric
			if f.Unit == "s" {
				f.CPU = []float64{round(median(r.of(f.ours, processor))), round(median(r.of(f.limit, processor)))}
			}
		}
		ours, limit := r.of(f.ours, f.metric), r.of(f.limit, f.other)
		f.Ours, f.Limit, f.Rounds, f.Load = round(median(ours)), round(median(limit)), len(ours), load()
		f.Ratio = round(median(ours) / median(limit))
		for i := range ours {
			f.All = append(f.All, []float64{round(ours[i]), round(limit[i])})
		}
		line, err := json.Marshal(f)
		if err != nil {
			return fmt.Errorf("write a figure: %w", err)
		}
		if _, err := fmt.Println(string(line)); err != nil {
			return err
		}
	}
	return nil
}

// phases are the medians of a candidate's phases.
func (r results) phases(candidate string) map[string]float64 {
	out := map[string]float64{}
	for name := range r[candidate][0].Phases {
		out[name] = round(median(r.of(candidate, phase(name))))
	}
	return out
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
