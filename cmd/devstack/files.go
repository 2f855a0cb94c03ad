package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/seal"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

// dirs is where things are kept.
type dirs struct {
	root, postgres, pgbin, objects, vault, inbox, log string
	datamap, keys                                     string // files
}

// layout makes the directories. The root can be walked through, because
// PostgreSQL may run as another user; each of the others is ours alone.
func layout(root string) (dirs, error) {
	in := func(name string) string { return filepath.Join(root, name) }
	d := dirs{root: root, postgres: in("postgres"), pgbin: in("pgbin"), objects: in("objects"), vault: in("vault"), inbox: in("inbox"), log: in("log"),
		datamap: in("datamap.yaml"), keys: in("keys/sealing")}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return d, fmt.Errorf("make %s: %w", root, err)
	}
	for _, dir := range []string{d.objects, d.vault, d.inbox, d.log, filepath.Dir(d.keys)} {
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.Chmod(dir, 0o700)); err != nil {
			return d, fmt.Errorf("make %s: %w", dir, err)
		}
	}
	return d, os.WriteFile(d.datamap, demo.DataMap, 0o644)
}

// loadKeys reads the sealing keys, or makes them on the first start.
func loadKeys(d dirs) (*seal.Keyring, error) {
	b, err := os.ReadFile(d.keys)
	if errors.Is(err, os.ErrNotExist) {
		b = []byte(seal.NewKey("dev1") + "\n")
		err = os.WriteFile(d.keys, b, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("sealing keys: %w", err)
	}
	return seal.Parse(string(b))
}

// reset throws away what a run has made. The keys and the server itself stay.
func reset(ctx context.Context, db *server, d dirs) error {
	for _, name := range []string{portalName, storeName} {
		if err := db.drop(ctx, name); err != nil {
			return err
		}
	}
	for _, dir := range []string{d.objects, d.vault, d.inbox} {
		if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
			return fmt.Errorf("empty %s: %w", dir, err)
		}
	}
	return nil
}

// staffCard is what /dev/inbox needs to show a demo member's current code.
type staffCard struct {
	Name   string       `json:"name"`
	Email  string       `json:"email"`
	Roles  []staff.Role `json:"roles"`
	Secret string       `json:"secret"`
}

// writeStaff leaves the demo staff beside the mails, for the inbox page.
func writeStaff(d dirs, members []staff.DemoMember) error {
	cards := make([]staffCard, len(members))
	for i, m := range members {
		cards[i] = staffCard{m.Name, m.Email, m.Roles, m.Secret}
	}
	b, err := json.MarshalIndent(cards, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.inbox, "staff.json"), b, 0o600); err != nil {
		return fmt.Errorf("write the demo staff: %w", err)
	}
	return nil
}
