# The front door. make run · make smoke · make test · make fault · make build · make bench · make lint · make package ·
# make setup
#
# CONFIG chooses a build: release (default), package (what is shipped), asan (address and undefined-behaviour
# sanitizers), tsan, cov (branch coverage), fuzz, clang. Objects go to build/CONFIG, generated C to build/gen.
CONFIG ?= release
OUT    := build/$(CONFIG)
GEN    := build/gen

CC_release = gcc
CC_asan    = gcc
CC_tsan    = gcc
CC_cov     = gcc
CC_clang   = clang
CC_fuzz    = clang
CC_library = gcc
CC_package = gcc
CC        := $(CC_$(CONFIG))

WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Werror
# -ffp-contract=off: the same result on machines with and without fused multiply-add.
CFLAGS   := -std=c17 -g -ffp-contract=off -fno-math-errno -ffunction-sections $(WARN)
CPPFLAGS := -D_GNU_SOURCE -Isrc -I$(GEN) -DPCT_VERSION='"$(shell cat VERSION)"'
LDLIBS   := -ljansson -lxxhash -lmetis -lsqlite3 -lsodium -lmicrohttpd -lgnutls -lcurl -lseccomp -lpthread -lz -lm

CFLAGS_release := -O3 -DNDEBUG
CFLAGS_library := $(CFLAGS_release) -fPIC
# What is shipped: the same bytes from any folder and at any time, and what the compiler has against misuse of memory.
CFLAGS_package := $(CFLAGS_release) -ffile-prefix-map=$(CURDIR)=. -Wdate-time -fPIE -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2
LDFLAGS_package := -pie -Wl,-z,relro,-z,now
CFLAGS_clang   := -O2
CFLAGS_asan    := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -DPCT_TEST_BUILD
CFLAGS_tsan    := -O1 -fno-omit-frame-pointer -fsanitize=thread -DPCT_TEST_BUILD
CFLAGS_fuzz    := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -DPCT_TEST_BUILD
CFLAGS_cov     := -O0 --coverage -DPCT_TEST_BUILD
CFLAGS         += $(CFLAGS_$(CONFIG))

SOURCES   := $(sort $(wildcard src/*/*.c src/*/*/*.c))
LIB_C     := $(filter-out src/cli/main.c,$(SOURCES))
GEN_C      = $(GEN)/message_table.c $(GEN)/definitions.c $(EVENT_C) $(GEN)/api_table.c
LIB_O      = $(LIB_C:src/%.c=$(OUT)/src/%.o) $(GEN_C:$(GEN)/%.c=$(OUT)/gen/%.o)
TESTS     := $(sort $(wildcard tests/unit/test_*.c tests/prop/test_*.c tests/golden/test_*.c tests/fault/test_*.c))
TEST_BINS := $(TESTS:tests/%.c=$(OUT)/tests/%)
SUPPORT_O := $(patsubst tests/%.c,$(OUT)/tests/%.o,$(wildcard tests/support/*.c))

CATALOGUE := $(filter-out catalogue/web.json,$(sort $(wildcard catalogue/*.json)))
DEFINITIONS := $(sort $(wildcard definitions/*.csv definitions/*/*.csv definitions/*/*.json))
EVENTS    := $(sort $(wildcard events/*.json))
API       := $(sort $(wildcard api/*.json))
EVENT_C   := $(if $(EVENTS),$(GEN)/event_codec.c)
GENERATED := $(GEN)/message_ids.h $(if $(EVENTS),$(GEN)/event_types.h) $(GEN)/api_handlers.h

.PHONY: build run smoke test fault bench bench-patrol lint setup check-fast clean install package
.SECONDARY:
.DELETE_ON_ERROR:

build: setup
	@$(MAKE) --no-print-directory -j2 $(OUT)/precinct $(if $(shell command -v npm),console)

setup:
	@tools/setup

# PORT=8081 for another port, SITE=dir for a site of one's own; both reach the script through the environment.
run:
	@tools/run-demo --check
	@$(MAKE) --no-print-directory build
	@tools/run-demo $(OUT)/precinct $(SITE)

smoke: build
	@tools/smoke $(OUT)/precinct

test: setup
	@tools/run-tests

# What breaks on purpose, at the numbers of docs/reference/guarantees.md. FULL=1: ten times as much; ROWS='kill flips': only these.
fault: setup
	@tools/fault

bench: build
	@tools/run-bench $(OUT)/precinct

# Rounds on published instances, San Francisco and a generated city, some twenty minutes; ARGS="--set solomon --seconds 1" for less.
bench-patrol: build
	@tools/bench-patrol $(OUT)/precinct $(ARGS)

lint: setup
	@tools/lint

# build/package/precinct_VERSION_ARCH.deb, and a tar file of it with all it needs for a machine without a network.
package: setup
	@tools/package

clean:
	rm -rf build

# V=1 shows whole commands instead of one short line for each.
show = $(if $(V),,@$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,echo '  $(1) $(2)';))

# --- what the targets above call --------------------------------------------------------------------------

$(GEN)/message_ids.h: tools/gen_catalogue.py tools/descriptions.py $(CATALOGUE)
	@mkdir -p $(GEN)
	@python3 -B tools/gen_catalogue.py $(GEN) $(CATALOGUE)
$(GEN)/message_table.c: $(GEN)/message_ids.h ;

$(GEN)/event_types.h: tools/gen_events.py tools/descriptions.py $(EVENTS)
	@mkdir -p $(GEN)
	@python3 -B tools/gen_events.py $(GEN) $(EVENTS)
$(GEN)/event_codec.c: $(GEN)/event_types.h ;

$(GEN)/api_handlers.h: tools/gen_api.py tools/descriptions.py $(API) $(EVENTS) VERSION
	@mkdir -p $(GEN)
	@python3 -B tools/gen_api.py $(GEN) events $(API)
$(GEN)/api_table.c: $(GEN)/api_handlers.h ;

$(GEN)/definitions.c: tools/gen_definitions.py $(DEFINITIONS)
	@mkdir -p $(GEN)
	@python3 tools/gen_definitions.py $@ $(DEFINITIONS)

$(OUT)/src/%.o: src/%.c | $(GENERATED)
	@mkdir -p $(@D)
	$(call show,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(OUT)/gen/%.o: $(GEN)/%.c | $(GENERATED)
	@mkdir -p $(@D)
	$(call show,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(OUT)/tests/%.o: tests/%.c | $(GENERATED)
	@mkdir -p $(@D)
	$(call show,CC,$<)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) -MMD -MP -c $< -o $@

$(OUT)/libprecinct.a: $(LIB_O)
	$(call show,AR,$@)rm -f $@ && ar rcs $@ $^

$(OUT)/precinct: $(OUT)/src/cli/main.o $(OUT)/libprecinct.a
	$(call show,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS_$(CONFIG)) $^ $(LDLIBS) -o $@

# Failures and time are injected at link time (tests/support/torture.c, clock.c, database_calls.c): no code under test knows.
comma := ,
WRAP := $(addprefix -Wl$(comma)--wrap=,malloc calloc realloc clock_gettime $(addprefix sqlite3_,open_v2 prepare_v2 prepare_v3 \
    step exec bind_int64 bind_null bind_text bind_text64 bind_blob64 wal_checkpoint_v2 errcode extended_errcode))
$(TEST_BINS): $(OUT)/tests/%: $(OUT)/tests/%.o $(SUPPORT_O) $(OUT)/libprecinct.a
	$(call show,LD,$@)$(CC) $(CFLAGS) $(WRAP) $^ $(LDLIBS) -lcheck -lsubunit -lrt -lpthread -lgeos_c -o $@

# Sabotage: the same program, a test or a fuzz target, in which one function does not do its work (tests/support/sabotage/NAME.c). What is
# meant to notice must; tools/fault sees to it. No code under test knows of it.
wrapped = $(shell grep -oh '__wrap_[a-z0-9_]*' tests/support/sabotage/$(1).c | sort -u | sed 's/__wrap_/-Wl,--wrap=/')
define sabotage
$(OUT)/sabotage/$(1)/precinct: $(OUT)/tests/support/sabotage/$(1).o $(OUT)/src/cli/main.o $(OUT)/libprecinct.a
	@mkdir -p $$(@D)
	$$(call show,LD,$$@)$$(CC) $$(CFLAGS) $(call wrapped,$(1)) $$^ $$(LDLIBS) -o $$@
$(OUT)/sabotage/$(1)/test_%: $(OUT)/tests/fault/test_%.o $(OUT)/tests/support/sabotage/$(1).o $$(SUPPORT_O) $(OUT)/libprecinct.a
	@mkdir -p $$(@D)
	$$(call show,LD,$$@)$$(CC) $$(CFLAGS) $$(WRAP) $(call wrapped,$(1)) $$^ $$(LDLIBS) -lcheck -lsubunit -lrt -lpthread -lgeos_c -o $$@
$(OUT)/sabotage/$(1)/fuzz_%: $(OUT)/fuzz/fuzz_%.o $(OUT)/tests/support/sabotage/$(1).o $(OUT)/libprecinct.a
	@mkdir -p $$(@D)
	$$(call show,LD,$$@)$$(CC) $$(CFLAGS) $(call wrapped,$(1)) -fsanitize=fuzzer $$^ $$(LDLIBS) -o $$@
endef
$(foreach name,$(notdir $(basename $(wildcard tests/support/sabotage/*.c))),$(eval $(call sabotage,$(name))))

# Fuzz targets: CONFIG=fuzz, run by tools/fuzz.
FUZZ_BINS := $(patsubst fuzz/%.c,$(OUT)/fuzz/%,$(wildcard fuzz/fuzz_*.c))
$(OUT)/fuzz/%.o: fuzz/%.c | $(GENERATED)
	@mkdir -p $(@D)
	$(call show,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@
$(FUZZ_BINS): $(OUT)/fuzz/%: $(OUT)/fuzz/%.o $(OUT)/libprecinct.a
	$(call show,LD,$@)$(CC) $(CFLAGS) -fsanitize=fuzzer $^ $(LDLIBS) -o $@

fuzz-binaries: $(FUZZ_BINS)
.PHONY: fuzz-binaries

# The console: static files in build/web/dist, with the packages that web/package-lock.json names and no others.
WEB_C := $(wildcard web/*.json web/*.mjs) $(shell find web/src web/public -type f 2>/dev/null)
web/node_modules/.package-lock.json: web/package-lock.json
	$(call show,NPM,$<)cd web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json
$(GEN)/web_messages.ts: tools/gen_web_messages.py $(CATALOGUE) catalogue/web.json $(DEFINITIONS) $(EVENTS)
	@mkdir -p $(GEN)
	@python3 tools/gen_web_messages.py $@ catalogue/web.json $(CATALOGUE) $(wildcard definitions/codes/*.csv) $(EVENTS)
build/web/dist/index.html: $(WEB_C) definitions/style/map.json web/node_modules/.package-lock.json $(GEN)/web_messages.ts $(GEN)/api_handlers.h
	$(call show,WEB,build/web/dist)cd web && node_modules/.bin/tsc --noEmit && node build.mjs
console: build/web/dist/index.html
.PHONY: console

# libprecinct: base, geo and road for other programs. What it offers stands in packaging/public_headers.
#   make install [PREFIX=/usr/local] [DESTDIR=…]    the program, the library, its headers and its pkg-config file
PREFIX    ?= /usr/local
LIBRARY   := build/library/lib
SHARED    := libprecinct.so.0
LIBRARY_C := $(sort $(wildcard src/base/*.c src/geo/*.c src/osm/*.c src/road/*.c src/road/*/*.c) src/event/value.c)
LIBRARY_O  = $(LIBRARY_C:src/%.c=$(OUT)/src/%.o) $(OUT)/gen/message_table.o
$(LIBRARY)/libprecinct.a: $(LIBRARY_O)
	$(call show,AR,$@)mkdir -p $(@D) && rm -f $@ && ar rcs $@ $^
$(LIBRARY)/$(SHARED): $(LIBRARY_O) tools/library packaging/public_headers
	@mkdir -p $(@D) && tools/library exports $(LIBRARY_O) >$(@D)/exports
	$(call show,LD,$@)$(CC) -shared -Wl,-soname,$(SHARED) -Wl,--version-script=$(@D)/exports -Wl,--gc-sections -Wl,-z,defs $(LIBRARY_O) -ljansson -lxxhash -lmetis -lpthread -lz -lm -o $@
library: setup
	@$(MAKE) --no-print-directory CONFIG=library $(LIBRARY)/$(SHARED) $(LIBRARY)/libprecinct.a
install: build library
	@install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig
	@install build/release/precinct $(DESTDIR)$(PREFIX)/bin/precinct
	@install -m 644 $(LIBRARY)/libprecinct.a $(DESTDIR)$(PREFIX)/lib/libprecinct.a
	@install $(LIBRARY)/$(SHARED) $(DESTDIR)$(PREFIX)/lib/$(SHARED)
	@ln -sf $(SHARED) $(DESTDIR)$(PREFIX)/lib/libprecinct.so
	@sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(shell cat VERSION)|' packaging/precinct.pc.in >$(DESTDIR)$(PREFIX)/lib/pkgconfig/precinct.pc
	@for header in $$(tools/library headers); do \
	    from=src/$$header; test -f $$from || from=$(GEN)/$$header; \
	    install -D -m 644 $$from $(DESTDIR)$(PREFIX)/include/precinct/$$header || exit 1; \
	done
	@echo "installed below $(DESTDIR)$(PREFIX)"
.PHONY: library

test-binaries: $(TEST_BINS)
.PHONY: test-binaries

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
