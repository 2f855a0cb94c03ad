# One set of flags for every target: another set is another build cache.
SHELL       := /bin/sh
export GOFLAGS := $(strip $(GOFLAGS) -buildvcs=false)
GO          ?= go
TOOL        := $(GO) tool -modfile=internal/tools/go.mod
SHARED      := bin/shared
SOURCES     := cmd internal web views migrations static

# What we generate and commit; check compares it before and after.
GENERATED    = find views internal cmd/bench -name '*_templ.go' -o -path '*/internal/queries/*.go' | sort | xargs cksum

.PHONY: help run build test check bench generate go

help: ## this list
	@echo 'Targets:'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

run: build ## the whole portal with demo data; ROWS=n sets the store's size, RESET=1 begins anew
	@exec bin/devstack $(if $(ROWS),-rows $(ROWS)) $(if $(RESET),-reset)

build: go ## the programs, into bin/
	@test -d bin || echo 'Building. The first time fetches and compiles everything, which takes a few minutes …'
	@mkdir -p bin
	$(GO) build -o bin/ ./cmd/...

test: go ## every test; starts what it needs. RUN=name and PKG=./path narrow it down
	@mkdir -p bin
	@$(GO) build -o $(SHARED) ./internal/pg/pgtest/shared
	@$(SHARED) $(GO) test $(if $(RUN),-run '$(RUN)') -timeout 14m $(or $(PKG),./...)
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  echo 'SKIPPED: every browser journey, because there is no Chromium here. Debian: apt-get install chromium'

check: go ## format, vet, staticcheck, generated code, order of imports
	@out=$$(gofmt -l $(SOURCES)); test -z "$$out" || { echo "gofmt would change:"; echo "$$out"; exit 1; }
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	@before=$$($(GENERATED)); $(MAKE) --no-print-directory generate; after=$$($(GENERATED)); \
	  test "$$before" = "$$after" || { echo "Generated code was stale. It is fresh now: look at it and commit it."; exit 1; }
	$(GO) test -run '^TestImport' ./internal/journey

bench: build ## figures as JSON lines; takes minutes
	@exec bin/bench

generate: go ## pages from templ, queries from SQL
	$(GO) tool templ generate -path views
	$(GO) tool templ generate -path cmd/bench
	$(TOOL) sqlc generate -f .sqlc.yaml

go:
	@command -v $(GO) >/dev/null || { echo "Go is missing. Install Go 1.26 or later from https://go.dev/dl/ and put its bin directory into PATH."; exit 1; }
