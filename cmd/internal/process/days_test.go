package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheOperatorsClosingDaysAreRead(t *testing.T) {
	t.Parallel()
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "days")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	days, err := closingDays(write("# we are away\n2026-12-28\n12-24 # every year\n"))
	if err != nil || len(days) != 2 || days[0].Format(time.DateOnly) != "2026-12-28" {
		t.Errorf("%v, %v", days, err)
	}
	if days, err := closingDays(""); days != nil || err != nil {
		t.Errorf("without a file: %v, %v", days, err)
	}
	if _, err := closingDays(write("Christmas\n")); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a line that is no day: %v", err)
	}
	if _, err := closingDays(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there is taken for an empty one")
	}
}
