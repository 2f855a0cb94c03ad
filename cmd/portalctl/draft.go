package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

type datamapDraft struct {
	Store  string `help:"The messaging store; default PORTAL_MESSAGING_URL." placeholder:"URL"`
	Schema string `help:"The store's schema." default:"public"`
	Fides  string `help:"A Fides dataset of the store: what it says goes before what would be guessed." placeholder:"FILE" type:"existingfile"`
}

type draftReport struct {
	YAML string   `json:"yaml"`
	Lost []string `json:"lost"` // what the dataset says and the draft could not take over
}

func (d datamapDraft) Run(a *app) error {
	c, err := a.settings()
	if err != nil {
		return err
	}
	address := firstOf(d.Store, c.MessagingURL)
	if address == "" {
		return misuse("expected -store URL, or PORTAL_MESSAGING_URL")
	}
	db, err := a.open(address)
	if err != nil {
		return fmt.Errorf("messaging store: %w", err)
	}
	defer db.Close()
	var dataset []byte
	if d.Fides != "" {
		if dataset, err = os.ReadFile(d.Fides); err != nil {
			return fmt.Errorf("dataset: %w", err)
		}
	}
	src, lost, err := connector.Draft(a.ctx, db, d.Schema, dataset)
	if err != nil {
		return err
	}
	return a.show(draftReport{string(src), append([]string{}, lost...)})
}

func (r draftReport) text(w io.Writer) {
	if len(r.Lost) > 0 {
		fmt.Fprintln(w, "# What the dataset says, and could not be taken over:")
	}
	for _, one := range r.Lost {
		fmt.Fprintln(w, "# - "+strings.Join(strings.Fields(one), " "))
	}
	fmt.Fprint(w, r.YAML)
}

type datamapSchema struct{}

// schemaReport is the schema itself, which is JSON already.
type schemaReport struct{ src []byte }

func (datamapSchema) Run(a *app) error { return a.show(schemaReport{datamap.Schema}) }

func (r schemaReport) text(w io.Writer) { fmt.Fprintf(w, "%s", r.src) }

// MarshalJSON gives the schema as it is.
func (r schemaReport) MarshalJSON() ([]byte, error) { return r.src, nil }
