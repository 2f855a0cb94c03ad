package desk

import (
	"context"
	"fmt"
	"time"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/views/ui"
)

// choose puts an empty entry before others, so that nothing is chosen by itself.
func choose(ctx context.Context, key string, options []ui.Option) []ui.Option {
	return append([]ui.Option{{Label: lang.T(ctx, key)}}, options...)
}

func recordChannels(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, c := range privacy.Channels[1:] {
		out = append(out, ui.Option{Value: string(c), Label: lang.T(ctx, "channel."+string(c))})
	}
	return choose(ctx, "queue.record.choose", out)
}

func recordZones(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, z := range privacy.Zones() {
		out = append(out, ui.Option{Value: z, Label: z})
	}
	return choose(ctx, "queue.record.zone_of_law", out)
}

func recordRelations(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, r := range privacy.Relations {
		out = append(out, ui.Option{Value: string(r), Label: lang.T(ctx, "desk.relation."+string(r))})
	}
	return choose(ctx, "queue.record.choose", out)
}

func recordKinds(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range privacy.Kinds {
		out = append(out, ui.Option{Value: string(k), Label: lang.T(ctx, "desk.kind."+string(k))})
	}
	return choose(ctx, "queue.record.choose", out)
}

func recordPlaces(ctx context.Context, places []ui.Option) []ui.Option {
	return choose(ctx, "queue.record.choose", places)
}

func recordLanguages(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, l := range lang.Supported {
		out = append(out, ui.Option{Value: string(l), Label: lang.In(l, "lang.name")})
	}
	return out
}

func proofs(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, x := range privacy.Proofs {
		out = append(out, ui.Option{Value: x, Label: lang.T(ctx, "proof."+x)})
	}
	return choose(ctx, "queue.record.choose", out)
}

// pair is one half of a correction.
func (p RecordPage) pair(ctx context.Context, name string, i int) ui.Input {
	field := fmt.Sprintf("%s-%d", name, i)
	return ui.Input{Name: field, Label: lang.T(ctx, "queue.record."+name, "N", i+1), Value: p.Form.Value(field), Err: p.Form.err(ctx, field), Optional: true}
}

// special says that something is typed where only some requests need anything,
// or missing there.
func (p RecordPage) special() bool {
	for _, name := range []string{"wrong-0", "right-0", "purposes", "keep_days"} {
		if p.Form.Value(name) != "" || p.Form.Wrong(name) {
			return true
		}
	}
	return false
}

// purposeName is a purpose in words, as the data map has it.
func purposeName(ctx context.Context, words map[string]datamap.Text, code string) string {
	if s := words[code].In(string(lang.From(ctx))); s != "" {
		return s
	}
	return code
}

// followUp says when a case comes up again, or offers it.
func (p CasePage) followUp(ctx context.Context) string {
	if on := p.Case.Request.FollowUp; on != nil {
		return lang.T(ctx, "queue.follow_up.on", "Date", lang.ShortDate(ctx, *on))
	}
	return lang.T(ctx, "queue.follow_up.offer")
}

func (p CasePage) followDay() string {
	if p.Form.Is("follow-up") {
		return p.Form.Value("on")
	}
	if on := p.Case.Request.FollowUp; on != nil {
		return on.Format(time.DateOnly)
	}
	return ""
}
