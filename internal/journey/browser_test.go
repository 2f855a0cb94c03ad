package journey

import (
	"context"
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axe-core, as published (MPL-2.0): finds what keeps people out.
//
//go:embed testdata/axe.min.js
var axe string

var chromium = sync.OnceValue(func() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
})

// tab is one person's browser: its own profile, so its own session.
type tab struct {
	t     *testing.T
	k     *stack
	ctx   context.Context
	who   string
	js    bool
	mu    sync.Mutex
	said  []string // console, CSP and network complaints
	down  string   // where downloads go
	have  []string // what has arrived there
	shots int      // how many pages were pictured
}

// browse opens a browser for somebody; js false switches page scripts off.
func (k *stack) browse(t *testing.T, who string, js bool) *tab {
	t.Helper()
	if chromium() == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no chromium: install it, browser journeys are not left out in CI")
		}
		t.Skip("SKIPPED, LOUDLY: no chromium on this machine, so no browser journey was made. Debian: apt-get install chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium()), chromedp.DisableGPU, chromedp.WindowSize(1280, 1000),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("no-first-run", true), chromedp.Flag("lang", "en-GB"))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancelTab := chromedp.NewContext(alloc)
	t.Cleanup(cancelTab)
	b := &tab{t: t, k: k, ctx: ctx, who: who, js: js, down: t.TempDir()}
	if err := chromedp.Do(ctx); err != nil { // starts it
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	b.do("start", call(cdplog.Enable, cdp.Empty{}), call(runtime.Enable, cdp.Empty{}), call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !js}),
		call(browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, DownloadPath: b.down}))
	t.Cleanup(b.quiet)
	return b
}

// call sends one command of the protocol.
func call[P any](c cdp.Command[P, cdp.Empty], p P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, p)
		return err
	})
}

// view sets what the page is looked at with.
func view(width int64, scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(chromedp.EmulateViewport(width, 900), call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}))
}

func (b *tab) listen(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *cdplog.EventEntryAdded:
		// A status of 4xx is what an error page has; the journeys look at the page.
		if e.Entry.Source != "network" {
			b.said = append(b.said, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventConsoleAPICalled:
		b.said = append(b.said, "console."+string(e.Type))
	case *runtime.EventExceptionThrown:
		b.said = append(b.said, "exception: "+e.ExceptionDetails.Text)
	}
}

// quiet fails the test when a page complained to the console or broke the CSP.
func (b *tab) quiet() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.said {
		b.t.Errorf("%s's browser: %s", b.who, s)
	}
}

func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.shot("failed")
		b.t.Fatalf("%s: %s: %v\n%s", b.who, what, err, b.text())
	}
}

// open goes to a path of the portal, or to a whole address from a mail.
func (b *tab) open(where string) *tab {
	b.t.Helper()
	if strings.HasPrefix(where, "/") {
		where = b.k.base + where
	}
	b.do("open", chromedp.Navigate(where))
	return b
}

func eval[T any](b *tab, js string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 60*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: evaluate: %v", b.who, err)
	}
	return v
}

// fill types into the control of that name.
func (b *tab) fill(name, value string) *tab {
	b.t.Helper()
	if !eval[bool](b, fmt.Sprintf(`(()=>{const e=document.querySelector(%q);if(!e)return false;e.value=%q;return e.value===%q})()`, `main [name="`+name+`"]`, value, value)) {
		b.shot("failed")
		b.t.Fatalf("%s: nothing named %s takes %q on %s\n%s", b.who, name, value, b.where(), b.text())
	}
	return b
}

// choose ticks the radio button or box of that name and value.
func (b *tab) choose(name, value string) *tab {
	b.t.Helper()
	sel := fmt.Sprintf(`main [name=%q][value=%q]`, name, value)
	if !eval[bool](b, fmt.Sprintf(`(()=>{const e=document.querySelector(%q);if(!e)return false;if(!e.checked)e.click();return e.checked})()`, sel)) {
		b.t.Fatalf("%s: no choice %s=%s on %s\n%s", b.who, name, value, b.where(), b.text())
	}
	return b
}

// press clicks the button or link with that text and waits for the next page.
func (b *tab) press(text string) *tab {
	b.t.Helper()
	find := pressable(text)
	if !eval[bool](b, `!!(`+find+`)`) {
		b.shot("failed")
		b.t.Fatalf("%s: nothing to press says %q on %s\n%s", b.who, text, b.where(), b.text())
	}
	return b.click(text, find)
}

// submit presses the first button of the page's form, whatever it says.
func (b *tab) submit() *tab {
	b.t.Helper()
	return b.click("the form's button", `document.querySelector('main form button[type=submit]')`)
}

// click clicks what an expression finds and waits for the next page.
func (b *tab) click(what, find string) *tab {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, click(find)); err != nil {
		b.shot("failed")
		b.t.Fatalf("%s: press %q: %v", b.who, what, err)
	}
	return b
}

// pressable finds the button or link that says a text, or begins with it.
func pressable(text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('main button, main a, header button, header a, footer button')].find(e=>e.textContent.trim().replace(/\s+/g,' ').startsWith(%q))`, text)
}

// pressSoon reloads until another process has made the button, then presses it.
func (b *tab) pressSoon(text string) *tab {
	b.t.Helper()
	b.k.until(b.t, b.who+" can press “"+text+"”", func() bool {
		if eval[bool](b, `!!(`+pressable(text)+`)`) {
			return true
		}
		b.do("reload", chromedp.Reload())
		return false
	})
	return b.press(text)
}

func click(find string) chromedp.Action[chromedp.Void] {
	clicked := chromedp.Evaluate[bool](`(()=>{(` + find + `).click();return true})()`)
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := clicked(ctx, t)
		return chromedp.Void{}, err
	}
}

// sees checks that the page says something.
func (b *tab) sees(texts ...string) *tab {
	b.t.Helper()
	page := b.text()
	for _, s := range texts {
		if !strings.Contains(page, s) {
			b.shot("failed")
			b.t.Fatalf("%s does not see %q on %s:\n%s", b.who, s, b.where(), page)
		}
	}
	return b
}

// waits reloads until the page says something that another process brings about.
func (b *tab) waits(text string) *tab {
	b.t.Helper()
	b.k.until(b.t, b.who+" sees “"+text+"”", func() bool {
		if strings.Contains(b.text(), text) {
			return true
		}
		b.do("reload", chromedp.Reload())
		return strings.Contains(b.text(), text)
	})
	return b
}

func (b *tab) text() string {
	b.t.Helper()
	return strings.Join(strings.Fields(eval[string](b, `document.body?document.body.innerText:""`)), " ")
}

func (b *tab) where() string {
	u, err := url.Parse(eval[string](b, `location.href`))
	if err != nil {
		return "?"
	}
	return u.Path
}

type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

// accessible runs axe-core over the page: light and dark, wide and narrow.
func (b *tab) accessible() *tab {
	b.t.Helper()
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			b.do("set the view", view(width, scheme))
			b.settle()
			if eval[bool](b, `document.documentElement.scrollWidth>innerWidth`) {
				b.t.Errorf("%s at %d px, %s: the page is wider than the screen", b.where(), width, scheme)
			}
			eval[int](b, axe+";0")
			for _, v := range eval[[]violation](b, `axe.run(document,{iframes:false,runOnly:['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}).then(r=>r.violations.map(v=>({id:v.id,help:v.help,nodes:v.nodes.slice(0,3).map(n=>n.html)})))`) {
				b.t.Errorf("%s at %d px, %s: %s: %s %v", b.where(), width, scheme, v.ID, v.Help, v.Nodes)
			}
		}
	}
	b.shot("page")
	b.do("set the view back", chromedp.EmulateViewport(1280, 1000))
	return b
}

// settle waits until no colour is on its way to another one.
func (b *tab) settle() {
	b.t.Helper()
	eval[bool](b, `new Promise(r=>requestAnimationFrame(()=>requestAnimationFrame(r))).then(()=>Promise.all(document.getAnimations().map(a=>a.finished.catch(()=>0)))).then(()=>true)`)
}

// shot keeps pictures where JOURNEY_SHOTS points to: wide and narrow, light and
// dark, in both languages.
func (b *tab) shot(why string) {
	dir := os.Getenv("JOURNEY_SHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, 60*time.Second)
	defer cancel()
	b.shots++
	name := fmt.Sprintf("%s/%s-%02d-%s-%s", dir, strings.ReplaceAll(b.who, " ", "_"), b.shots, strings.ReplaceAll(strings.Trim(b.where(), "/"), "/", "_"), why)
	take := func(language string) {
		for _, width := range []int64{1280, 390} {
			for _, scheme := range []string{"light", "dark"} {
				if chromedp.Do(ctx, view(width, scheme)) != nil {
					return
				}
				if png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100)); err == nil {
					_ = os.WriteFile(fmt.Sprintf("%s-%s-%d-%s.png", name, language, width, scheme), png, 0o600) // a picture is a courtesy
				}
			}
		}
	}
	take("en")
	if again := `!document.querySelector('.error-summary')`; why == "page" && eval[bool](b, again) { // what answers a form cannot be asked for again
		eval[bool](b, `document.cookie='lang=de;path=/',true`)
		b.do("reload in German", chromedp.Reload())
		take("de")
		eval[bool](b, `document.cookie='lang=;path=/;max-age=0',true`)
		b.do("reload", chromedp.Reload())
	}
}
