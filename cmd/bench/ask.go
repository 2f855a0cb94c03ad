package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// connections are kept open; each asks again as soon as it has its answer.
const connections = 16

// ask asks for a page for some seconds: by wrk where it is installed, which
// takes the least from the server, else by a child of ours.
func (b *bench) ask(address, cookie string, seconds int) (out outcome, err error) {
	if _, err := exec.LookPath("wrk"); err == nil {
		return b.askWrk(address, cookie, seconds)
	}
	cmd, err := b.command(task{Do: "ask", Address: address, Cookie: cookie, Seconds: seconds})
	if err != nil {
		return out, err
	}
	answer, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("ask for the page: %w", err)
	}
	return out, json.Unmarshal(answer, &out)
}

func (b *bench) askWrk(address, cookie string, seconds int) (outcome, error) {
	cmd := exec.CommandContext(b.ctx, "wrk", "-t1", "-c"+strconv.Itoa(connections), "-d"+strconv.Itoa(seconds)+"s", "--latency", "-H", "Cookie: "+cookie, address)
	text, err := cmd.CombinedOutput()
	if err != nil {
		return outcome{}, fmt.Errorf("wrk: %w\n%s", err, text)
	}
	return readWrk(string(text))
}

// readWrk reads wrk's report; answers that are no pages make it worthless.
func readWrk(report string) (out outcome, err error) {
	for line := range strings.Lines(report) {
		f := strings.Fields(line)
		switch {
		case len(f) == 2 && f[0] == "Requests/sec:":
			out.Rate, err = strconv.ParseFloat(f[1], 64)
		case len(f) > 3 && f[1] == "requests" && f[2] == "in":
			out.Rows, err = strconv.ParseInt(f[0], 10, 64)
		case len(f) == 2 && f[0] == "50%":
			out.P50, err = millis(f[1])
		case len(f) == 2 && f[0] == "99%":
			out.P99, err = millis(f[1])
		case strings.Contains(line, "Non-2xx") || strings.Contains(line, "Socket errors"):
			err = errors.New(strings.TrimSpace(line))
		}
		if err != nil {
			return out, fmt.Errorf("wrk: %w", err)
		}
	}
	if out.Rows == 0 || out.Rate == 0 || out.P99 == 0 {
		return out, fmt.Errorf("wrk does not report answers, rate and p99:\n%s", report)
	}
	return out, nil
}

// millis reads wrk's times: 950.00us, 3.20ms, 1.01s.
func millis(s string) (float64, error) {
	for _, u := range []struct {
		unit string
		us   float64
	}{{"us", 1}, {"ms", 1000}, {"s", 1e6}, {"m", 60e6}} {
		if n, ok := strings.CutSuffix(s, u.unit); ok {
			v, err := strconv.ParseFloat(n, 64)
			return v * u.us / 1000, err
		}
	}
	return 0, fmt.Errorf("%q is no time", s)
}

// askClosedLoop is the child that stands for wrk.
func askClosedLoop(ctx context.Context, t task) (outcome, error) {
	transport := &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections, DisableCompression: true}
	begun := time.Now()
	end := begun.Add(time.Duration(t.Seconds) * time.Second)
	took := make([][]time.Duration, connections)
	errs := make([]error, connections)
	var all sync.WaitGroup
	for i := range connections {
		all.Go(func() {
			for begun := time.Now(); begun.Before(end) && errs[i] == nil; begun = time.Now() {
				errs[i] = once(ctx, transport, t)
				took[i] = append(took[i], time.Since(begun))
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return outcome{}, err
	}
	answers := slices.Sorted(slices.Values(slices.Concat(took...)))
	p99 := answers[len(answers)*99/100]
	return outcome{Rows: int64(len(answers)), Rate: float64(len(answers)) / time.Since(begun).Seconds(), P99: float64(p99.Microseconds()) / 1000}, nil
}

func once(ctx context.Context, transport *http.Transport, t task) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.Address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Cookie", t.Cookie)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New("the answer is " + resp.Status)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
