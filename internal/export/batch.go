package export

import (
	"context"
	"fmt"
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
	left atomic.Int32 // forms that have not used it yet
}

func (b *batch) reset() { b.data, b.ends, b.rows = b.data[:0], b.ends[:0], 0 }

func (b *batch) full() bool { return b.rows >= batchRows || len(b.data) >= batchBytes }

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

// fanOut reads a table once and gives every row to all forms, each in a
// goroutine of its own. It returns the number of rows.
func fanOut(ctx context.Context, t Table, forms []form) (int64, error) {
	if len(t.Columns) == 0 {
		return 0, fmt.Errorf("table %s has no columns", t.Name)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	free := make(chan *batch, batches)
	for range batches {
		free <- &batch{data: []byte{}} // not nil, or an empty text would be NULL
	}
	var wg sync.WaitGroup
	queues := make([]chan *batch, len(forms))
	for i, f := range forms {
		queues[i] = make(chan *batch, batches)
		wg.Go(func() {
			if err := feed(f, len(t.Columns), queues[i], free); err != nil {
				cancel(err)
			}
		})
	}
	send := func(b *batch) {
		b.left.Store(int32(len(forms)))
		for _, q := range queues {
			q <- b
		}
	}
	n, err := readRows(ctx, t, free, send)
	if err != nil {
		cancel(err)
	}
	for _, q := range queues {
		close(q)
	}
	wg.Wait()
	return n, context.Cause(ctx)
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

func readRows(ctx context.Context, t Table, free <-chan *batch, send func(*batch)) (int64, error) {
	var n int64
	b := <-free
	for row, err := range t.Rows {
		if err != nil {
			return n, fmt.Errorf("read the rows of %s: %w", t.Name, err)
		}
		if len(row) != len(t.Columns) {
			return n, fmt.Errorf("a row of %s has %d cells, the table has %d columns", t.Name, len(row), len(t.Columns))
		}
		b.add(row)
		n++
		if b.full() {
			if ctx.Err() != nil {
				return n, context.Cause(ctx)
			}
			send(b)
			b = <-free
		}
	}
	if b.rows > 0 {
		send(b)
	}
	return n, nil
}
