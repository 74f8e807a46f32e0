# Stafett: everything that is done with the source. `make demo` and `make test`
# do all the set-up that they need on a machine with Go, a C compiler and make.

TAGS    := nomsgpack,sqlite_omit_load_extension
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
GO      := go
export CGO_ENABLED := 1

.PHONY: demo build static test race test-tools bench lint fuzz clean

## Build, fill a throw-away database with invented people, and serve it.
demo: build
	bin/stafett demo $(ARGS)

build:
	@mkdir -p bin
	@echo "Building (the first time compiles SQLite, about a minute) …"
	$(GO) build -tags $(TAGS) -ldflags "-X main.version=$(VERSION)" -o bin/stafett ./cmd/stafett

## One static binary for a scratch image.
static:
	@mkdir -p bin
	$(GO) build -trimpath -tags $(TAGS),osusergo,netgo -ldflags '-s -w -X main.version=$(VERSION) -linkmode external -extldflags "-static"' -o bin/stafett ./cmd/stafett

# The tests make hundreds of databases, and every commit waits for the disk: where
# there is memory for 2 GB of files they take a third of the time.
ON_DISK   := $(or $(TMPDIR),/tmp)
IN_MEMORY := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 { print "/dev/shm" }')
TESTENV   := GOTMPDIR=$(ON_DISK) TMPDIR=$(or $(IN_MEMORY),$(ON_DISK))

## Everything: formatting, vet, unit and store tests, races, the browser.
## The program itself, its pages and its letters are tested as they are built for
## use, all packages below them with the race detector; make race has it everywhere.
AS_BUILT := ./internal/web ./internal/mail
BELOW    = $(filter-out $(AS_BUILT:./%=stafett/%),$(shell $(GO) list ./internal/... ./data/... ./static/... ./templates/...))
test: test-tools lint
	$(TESTENV) $(GO) test -tags $(TAGS) -race -timeout 9m $(BELOW)
	$(TESTENV) $(GO) test -tags $(TAGS) -timeout 9m $(AS_BUILT) ./cmd/...

race: test-tools
	$(TESTENV) $(GO) test -tags $(TAGS) -race -timeout 20m ./...

## What the tests need beside Go: a browser, and independent readers of mail and
## calendars.
test-tools:
	@sh test/install-tools.sh

lint:
	@test -z "$$(gofmt -l cmd internal data static templates)" || { gofmt -l cmd internal data static templates; echo "gofmt would change these files"; exit 1; }
	$(GO) vet -tags $(TAGS) ./...

bench:
	$(GO) test -tags $(TAGS) -run '^$$' -bench . -benchmem ./...

## Each fuzz target for a while: make fuzz FUZZTIME=1m
FUZZTIME ?= 20s
fuzz:
	@for package in $$($(GO) list -tags $(TAGS) ./...); do \
		for target in $$($(GO) test -tags $(TAGS) -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			$(GO) test -tags $(TAGS) -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x $$package || exit 1; \
		done; \
	done

clean:
	rm -rf bin
