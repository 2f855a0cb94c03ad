package connector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

var (
	// ErrBusy says that another worker holds the operation; try again later.
	ErrBusy = errors.New("another worker holds this operation")
	// ErrFenced says that another worker has taken the operation over.
	ErrFenced = errors.New("another worker has taken this operation over")
	// ErrMoved says that map, schema or rows are not those of the plan any
	// more. Nothing was changed; the plan goes back to review.
	ErrMoved = errors.New("the store or the map has changed since the plan was made")
	// ErrOtherMap says that an operation began under another version of the
	// map. It must be finished under that one.
	ErrOtherMap = errors.New("this operation began under another version of the data map")
	// ErrUnfit says that the map does not fit the store; Check tells why.
	ErrUnfit = errors.New("the data map does not fit the store")
	// ErrKind says that this version has no plan for a kind of request.
	ErrKind = errors.New("this kind of request has no plan")
	// ErrNotFrozen says that the operation has no frozen row list.
	ErrNotFrozen = errors.New("this operation has no frozen list of rows")
)

// Options of a Store. The zero value of each but Secret is its default.
type Options struct {
	Secret    []byte        // keys the hashes and the seal; needed by Freeze
	BatchRows int           // rows of one transaction; 1,000
	Pause     time.Duration // after each batch; 0 follows the store's own commits, NoPause is none
	Lease     time.Duration // how long a silent worker keeps an operation; 15 s
	Timeout   time.Duration // of one statement; 2 minutes
	Objects   *Objects      // object storage; nil if the map names no objects
	Now       func() time.Time
	// Held says that a shortened retention, by the operation that wrote it, deletes
	// nothing for now: a legal hold stands. None is held if nil.
	Held func(operation uuid.UUID) bool
}

// Store is a messaging store seen through a data map.
type Store struct {
	db  *pgxpool.Pool
	m   *datamap.Map
	opt Options
}

// Open takes a pool on the messaging store. It does not hold the map against
// the store: Check does, and everything that changes rows insists on it.
func Open(ctx context.Context, db *pgxpool.Pool, m *datamap.Map, opt Options) (*Store, error) {
	s := newStore(db, m, opt)
	if err := db.Ping(ctx); err != nil {
		return nil, fmt.Errorf("reach the messaging store: %w", err)
	}
	return s, nil
}

func newStore(db *pgxpool.Pool, m *datamap.Map, opt Options) *Store {
	if opt.BatchRows <= 0 {
		opt.BatchRows = 1000
	}
	if opt.Lease <= 0 {
		opt.Lease = 15 * time.Second
	}
	if opt.Timeout <= 0 {
		opt.Timeout = 2 * time.Minute
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Store{db: db, m: m, opt: opt}
}

// Map is the data map the store is seen through.
func (s *Store) Map() *datamap.Map { return s.m }

// reading runs fn in one read-only snapshot of the store.
func (s *Store) reading(ctx context.Context, fn func(pgx.Tx, *catalog) error) error {
	return s.readingFor(ctx, s.opt.Timeout, fn)
}

func (s *Store) readingFor(ctx context.Context, timeout time.Duration, fn func(pgx.Tx, *catalog) error) error {
	tx, err := s.beginReading(ctx, timeout)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // it changed nothing
	c, err := loadCatalog(ctx, tx, s.m.Store.Schema)
	if err != nil {
		return err
	}
	return fn(tx, c)
}

func (s *Store) beginReading(ctx context.Context, timeout time.Duration) (pgx.Tx, error) {
	tx, err := s.db.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("begin to read the messaging store: %w", err)
	}
	err = s.settle(ctx, tx, timeout)
	if err == nil {
		err = plannedForKeys(ctx, tx)
	}
	if err != nil {
		_ = tx.Rollback(context.WithoutCancel(ctx)) // the first error says more
		return nil, err
	}
	return tx, nil
}

// settle makes a transaction independent of the server's settings: values have
// one text form.
func (s *Store) settle(ctx context.Context, tx pgx.Tx, timeout time.Duration) error {
	_, err := tx.Exec(ctx, `SELECT set_config('statement_timeout', $1, true), set_config('timezone', 'UTC', true),
		set_config('datestyle', 'ISO', true), set_config('intervalstyle', 'postgres', true), set_config('extra_float_digits', '1', true),
		set_config('bytea_output', 'hex', true), set_config('standard_conforming_strings', 'on', true), set_config('search_path', $2, true)`,
		fmt.Sprint(timeout.Milliseconds()), "pg_catalog, "+ident(s.m.Store.Schema))
	if err != nil {
		return fmt.Errorf("prepare a transaction in the messaging store: %w", err)
	}
	return nil
}

// plannedForKeys has a search planned for the keys at hand, not for the average
// person. Batches must not: the setting also reaches the server's own foreign
// key checks, which would then be planned anew for every row.
func plannedForKeys(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "SET LOCAL plan_cache_mode = force_custom_plan"); err != nil {
		return fmt.Errorf("prepare a search in the messaging store: %w", err)
	}
	return nil
}
