# Everything a person does with this project, one target each.
BIN      := bin/freshet
VERSION  := $(shell sed -n 's/^var version = "\(.*\)"/\1/p' cmd/freshet/main.go)
GO       ?= go
export CGO_ENABLED ?= 0
# scan 64 bytes at a stride where the processor can; without it all is the same, but slower
export GOEXPERIMENT ?= simd

.PHONY: help build run dev test web screenshots cluster sealed race torture fuzz lint bench demo check release sbom docs

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | awk -F '\t' '{printf "  make %-9s %s\n", $$1, $$2}'

build: ## build bin/freshet
	$(GO) build -trimpath -o $(BIN) ./cmd/freshet

run: build ## build and serve on 127.0.0.1:8002 (FRESHET_LISTEN and the like are honoured)
	$(BIN) serve

dev: build ## serve, and show the console as its source is changed, on 127.0.0.1:5173
	./scripts/dev.sh

test: build ## all tests but the long ones
	./scripts/test-deps.sh
	$(GO) vet ./...
	$(GO) test -timeout 25m ./...
	./scripts/test-web.sh

web: ## build the console's pages into web/console/dist, which the binary embeds
	./scripts/web-deps.sh
	cd web && npm run --silent build

screenshots: build ## take the pictures of README and docs/ from a running console
	./scripts/web-deps.sh
	cd web/console && npx vitest run --config screenshots.config.ts

cluster: ## e2e/ once more, each server two nodes on Postgres and MinIO (10 min)
	./scripts/test-deps.sh
	FRESHET_E2E=cluster $(GO) test ./e2e -count=1 -timeout 30m

sealed: ## e2e/ once more, all disks sealed by a master key
	./scripts/test-deps.sh
	FRESHET_E2E=sealed $(GO) test ./e2e -count=1 -timeout 30m

race: ## the tests under the race detector (needs a C compiler)
	./scripts/test-deps.sh
	CGO_ENABLED=1 FRESHET_RACE=1 $(GO) test -race -timeout 60m ./...

torture: ## fail each durable step, one by one, kill the server, and nodes, for 5 min each (40 min in all)
	FRESHET_TORTURE=5m $(GO) test ./e2e -run 'Fault|Torture' -count=1 -timeout 90m -v

FUZZTIME ?= 60s
fuzz: ## fuzz each parser of outside bytes for FUZZTIME
	@set -e; for p in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
			echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$p; \
		done; \
	done

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
lint: ## gofmt, vet, staticcheck
	@out=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$out" || { echo "not gofmt-ed:"; echo "$$out"; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

bench: ## measure against bare references, ratios in one run (BENCH=-short for small sizes)
	$(GO) run ./bench/run $(BENCH)

demo: build ## make a 1 GB chat file with 7 faults, send it, see the report, mend it, send it again
	./bench/demo.sh

docs: ## write docs/rules.md from the rules
	$(GO) run ./cmd/freshet docs > docs/rules.md.new && mv docs/rules.md.new docs/rules.md

sbom: build ## write what the binary is made of into dist/: freshet.cdx.json (CycloneDX), LICENSES.txt
	$(GO) run ./scripts/sbom -binary $(BIN) -out dist

check: lint test ## what must hold before a change goes in

release: ## build the binaries of all platforms into dist/
	@set -e; mkdir -p dist; for os in linux darwin windows; do for arch in amd64 arm64; do \
		ext=; test $$os != windows || ext=.exe; \
		echo "dist/freshet-$(VERSION)-$$os-$$arch$$ext"; \
		GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags '-s -w' -o dist/freshet-$(VERSION)-$$os-$$arch$$ext ./cmd/freshet; \
	done; done; cd dist && sha256sum freshet-* > SHA256SUMS
