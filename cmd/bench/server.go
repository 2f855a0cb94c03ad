package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/pg/pgdev"
)

// settings are those of a small server in earnest: durable, with room for
// changes between checkpoints. Autovacuum is off, for its moment would decide
// which of two runs pays for it.
var settings = [][2]string{
	{"shared_buffers", "2GB"},
	{"max_wal_size", "4GB"},
	{"wal_compression", "lz4"},
	{"checkpoint_timeout", "15min"},
	{"autovacuum", "off"},
}

// server is a private PostgreSQL.
type server struct {
	*pgdev.Server
	admin *pgxpool.Pool
	idle  int // its processes when nobody but us is there
}

func startServer(ctx context.Context, dir string) (*server, error) {
	first, err := pgdev.Start(ctx, pgdev.Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	db, err := pg.Open(ctx, first.DSN("postgres", "postgres"))
	for i := 0; err == nil && i < len(settings); i++ {
		_, err = db.Exec(ctx, "ALTER SYSTEM SET "+settings[i][0]+" = '"+settings[i][1]+"'")
	}
	if db != nil {
		db.Close()
	}
	if err := errors.Join(err, first.Stop()); err != nil {
		return nil, fmt.Errorf("set the server up: %w", err)
	}
	s := &server{}
	if s.Server, err = pgdev.Start(ctx, pgdev.Options{Dir: dir}); err != nil {
		return nil, fmt.Errorf("start the server with 2 GB of shared buffers: %w", err)
	}
	if s.admin, err = pg.Open(ctx, s.DSN("postgres", "postgres")); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	if _, err := s.admin.Exec(ctx, "CHECKPOINT"); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.idle = s.processes()
	return s, nil
}

func (s *server) close() error {
	s.admin.Close()
	return errors.Join(s.Stop(), os.RemoveAll(s.Dir)) // it may live elsewhere than asked
}

// limitDSN is for those that ours is held against. The planner takes everybody
// for the average person and would look for a million rows one by one; somebody
// who writes for this one person knows better, and says so.
func (s *server) limitDSN(database string) string {
	return s.DSN("postgres", database) + "&options=-c%20enable_nestloop%3Doff"
}

func (s *server) create(ctx context.Context, name string) (*pgxpool.Pool, error) {
	if _, err := s.admin.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return nil, fmt.Errorf("make the database %s: %w", name, err)
	}
	return pg.Open(ctx, s.DSN("postgres", name))
}

// copy makes an identical copy of a store.
func (s *server) copy(ctx context.Context, from, to string) error {
	if _, err := s.admin.Exec(ctx, "CREATE DATABASE "+to+" TEMPLATE "+from+" STRATEGY FILE_COPY"); err != nil {
		return fmt.Errorf("copy the store: %w", err)
	}
	return nil
}

// logged is how many bytes the server has written to its log ahead of the data.
func (s *server) logged(ctx context.Context) (n int64, err error) {
	err = s.admin.QueryRow(ctx, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint").Scan(&n)
	return n, err
}

func (s *server) drop(ctx context.Context, name string) error {
	if _, err := s.admin.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop a copy of the store: %w", err)
	}
	return nil
}

// processes counts what the server has running; 0 where the system does not tell.
func (s *server) processes() int {
	pid := strconv.Itoa(s.PID())
	b, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
	if err != nil {
		return 0
	}
	return len(strings.Fields(string(b)))
}

// cpu is the processor time of all sessions that have ended. Those that are
// still ending are waited for.
func (s *server) cpu() (time.Duration, error) {
	for deadline := time.Now().Add(5 * time.Second); s.processes() > s.idle && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	b, err := os.ReadFile("/proc/" + strconv.Itoa(s.PID()) + "/stat")
	if err != nil {
		return 0, nil // not Linux: the client's part has to do
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:])) // from field 3 on
	var ticks int64
	for _, i := range []int{13, 14} { // user and system time of children that were waited for
		n, err := strconv.ParseInt(f[i], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read the server's processor time: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

func theMap() (*datamap.Map, error) { return datamap.Parse("datamap.yaml", demo.DataMap) }
