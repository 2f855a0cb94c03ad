package export

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
)

const (
	batchRows  = 500
	batchBytes = 256 << 10
	batches    = 6 // in flight, so the slowest form never stops the store for long
)

// batch is a copy of some rows, shared read-only by the goroutines that write
// the forms of a table.
type batch struct {
	data []byte
	ends []int // end of each cell in data, -1 for NULL
	rows int
	key  []string     // of the last row
	note []byte       // notes of the rows that have one …
	cuts []int        // … and where each ends
	left atomic.Int32 // forms that have not used it yet
}

func (b *batch) reset() {
	b.data, b.ends, b.rows, b.note, b.cuts = b.data[:0], b.ends[:0], 0, b.note[:0], b.cuts[:0]
}

func (b *batch) full() bool { return b.rows >= batchRows || len(b.data)+len(b.note) >= batchBytes }

func (b *batch) add(r Row) {
	for _, cell := range r {
		if cell == nil {
			b.ends = append(b.ends, -1)
			continue
		}
		b.data = append(b.data, cell...)
		b.ends = append(b.ends, len(b.data))
	}
	b.rows++
}

// take keeps what is to be noted of the row that was added last.
func (b *batch) take(note []byte) {
	if note != nil {
		b.note = append(b.note, note...)
		b.cuts = append(b.cuts, len(b.note))
	}
}

// notes tells each note of the batch.
func (b *batch) notes(tell func([]byte) error) error {
	from := 0
	for _, end := range b.cuts {
		if err := tell(b.note[from:end:end]); err != nil {
			return err
		}
		from = end
	}
	return nil
}

// each calls fn for every row; the row is valid during the call.
func (b *batch) each(columns int, row Row, fn func(Row) error) error {
	at := 0
	for i := range b.rows {
		for c, end := range b.ends[i*columns : (i+1)*columns] {
			if end < 0 {
				row[c] = nil
				continue
			}
			row[c] = b.data[at:end:end]
			at = end
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	return nil
}

// form is one way to write a table: JSON, CSV, pages to read.
type form interface {
	row(Row) error // the bytes may wait in the form
	flush() error  // after every batch
	close() error  // after the last row
}

// stream reads a table once, batch by batch. A package may leave it at the end of
// one part and go on in the next.
type stream struct {
	table Table
	free  chan *batch
	next  func() (*batch, error, bool)
	stop  func()
	ahead *batch // read and not yet written
}

func newStream(t Table) (*stream, error) {
	if len(t.Columns) == 0 {
		return nil, fmt.Errorf("table %s has no columns", t.Name)
	}
	s := &stream{table: t, free: make(chan *batch, batches)}
	for range batches {
		s.free <- &batch{data: []byte{}} // not nil, or an empty text would be NULL
	}
	s.next, s.stop = iter.Pull2(s.batches())
	return s, nil
}

// peek gives the next batch without taking it; nil at the end.
func (s *stream) peek() (*batch, error) {
	if s.ahead != nil {
		return s.ahead, nil
	}
	b, err, ok := s.next()
	if !ok {
		return nil, nil
	}
	s.ahead = b
	return b, err
}

func (s *stream) batches() iter.Seq2[*batch, error] {
	return func(yield func(*batch, error) bool) {
		t, b := s.table, <-s.free
		for row, err := range t.Rows {
			if err == nil && len(row) != len(t.Columns) {
				err = fmt.Errorf("a row has %d cells, the table has %d columns", len(row), len(t.Columns))
			}
			if err != nil {
				yield(nil, fmt.Errorf("read the rows of %s: %w", t.Name, err))
				return
			}
			b.add(row)
			if t.Note != nil {
				b.take(t.Note())
			}
			if !b.full() {
				continue
			}
			if t.Key != nil {
				b.key = t.Key()
			}
			if !yield(b, nil) {
				return
			}
			b = <-s.free
		}
		if b.rows > 0 {
			if t.Key != nil {
				b.key = t.Key()
			}
			yield(b, nil)
		}
	}
}

// fanOut gives a table's rows to all forms, each in a goroutine of its own, until
// they end or full says so. It tells the number of rows, the key of the last one
// and whether more follow; noted hears the notes of the rows that were given.
func fanOut(ctx context.Context, s *stream, forms []form, full func(rows int64) bool, noted func([]byte) error) (n int64, key []string, more bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	queues := make([]chan *batch, len(forms))
	for i, f := range forms {
		queues[i] = make(chan *batch, batches)
		wg.Go(func() {
			if err := feed(f, len(s.table.Columns), queues[i], s.free); err != nil {
				cancel(err)
			}
		})
	}
	for ctx.Err() == nil {
		b, err := s.peek()
		if err != nil {
			cancel(err)
		}
		if b == nil {
			break
		}
		if more = n > 0 && full(n); more {
			break
		}
		n, key, s.ahead = n+int64(b.rows), b.key, nil
		if noted != nil {
			if err := b.notes(noted); err != nil {
				cancel(fmt.Errorf("note the rows of %s: %w", s.table.Name, err))
			}
		}
		b.left.Store(int32(len(forms)))
		for _, q := range queues {
			q <- b
		}
	}
	for _, q := range queues {
		close(q)
	}
	wg.Wait()
	return n, key, more, context.Cause(ctx)
}

// feed writes batches until there are no more. After an error it only hands
// them back, so that the reader is never stuck.
func feed(f form, columns int, queue <-chan *batch, free chan<- *batch) error {
	var err error
	row := make(Row, columns)
	for b := range queue {
		if err == nil {
			err = b.each(columns, row, f.row)
		}
		if err == nil {
			err = f.flush()
		}
		if b.left.Add(-1) == 0 {
			b.reset()
			free <- b
		}
	}
	if err != nil {
		return err
	}
	return f.close()
}
