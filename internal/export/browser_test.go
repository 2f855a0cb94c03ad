package export_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/crowsstack/privacy-portal/internal/export"
)

// TestPagesInABrowser opens the unpacked pages as a person does, from the disk,
// and wants nothing from axe-core, from the console and from the network.
func TestPagesInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED by -short: a browser takes some seconds")
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("no chromium: install it, browser tests are not left out in CI")
	}
	if err != nil {
		t.Skip("SKIPPED: no chromium here, so the pages of the package were not looked at. Debian: apt-get install chromium")
	}
	axe, err := os.ReadFile("../journey/testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	dir := unpack(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("no-first-run", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	alloc, stop := chromedp.NewExecAllocator(t.Context(), options...)
	defer stop()
	browser, quit := chromedp.NewContext(alloc)
	defer quit()

	var mu sync.Mutex
	var said []string
	note := func(kind, what string) {
		mu.Lock()
		said = append(said, kind+": "+what)
		mu.Unlock()
	}
	if err := chromedp.Do(browser); err != nil { // starts it
		t.Fatal(err)
	}
	err = chromedp.Listen(browser, func(ev any) {
		switch e := ev.(type) {
		case *log.EventEntryAdded:
			note("log", e.Entry.Text)
		case *runtime.EventConsoleAPICalled:
			note("console", string(e.Type))
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, "file://"+dir) {
				note("request", e.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(browser, call(log.Enable, cdp.Empty{}), call(runtime.Enable, cdp.Empty{}), call(network.Enable, network.EnableParams{})); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"index.html", "letter.html", "read/messages-1.html", "read/delivery_events-1.html", "read/sessions-1.html"} {
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{1280, 390, 320} {
				t.Run(fmt.Sprintf("%s %s %d", page, scheme, width), func(t *testing.T) {
					dark := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}
					err := chromedp.Do(browser,
						call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: dark}),
						chromedp.EmulateViewport(width, 900),
						chromedp.Navigate("file://"+filepath.Join(dir, page)))
					if err != nil {
						t.Fatal(err)
					}
					wide, err := chromedp.Run(browser, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`))
					if err != nil || wide {
						t.Errorf("the page is wider than the window: %v, %v", wide, err)
					}
					found, err := chromedp.Run(browser, chromedp.Evaluate[string](string(axe)+
						`;axe.run().then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html)])))`, chromedp.EvalAwaitPromise))
					if err != nil || found != "[]" {
						t.Errorf("axe: %s, %v", found, err)
					}
				})
			}
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(said) > 0 {
		t.Errorf("the pages are not silent: %s", strings.Join(said, "\n"))
	}
}

// call sends one command of the protocol.
func call[P any](c cdp.Command[P, cdp.Empty], p P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, p)
		return err
	})
}

func unpack(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	z, m, _ := write(t, sample())
	for _, e := range append(m.Files, export.Entry{Name: "manifest.json"}) {
		path := filepath.Join(dir, filepath.FromSlash(e.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(read(t, z, e.Name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
