package desk

import (
	"context"
	"fmt"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// openStates are the states of a request that somebody waits for, in the order
// of a life.
var openStates = []privacy.State{privacy.Received, privacy.Verified, privacy.Discovering, privacy.InReview, privacy.Approved, privacy.Executing, privacy.Ready}

// barStep is the height of a bar with its distance to the next, in pixels.
const barStep = 28

// barWidth is a share of the room beside the names; the longest bar fills it.
func barWidth(states map[privacy.State]int64, s privacy.State) string {
	var longest int64 = 1
	for _, n := range states {
		longest = max(longest, n)
	}
	return fmt.Sprintf("%.1f%%", 45*float64(states[s])/float64(longest))
}

func stateWords(ctx context.Context, states map[privacy.State]int64) string {
	words := make([]string, len(openStates))
	for i, s := range openStates {
		words[i] = lang.T(ctx, "desk.state."+string(s)) + ": " + lang.Number(ctx, states[s])
	}
	return strings.Join(words, ", ")
}
