package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// servedQueue runs a web server and asks for pages of the queue, one after the
// other, as all members at once. The processor time of the last page is that of
// one answer, the database's part too, in milliseconds.
func (b *bench) servedQueue(t task, cookies []string, paths ...string) (all []outcome, err error) {
	if t.Address, err = freeAddress(); err != nil {
		return nil, err
	}
	cmd, err := b.command(t)
	if err != nil {
		return nil, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // the access log is written, and goes nowhere
	if err != nil {
		return nil, err
	}
	defer null.Close()
	cmd.Stderr = null
	before, err := b.db.cpu()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the web server: %w", err)
	}
	answers := int64(0)
	for _, path := range paths {
		out, err := b.askQueue(t, cookies, path)
		if err != nil {
			_ = cmd.Process.Kill() // it has nothing to lose
			return nil, errors.Join(err, cmd.Wait())
		}
		answers += out.Rows
		all = append(all, out)
	}
	if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
		return nil, err
	}
	after, err := b.db.cpu()
	if err != nil {
		return nil, err
	}
	spent := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime() + after - before
	all[len(all)-1].CPU = spent.Seconds() * 1000 / float64(answers)
	return all, nil
}

func (b *bench) askQueue(t task, cookies []string, path string) (out outcome, err error) {
	page := page{path: path, mark: "CS-", cookie: cookies[0]}
	body, err := b.await("http://"+t.Address+path, page)
	if err != nil {
		return out, err
	}
	t.Do, t.Cookies, t.Address = "ask queue", cookies, "http://"+t.Address+path
	warm, err := b.askMembers(t, 1)
	if err != nil {
		return out, err
	}
	out, err = b.askMembers(t, b.seconds())
	out.Rows += warm.Rows
	b.say("%-60.60s %7.0f requests/s, p50 %6.2f ms, p99 %6.2f ms, %d bytes", path, out.Rate, out.P50, out.P99, len(body))
	return out, err
}

// askMembers asks as each member in turn: by wrk where it is installed, else by
// a child of ours.
func (b *bench) askMembers(t task, seconds int) (out outcome, err error) {
	t.Seconds = seconds
	if _, err := exec.LookPath("wrk"); err == nil {
		script := filepath.Join(b.dir, "members.lua")
		var lua strings.Builder
		lua.WriteString("local all, i = {}, 0\ninit = function()\n")
		for _, c := range t.Cookies {
			fmt.Fprintf(&lua, "  all[#all + 1] = wrk.format(\"GET\", nil, {[\"Cookie\"] = %q})\n", c)
		}
		lua.WriteString("end\nrequest = function() i = i + 1 return all[i % #all + 1] end\n")
		if err := os.WriteFile(script, []byte(lua.String()), 0o644); err != nil {
			return out, fmt.Errorf("write a script for wrk: %w", err)
		}
		text, err := exec.CommandContext(b.ctx, "wrk", "-t1", "-c"+strconv.Itoa(connections), "-d"+strconv.Itoa(seconds)+"s", "--latency", "-s", script, t.Address).CombinedOutput()
		if err != nil {
			return out, fmt.Errorf("wrk: %w\n%s", err, text)
		}
		return readWrk(string(text))
	}
	cmd, err := b.command(t)
	if err != nil {
		return out, err
	}
	answer, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("ask for the queue: %w", err)
	}
	return out, json.Unmarshal(answer, &out)
}

// askAsMembers is the child that stands for wrk: each connection is one member,
// who asks again as soon as they have their answer.
func askAsMembers(ctx context.Context, t task) (outcome, error) {
	transport := &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections, DisableCompression: true}
	begun := time.Now()
	end := begun.Add(time.Duration(t.Seconds) * time.Second)
	took, errs := make([][]time.Duration, len(t.Cookies)), make([]error, len(t.Cookies))
	var all sync.WaitGroup
	for i, cookie := range t.Cookies {
		mine := t
		mine.Cookie = cookie
		all.Go(func() {
			for begun := time.Now(); begun.Before(end) && errs[i] == nil; begun = time.Now() {
				errs[i] = once(ctx, transport, mine)
				took[i] = append(took[i], time.Since(begun))
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return outcome{}, err
	}
	answers := slices.Sorted(slices.Values(slices.Concat(took...)))
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return outcome{Rows: int64(len(answers)), Rate: float64(len(answers)) / time.Since(begun).Seconds(),
		P50: ms(answers[len(answers)/2]), P99: ms(answers[len(answers)*99/100])}, nil
}
