package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/audit/internal/queries"
)

// Append records e in tx, so that the change and its entry commit together or
// not at all. It takes a transaction because a pool would allow one without
// the other.
func Append(ctx context.Context, tx pgx.Tx, e Event) error {
	p, err := params(e)
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	if err := queries.New(tx).InsertEvent(ctx, p); err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	return nil
}

func params(e Event) (queries.InsertEventParams, error) {
	detail := []byte("{}")
	var err error
	if len(e.Detail) > 0 {
		if detail, err = json.Marshal(e.Detail); err != nil {
			return queries.InsertEventParams{}, fmt.Errorf("write the detail: %w", err)
		}
	}
	var request *uuid.UUID
	if e.Request != "" {
		id, err := uuid.Parse(e.Request)
		if err != nil {
			return queries.InsertEventParams{}, fmt.Errorf("request id: %w", err)
		}
		request = &id
	}
	f := facts{kind: string(e.Actor.Kind), id: e.Actor.ID, label: e.Actor.Label,
		action: e.Action, target: e.Target, request: request, detail: detail}
	return queries.InsertEventParams{
		ActorKind: f.kind, ActorID: f.id, ActorLabel: f.label,
		Action: f.action, Target: f.target, Request: request, Detail: string(detail),
		Rest: f.appendRest(nil),
	}, nil
}

// facts are the columns of an entry that its leaf repeats.
type facts struct {
	kind, id, label, action, target string
	request                         *uuid.UUID
	detail                          []byte // JSON, byte for byte as stored
}

// The leaf is one JSON object with a fixed order of names, so that an outsider
// can read it without this program and build any tree over it. Its time comes
// first because the database, whose clock it is, puts it there.
const leafTime = "2006-01-02T15:04:05.000000Z"

func (f facts) appendLeaf(b []byte, at time.Time) []byte {
	b = append(b, `{"at":"`...)
	b = at.UTC().AppendFormat(b, leafTime)
	b = append(b, '"')
	return f.appendRest(b)
}

func (f facts) appendRest(b []byte) []byte {
	b = appendText(append(b, `,"actor_kind":`...), f.kind)
	b = appendText(append(b, `,"actor_id":`...), f.id)
	b = appendText(append(b, `,"actor_label":`...), f.label)
	b = appendText(append(b, `,"action":`...), f.action)
	b = appendText(append(b, `,"target":`...), f.target)
	b = append(b, `,"request":`...)
	if f.request == nil {
		b = append(b, `null`...)
	} else {
		b = appendText(b, f.request.String())
	}
	b = append(b, `,"detail":`...)
	b = append(b, f.detail...)
	return append(b, '}')
}

// appendText writes a JSON string. Most are plain ASCII, and a check of a long
// log spends its time here, so those skip the encoder.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string always encodes
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
