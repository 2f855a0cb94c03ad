package process_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/cmd/internal/process"
	"github.com/crowsstack/privacy-portal/internal/pg/pgtest"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func ops(db *pgxpool.Pool, checks ...process.Check) *process.Ops {
	return &process.Ops{DB: db, Office: privacy.NewOffice(db, nil, nil, nil, nil, privacy.Settings{}, nil), Checks: checks}
}

func ask(t *testing.T, o *process.Ops, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	o.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestReadinessNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	current, empty := pgtest.New(t), pgtest.Blank(t)
	web := pgtest.As(t, current, "portal_web")
	down := process.Check{Name: "messaging", Do: func(context.Context) error { return io.ErrUnexpectedEOF }}
	for _, tt := range []struct {
		name string
		ops  *process.Ops
		code int
		body string
	}{
		{"all is there", ops(web), 200, "database: ok\nschema: ok\n"},
		{"nothing was migrated", ops(empty), 503, "database: ok\nschema: no\n"},
		{"the store is down", ops(web, down), 503, "database: ok\nschema: ok\nmessaging: no\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if code, body := ask(t, tt.ops, "/readyz"); code != tt.code || body != tt.body {
				t.Errorf("got %d %q, want %d %q", code, body, tt.code, tt.body)
			}
			if code, _ := ask(t, tt.ops, "/healthz"); code != http.StatusOK {
				t.Errorf("healthz answers %d, and the process lives", code)
			}
		})
	}
}

func TestMetricsCountWhatIsOpen(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	_, err := db.Exec(t.Context(), `INSERT INTO river_job (kind, max_attempts, args, scheduled_at) VALUES
		('mail.send', 5, '{}', now() - interval '90 seconds'), ('mail.send', 5, '{}', now()), ('sweep', 5, '{}', now())`)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"portal_web", "portal_worker"} {
		code, body := ask(t, ops(pgtest.As(t, db, role)), "/metrics")
		if code != http.StatusOK {
			t.Fatal(code)
		}
		for _, want := range []string{
			`portal_requests_open{state="received"} 0` + "\n",
			`portal_jobs{kind="mail.send",state="available"} 2` + "\n",
			"portal_database_up 1\n",
			"portal_jobs_oldest_seconds 9",
		} {
			if !strings.Contains(body, want) {
				t.Errorf("%s sees no %q in\n%s", role, want, body)
			}
		}
	}
}

func TestServeFinishesWhatItHasBegun(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := process.Serve(t.Context(), address, nil); err == nil || !strings.Contains(err.Error(), "another program listens on "+address) {
		t.Errorf("on a taken port: %v", err)
	}
	l.Close()

	ctx, stop := context.WithCancel(t.Context())
	asked := make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-ctx.Done()
		io.WriteString(w, "finished")
	})
	served := make(chan error, 1)
	go func() { served <- process.Serve(ctx, address, handler) }()
	go func() { <-asked; stop() }()

	var res *http.Response
	for res == nil { // until it listens
		if res, err = http.Get("http://" + address); err != nil {
			select {
			case err := <-served:
				t.Fatal(err)
			default:
			}
		}
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err != nil || string(b) != "finished" {
		t.Errorf("the answer was %q, %v", b, err)
	}
	if err := <-served; err != nil {
		t.Errorf("an orderly end is no error: %v", err)
	}
}
