# `make help` lists the targets.

.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 14

generate: ## generate code from openapi/
	go generate ./...
	go -C internal/bench generate ./...

api: ## record the exported API in docs/api, and show what has changed
	go run ./internal/api

test: ## run the tests
	go test ./...

lint: ## run golangci-lint (the first run builds it: minutes)
	sh .ci/lint

check: ## run every check that a change must pass
	sh .ci/check

bench: ## compare with other clients: one read, polling and delay, many tasks (over a minute)
	cd internal/bench && go run .

plot: ## draw polling schedules, requests against lag, as docs/polling.svg
	cd internal/bench && go run . -plot ../../docs/polling.svg

FUZZTIME = 1m
fuzz: ## run each fuzz target for a minute, or for FUZZTIME=5m
	@sh .ci/fuzz $(FUZZTIME)

soak: ## wait for a million simulated tasks with faults, read as many, download over 4 GiB (ten minutes)
	go test -timeout 3h -v -run TestSoak ./internal/soak -soak.tasks 1000000 -soak.bytes 4294967297

clock: ## run the command with a clock that is set while it runs (the first run builds everything again: minutes)
	sh .ci/clock

spec: ## take a new OpenAPI document: make spec FROM=<file or URL> [OP="/v1/videos ..."] [KEEP=1]
	@go run ./internal/spec $(if $(FROM),-from "$(FROM)") $(foreach op,$(OP),-op "$(op)") $(if $(KEEP),-keep)

spec-diff: ## report what a document changes: make spec-diff FROM=<file or URL>; without, what changed since the commit
	@go run ./internal/spec -diff $(if $(FROM),-from "$(FROM)") $(foreach op,$(OP),-op "$(op)")

release: ## build the release archives into dist/, twice, and compare them
	sh .ci/release

.PHONY: help generate api test lint check bench plot fuzz soak clock spec spec-diff release
