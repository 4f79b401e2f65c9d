# `make help` lists what there is.

.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 14

generate: ## write gen/ anew from openapi/
	go generate ./...

test: ## run the tests
	go test ./...

check: ## run everything that a change must pass
	sh .ci/check

bench: ## compare with peers: one read, questions and lag, many tasks (over a minute)
	cd internal/bench && go run .

fuzz: ## run each fuzz target for a minute
	@for target in $$(grep -rhoE 'func Fuzz[A-Za-z]+' --include '*_test.go' . | sed 's/func //'); do \
		package=$$(grep -rlE "func $$target\(" --include '*_test.go' . | head -1 | xargs dirname); \
		go test -run '^$$' -fuzz "^$$target$$" -fuzztime 60s -fuzzminimizetime 5x "$$package" || exit 1; \
	done

spec-diff: ## compare a newly published document with ours: make spec-diff SPEC=new.json
	diff -u openapi/openapi.json "$(SPEC)"

.PHONY: help generate test check bench fuzz spec-diff
