package main

import "testing"

func TestReadWrk(t *testing.T) {
	const report = `Running 5s test @ http://127.0.0.1:40123/
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.02ms    1.93ms  31.00ms   93.14%
    Req/Sec    23.43k     2.11k   27.71k    70.00%
  Latency Distribution
     50%  520.00us
     75%  850.00us
     90%    2.21ms
     99%    7.61ms
  117163 requests in 5.00s, 0.98GB read
Requests/sec:  23432.55
Transfer/sec:    201.12MB
`
	for _, tt := range []struct {
		name, report string
		rate, p99    float64
		fails        bool
	}{
		{"a good run", report, 23432.55, 7.61, false},
		{"a report cut short", report[:100], 0, 0, true},
		{"answers that are no pages", report + "  Non-2xx or 3xx responses: 12\n", 0, 0, true},
		{"connections that broke", report + "  Socket errors: connect 0, read 3, write 0, timeout 0\n", 0, 0, true},
		{"something else", "usage: wrk <options> <url>\n", 0, 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readWrk(tt.report)
			if (err != nil) != tt.fails {
				t.Fatalf("error %v, want one: %v", err, tt.fails)
			}
			if !tt.fails && (got.Rate != tt.rate || got.P99 != tt.p99 || got.Rows != 117163) {
				t.Errorf("%v answers, %v requests/s and %v ms, want 117163, %v and %v", got.Rows, got.Rate, got.P99, tt.rate, tt.p99)
			}
		})
	}
}

func TestMillisKnowsEveryUnit(t *testing.T) {
	for text, want := range map[string]float64{"950.00us": 0.95, "3.20ms": 3.2, "1.01s": 1010, "2.00m": 120_000} {
		if got, err := millis(text); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	if _, err := millis("soon"); err == nil {
		t.Error("a word was taken for a time")
	}
}

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		of   []float64
		want float64
	}{{[]float64{9, 1, 2}, 2}, {[]float64{4, 2}, 3}, {[]float64{7}, 7}, {nil, 0}} {
		if got := median(tt.of); got != tt.want {
			t.Errorf("median of %v is %v, want %v", tt.of, got, tt.want)
		}
	}
}

func TestRoundKeepsThreeDigits(t *testing.T) {
	for v, want := range map[float64]float64{0.0123456: 0.0123, 1.23456: 1.23, 123.456: 123, 12345.6: 12346} {
		if got := round(v); got != want {
			t.Errorf("round(%v) is %v, want %v", v, got, want)
		}
	}
}
