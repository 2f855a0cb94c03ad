package privacy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/auth"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/malware"
	"github.com/crowsstack/privacy-portal/internal/pg"
	"github.com/crowsstack/privacy-portal/internal/privacy/internal/queries"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// Limits on files of the correspondence.
const (
	MaxFiles        = 5  // with one message
	maxFilesOfCase  = 50 // of one request
	casesMayTake    = 20 // times the size of the largest file, for all files of a request
	unsentFor       = 24 * time.Hour
	identityFor     = 7 * 24 * time.Hour // a document that proves who somebody is
	filesAfterClose = 90 * 24 * time.Hour
)

// Filing is where files of the correspondence go, and who looks at them first.
// The zero value takes none.
type Filing struct {
	Vault   *export.Vault    // see export.Vault.Files
	Scanner *malware.Scanner // nil: nobody looks at them
	Limit   int64            // bytes of one file
}

// Files says where files go; call it before the office is used.
func (o *Office) Files(f Filing) { o.filing = f }

// TakesFiles says whether files can be sent, and how many bytes one may have.
func (o *Office) TakesFiles() (limit int64, ok bool) {
	return o.filing.Limit, o.filing.Vault != nil && o.filing.Limit > 0
}

// Attachment is a file of the correspondence.
type Attachment struct {
	ID    uuid.UUID
	Name  string // made safe
	Size  int64
	At    time.Time
	Scan  Scan
	Gone  bool       // it was thrown away: its time was over, or it was infected
	Until *time.Time // it goes then; nil: with its case
}

// Opens says that the file may be fetched.
func (a Attachment) Opens() bool { return !a.Gone && (a.Scan == ScanOff || a.Scan == ScanClean) }

// Upload is a file as somebody sends it; its bytes are read once.
type Upload struct {
	Name string
	Body io.Reader
}

// Uploads are files on their way, one after the other.
type Uploads = iter.Seq2[Upload, error]

// TakeOwn seals files that the person sends, for a message that they are
// writing. What is refused is told as a problem of the field "files"; what was
// taken is given back even then.
func (o *Office) TakeOwn(ctx context.Context, email string, ref Ref, files Uploads) ([]Attachment, error) {
	r, err := own(ctx, queries.New(o.db), email, ref)
	if err != nil {
		return nil, err
	}
	if r.VerifiedAt == nil {
		return nil, fault.New(fault.Conflict, "error.not_confirmed_yet")
	}
	if err := o.throttle.Allow(ctx, "file", r.ID.String(), auth.Limit{Burst: 60, Per: 24 * time.Hour}); err != nil {
		return nil, err
	}
	return o.take(ctx, r, subject(r), nil, files)
}

// Take is TakeOwn for a member of staff.
func (o *Office) Take(ctx context.Context, by staff.Member, id ID, files Uploads) ([]Attachment, error) {
	if err := may(by, staff.RequestWork); err != nil {
		return nil, err
	}
	r, err := o.Load(ctx, id)
	if err == nil {
		err = impartial(by, r)
	}
	if err != nil {
		return nil, err
	}
	return o.take(ctx, r, by.Actor(), &by.ID, files)
}

func (o *Office) take(ctx context.Context, r Request, by audit.Actor, member *uuid.UUID, files Uploads) (kept []Attachment, err error) {
	f, n := fault.Fields{}, 0
	for u, err := range files {
		if err != nil {
			return kept, err
		}
		if n++; n > MaxFiles {
			f.Add("files", "duties.error.files_many", "Max", MaxFiles)
			break
		}
		a, err := o.takeOne(ctx, r, by, member, u)
		if e, ok := errors.AsType[refused](err); ok {
			f.Add("files", e.key, "N", n, "MB", o.filing.Limit>>20, "Max", maxFilesOfCase)
			continue
		}
		if err != nil {
			return kept, err
		}
		kept = append(kept, a)
	}
	return kept, f.Err()
}

// refused says why a file is not taken: a catalogue key, which never names it.
type refused struct{ key string }

func (r refused) Error() string { return r.key }

// takeOne seals a file, has it scanned, and writes it down last: what is sealed
// and not written down has no key, and is swept.
func (o *Office) takeOne(ctx context.Context, r Request, by audit.Actor, member *uuid.UUID, u Upload) (Attachment, error) {
	if _, ok := o.TakesFiles(); !ok {
		return Attachment{}, refused{"duties.error.files_off"}
	}
	kind, ok := typeOf(u.Name)
	if !ok {
		return Attachment{}, refused{"duties.error.file_type"}
	}
	sealed, err := o.sealFile(ctx, kind, u.Body)
	if err != nil {
		return Attachment{}, err
	}
	drop := func(why error) error { return errors.Join(why, o.filing.Vault.Remove(ctx, sealed.ID)) }
	scan, found := o.scan(ctx, sealed)
	if scan == ScanInfected {
		if err := o.noteInfected(ctx, by, r, found); err != nil {
			return Attachment{}, drop(err)
		}
		if err := o.filing.Vault.Remove(ctx, sealed.ID); err != nil {
			return Attachment{}, err
		}
		return Attachment{}, refused{"duties.error.file_infected"}
	}
	a := Attachment{ID: sealed.ID, Name: safeName(u.Name), Size: sealed.Size, At: o.now(), Scan: scan}
	err = pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		if _, err := o.lock(ctx, tx, r.ID); err != nil { // two uploads count one after the other
			return err
		}
		q := queries.New(tx)
		use, err := q.AttachmentUse(ctx, r.ID)
		if err != nil {
			return fmt.Errorf("count the files of %s: %w", r.Ref, err)
		}
		if use.Files >= maxFilesOfCase || use.Bytes+a.Size > casesMayTake*o.filing.Limit {
			return refused{"duties.error.files_full"}
		}
		return q.AddAttachment(ctx, queries.AddAttachmentParams{ID: a.ID, RequestID: r.ID, StaffID: member, Name: a.Name, Type: kind.mime, Size: a.Size,
			Sha256: sealed.SHA256, Key: sealed.Key, Scan: string(scan), Until: ptr(o.now().Add(unsentFor))})
	})
	if err != nil {
		return Attachment{}, drop(err)
	}
	return a, nil
}

// sealFile streams a file into the vault. What is wrong with it is refused, and
// nothing of it stays.
func (o *Office) sealFile(ctx context.Context, kind fileType, body io.Reader) (sealed export.Artifact, err error) {
	in := bufio.NewReaderSize(body, 4<<10)
	head, err := in.Peek(1 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return sealed, err
	}
	if len(head) == 0 {
		return sealed, refused{"duties.error.file_empty"}
	}
	if !kind.begins(head) {
		return sealed, refused{"duties.error.file_other"}
	}
	sealed, err = o.filing.Vault.Create(ctx, uuid.New(), func(w io.Writer) error {
		out := &texts{w: w}
		if kind.mime == "text/plain" {
			w = out
		}
		n, err := io.Copy(w, io.LimitReader(in, o.filing.Limit+1))
		if err == nil && n > o.filing.Limit {
			err = refused{"duties.error.file_big"}
		}
		return errors.Join(err, out.end())
	})
	if err == nil && kind.inside != nil {
		err = o.lookInside(ctx, kind, sealed)
	}
	if e, ok := errors.AsType[refused](err); ok {
		return sealed, e
	}
	if errors.Is(err, errOtherFile) {
		return sealed, refused{"duties.error.file_other"}
	}
	return sealed, err
}

func (o *Office) lookInside(ctx context.Context, kind fileType, sealed export.Artifact) error {
	file, err := o.filing.Vault.Open(ctx, sealed)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := kind.checkInside(file, sealed.Size); err != nil {
		return errors.Join(err, o.filing.Vault.Remove(ctx, sealed.ID))
	}
	return nil
}

// scan asks the scanner about a sealed file. One that does not answer now is
// asked again by a job; until then nobody opens the file.
func (o *Office) scan(ctx context.Context, sealed export.Artifact) (s Scan, found string) {
	if o.filing.Scanner == nil {
		return ScanOff, ""
	}
	file, err := o.filing.Vault.Open(ctx, sealed)
	if err != nil {
		return ScanWaiting, ""
	}
	defer file.Close()
	found, err = o.filing.Scanner.Scan(ctx, file)
	switch {
	case err != nil:
		return ScanWaiting, ""
	case found != "":
		return ScanInfected, found
	}
	return ScanClean, ""
}

// noteInfected keeps what was found, and never what the file was called.
func (o *Office) noteInfected(ctx context.Context, by audit.Actor, r Request, found string) error {
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		return o.note(ctx, tx, by, r, "file.infected", map[string]any{"found": cut(found, MaxName)})
	})
}

// send keeps a message with its files; it gives false for one click too many.
func send(ctx context.Context, q *queries.Queries, p queries.SendMessageParams, files []uuid.UUID) (bool, error) {
	rows, err := writersFiles(ctx, q, p.RequestID, p.StaffID, files)
	if err != nil {
		return false, err
	}
	nothing := fault.Fields{}
	nothing.Add("body", "error.field.message_missing")
	if p.Body == "" && len(rows) == 0 { // the files it came with are gone meanwhile
		return false, nothing.Err()
	}
	sums, ids := make([]string, len(rows)), make([]uuid.UUID, len(rows))
	for i, w := range rows {
		sums[i], ids[i] = w.Sha256, w.ID
	}
	slices.Sort(sums)
	p.Files = strings.Join(sums, ",")
	message, err := q.SendMessage(ctx, p)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("keep a message: %w", err)
	}
	if p.Body == "" && !slices.ContainsFunc(rows, func(w queries.Attachment) bool { return w.MessageID == nil }) { // they went long ago
		return false, nothing.Err()
	}
	if err := q.SendAttachments(ctx, queries.SendAttachmentsParams{MessageID: &message, Ids: ids}); err != nil {
		return false, fmt.Errorf("keep the files of a message: %w", err)
	}
	return true, nil
}

func writersFiles(ctx context.Context, q *queries.Queries, id ID, member *uuid.UUID, files []uuid.UUID) ([]queries.Attachment, error) {
	if len(files) == 0 {
		return nil, nil
	}
	rows, err := q.WritersAttachments(ctx, queries.WritersAttachmentsParams{RequestID: id, Ids: files[:min(len(files), 2*MaxFiles)], StaffID: member})
	if err != nil {
		return nil, fmt.Errorf("read the files of a message: %w", err)
	}
	return rows, nil
}

// Unsent gives those of the files that wait for a message of this writer: what
// a page shows again after an error. member is nil for the person.
func (o *Office) Unsent(ctx context.Context, id ID, member *uuid.UUID, files []uuid.UUID) (out []Attachment, err error) {
	rows, err := writersFiles(ctx, queries.New(o.db), id, member, files)
	for _, w := range rows {
		if w.MessageID == nil {
			out = append(out, fromAttachment(w))
		}
	}
	return out, err
}

// OpenOwn opens a file of a message that the person may see.
func (o *Office) OpenOwn(ctx context.Context, email string, ref Ref, id uuid.UUID) (Attachment, *export.Reader, error) {
	q := queries.New(o.db)
	r, err := own(ctx, q, email, ref)
	if err != nil {
		return Attachment{}, nil, err
	}
	w, err := q.SentAttachment(ctx, queries.SentAttachmentParams{ID: id, RequestID: r.ID})
	if errors.Is(err, pgx.ErrNoRows) || err == nil && w.Note {
		return Attachment{}, nil, fault.New(fault.NotFound, "duties.error.no_file")
	}
	if err != nil {
		return Attachment{}, nil, fmt.Errorf("read a file of %s: %w", r.Ref, err)
	}
	return o.open(ctx, w.Attachment)
}

// OpenFile opens a file for a member. That somebody did is in the audit.
func (o *Office) OpenFile(ctx context.Context, by staff.Member, id ID, file uuid.UUID) (a Attachment, body *export.Reader, err error) {
	if err := may(by, staff.RequestWork); err != nil {
		return a, nil, err
	}
	var w queries.Attachment
	err = pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := impartial(by, r); err != nil {
			return err
		}
		row, err := queries.New(tx).SentAttachment(ctx, queries.SentAttachmentParams{ID: file, RequestID: id})
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "duties.error.no_file")
		}
		if err != nil {
			return fmt.Errorf("read a file of %s: %w", r.Ref, err)
		}
		w = row.Attachment
		return o.note(ctx, tx, by.Actor(), r, "file.opened", map[string]any{"file": file.String()})
	})
	if err != nil {
		return a, nil, err
	}
	return o.open(ctx, w)
}

func (o *Office) open(ctx context.Context, w queries.Attachment) (Attachment, *export.Reader, error) {
	a := fromAttachment(w)
	switch {
	case a.Gone || o.filing.Vault == nil:
		return a, nil, fault.New(fault.Expired, "duties.error.file_gone")
	case !a.Opens():
		return a, nil, fault.New(fault.Conflict, "duties.error.file_waits")
	}
	body, err := o.filing.Vault.Open(ctx, export.Artifact{ID: w.ID, Size: w.Size, SHA256: w.Sha256, Key: w.Key})
	if fault.KindOf(err) == fault.NotFound {
		return a, nil, fault.New(fault.Expired, "duties.error.file_gone").Because(err)
	}
	return a, body, err
}

// DropFile throws a file away before its time.
func (o *Office) DropFile(ctx context.Context, by staff.Member, id ID, file uuid.UUID) error {
	if err := may(by, staff.RequestWork); err != nil {
		return err
	}
	return pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		r, err := o.lock(ctx, tx, id)
		if err == nil {
			err = errors.Join(impartial(by, r), unheld(r))
		}
		if err != nil {
			return err
		}
		q := queries.New(tx)
		w, err := q.SentAttachment(ctx, queries.SentAttachmentParams{ID: file, RequestID: id})
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "duties.error.no_file")
		}
		if err != nil || w.Attachment.Key == nil {
			return err
		}
		if err := q.DropAttachment(ctx, file); err != nil {
			return fmt.Errorf("drop a file of %s: %w", r.Ref, err)
		}
		return o.note(ctx, tx, by.Actor(), r, "file.dropped", map[string]any{"file": file.String()})
	})
}

// RescanFiles asks the scanner about files that it has not seen, and says how
// many have a verdict now.
func (o *Office) RescanFiles(ctx context.Context) (n int, err error) {
	if o.filing.Scanner == nil || o.filing.Vault == nil {
		return 0, nil
	}
	rows, err := queries.New(o.db).WaitingAttachments(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for files to scan: %w", err)
	}
	if len(rows) == 0 || o.filing.Scanner.Ping(ctx) != nil {
		return 0, nil // it is asked again in a minute
	}
	for _, w := range rows {
		scan, found := o.scan(ctx, export.Artifact{ID: w.ID, Size: w.Size, SHA256: w.Sha256, Key: w.Key})
		if scan == ScanWaiting {
			continue
		}
		if failed := o.verdict(ctx, w, scan, found); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		n++
	}
	return n, err
}

func (o *Office) verdict(ctx context.Context, w queries.Attachment, scan Scan, found string) error {
	err := pg.InTx(ctx, o.db, func(tx pgx.Tx) error {
		q := queries.New(tx)
		if scan == ScanClean {
			return q.SetClean(ctx, w.ID)
		}
		r, err := o.lock(ctx, tx, w.RequestID)
		if err != nil {
			return err
		}
		if err := q.SetInfected(ctx, w.ID); err != nil {
			return err
		}
		return o.note(ctx, tx, system, r, "file.infected", map[string]any{"found": cut(found, MaxName)})
	})
	if err != nil {
		return fmt.Errorf("note the verdict on file %s: %w", w.ID, err)
	}
	if scan == ScanInfected {
		return o.filing.Vault.Remove(ctx, w.ID)
	}
	return nil
}

// SweepFiles throws away what was never sent, what was to go by now, and what
// has outlived its case; first the keys, then the sealed bytes.
func (o *Office) SweepFiles(ctx context.Context) (gone int, err error) {
	if o.filing.Vault == nil {
		return 0, nil
	}
	q := queries.New(o.db)
	n, err := q.OverAttachments(ctx, queries.OverAttachmentsParams{Now: o.now(), ClosedBefore: o.now().Add(-filesAfterClose)})
	if err != nil {
		return 0, fmt.Errorf("look for files whose time is over: %w", err)
	}
	ids, err := q.LiveAttachments(ctx)
	if err != nil {
		return int(n), fmt.Errorf("list files: %w", err)
	}
	live := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		live[id] = true
	}
	_, err = o.filing.Vault.Sweep(ctx, func(id uuid.UUID) bool { return live[id] })
	return int(n), err
}

// filed gives the files of each message.
func (o *Office) filed(ctx context.Context, id ID) (map[uuid.UUID][]Attachment, error) {
	rows, err := queries.New(o.db).AttachmentsOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read files: %w", err)
	}
	out := map[uuid.UUID][]Attachment{}
	for _, w := range rows {
		out[*w.MessageID] = append(out[*w.MessageID], fromAttachment(w))
	}
	return out, nil
}

func fromAttachment(w queries.Attachment) Attachment {
	return Attachment{ID: w.ID, Name: w.Name, Size: w.Size, At: w.MadeAt, Scan: Scan(w.Scan), Gone: w.Key == nil, Until: w.Until}
}
