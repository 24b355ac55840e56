# Recipes: from the Hugging Face Hub to the files that trainers read. The Makefile of hhtools includes this page, and
# hh-recipe runs it. To copy it, put hhtools' commands on your PATH; it needs bash and GNU make 3.82.
#
# make data/kto      train.jsonl and test.jsonl for KTO, of HH-RLHF's four subsets
# make data/dpo      the same for DPO
# make data/steerlm  train.jsonl and validation.jsonl for SteerLM's reward model, of OASST1 and HelpSteer
# make data/hh-rlhf  what the first two are made of, 80 MB
#
# make -j4 does four things at once. What broke off is gone on with, what is there is not made again, and a file is
# there whole or not at all. To fetch what has changed on the Hub, remove the folder of the old downloads.

# What you may want to change, here or with the command: make data/kto KTO_OPTIONS='--for trl'
DATA := data
KTO := $(DATA)/kto
DPO := $(DATA)/dpo
STEERLM := $(DATA)/steerlm
KTO_OPTIONS :=
DPO_OPTIONS :=
# nemo-aligner: the very rows of NeMo-Aligner's scripts for KTO and SteerLM
COMPAT :=
# Datasets. Only without a revision, as in Anthropic/hh-rlhf@main, HH-RLHF is held to the checksums that hhtools knows.
HH_RLHF := Anthropic/hh-rlhf
SUBSETS := harmless-base helpful-base helpful-online helpful-rejection-sampled
HELPSTEER := nvidia/HelpSteer
OASST := OpenAssistant/oasst1
OASST_FILE := 2023-04-12_oasst_all.trees.jsonl.gz

# Without pipefail, only the last command of a pipe would be heard when it fails.
SHELL := /bin/bash
.SHELLFLAGS := -eo pipefail -c
.DELETE_ON_ERROR:
ifeq ($(filter oneshell,$(.FEATURES)),)
$(error These recipes need GNU make 3.82 or later)
endif

.PHONY: $(KTO) $(DPO) $(STEERLM) $(DATA)/hh-rlhf FORCE
kto := $(KTO)/train.jsonl $(KTO)/test.jsonl
dpo := $(DPO)/train.jsonl $(DPO)/test.jsonl
steerlm := $(STEERLM)/train.jsonl $(STEERLM)/validation.jsonl
sft_helpsteer := $(STEERLM)/sft/helpsteer/train.jsonl $(STEERLM)/sft/helpsteer/validation.jsonl
sft_oasst := $(STEERLM)/sft/oasst/train.jsonl $(STEERLM)/sft/oasst/validation.jsonl
hh_rlhf := $(foreach subset,$(SUBSETS),$(DATA)/hh-rlhf/$(subset)/train.jsonl.gz $(DATA)/hh-rlhf/$(subset)/test.jsonl.gz)
helpsteer := $(DATA)/helpsteer/train.jsonl.gz $(DATA)/helpsteer/validation.jsonl.gz
oasst := $(DATA)/oasst/$(OASST_FILE)
compat := $(COMPAT:%=--compat %)
all_recipes := $(kto) $(dpo) $(steerlm) $(sft_helpsteer) $(sft_oasst) $(hh_rlhf) $(helpsteer) $(oasst)

$(KTO): $(kto)
$(DPO): $(dpo)
$(STEERLM): $(steerlm)
$(DATA)/hh-rlhf: $(hh_rlhf)

# With it, a command hears even that the one before it in the pipe was killed (kill -9), and leaves its file as it was.
$(kto) $(dpo) $(sft_oasst): export HH_CHECKED := 1

# The second % is train or test: each of them is made of all subsets.
$(kto): $(KTO)/%.jsonl: $(SUBSETS:%=$(DATA)/hh-rlhf/%/%.jsonl.gz) $(KTO)/.recipe
	hh-parse $(filter %.gz,$^) $(compat) | hh-unpack-kto -o $@ $(compat) $(KTO_OPTIONS)

$(dpo): $(DPO)/%.jsonl: $(SUBSETS:%=$(DATA)/hh-rlhf/%/%.jsonl.gz) $(DPO)/.recipe
	hh-parse $(filter %.gz,$^) | hh-to-dpo -o $@ $(DPO_OPTIONS)

# SteerLM's records for supervised training, sft, lie between what is fetched and the rows.
$(steerlm): $(STEERLM)/%.jsonl: $(STEERLM)/sft/oasst/%.jsonl $(STEERLM)/sft/helpsteer/%.jsonl $(STEERLM)/.recipe
	hh-to-regression $(filter %.jsonl,$^) -o $@ $(compat)

$(sft_helpsteer): | $(STEERLM)/sft/helpsteer
$(sft_helpsteer): $(STEERLM)/sft/helpsteer/%.jsonl: $(DATA)/helpsteer/%.jsonl.gz $(STEERLM)/.recipe
	hh-from-helpsteer $< -o $@

# A pattern rule with two targets makes both in one run; here % is oasst. No tree is on both sides.
$(STEERLM)/sft/%/train.jsonl $(STEERLM)/sft/%/validation.jsonl: $(oasst) $(STEERLM)/.recipe
	hh-from-oasst $< | hh-split --validation 0.05 --by-opening -O $(@D)

$(STEERLM)/sft/helpsteer:
	mkdir -p $@ || exit 73

# Each download is a target of its own. touch, because hh-fetch leaves what is there and right as old as it was.
$(hh_rlhf): $(DATA)/hh-rlhf/%: $(DATA)/hh-rlhf/.recipe
	hh-fetch $(HH_RLHF) $* -O $(DATA)/hh-rlhf > /dev/null
	@touch $@

$(helpsteer): $(DATA)/helpsteer/%: $(DATA)/helpsteer/.recipe
	hh-fetch $(HELPSTEER) $* -O $(DATA)/helpsteer > /dev/null
	@touch $@

$(oasst): $(DATA)/oasst/%: $(DATA)/oasst/.recipe
	hh-fetch $(OASST) $* -O $(DATA)/oasst > /dev/null
	@touch $@

# What the files of a folder were made with stands in its .recipe. With other settings that is written anew, and so are
# they, for they are older then. 73 is what hhtools' commands say when a file cannot be created.
define made_with
$1/.recipe: $(if $(findstring =$(strip $2)=,=$(shell cat $1/.recipe 2> /dev/null || true)=),,FORCE)
	@mkdir -p $$(@D) && echo '$(subst ','\'',$(strip $2))' > $$@ || exit 73
endef
$(eval $(call made_with,$(KTO),kto $(HH_RLHF) $(SUBSETS) $(compat) $(KTO_OPTIONS)))
$(eval $(call made_with,$(DPO),dpo $(HH_RLHF) $(SUBSETS) $(DPO_OPTIONS)))
$(eval $(call made_with,$(STEERLM),steerlm $(OASST) $(OASST_FILE) $(HELPSTEER) $(compat)))
$(eval $(call made_with,$(DATA)/hh-rlhf,$(HH_RLHF)))
$(eval $(call made_with,$(DATA)/helpsteer,$(HELPSTEER)))
$(eval $(call made_with,$(DATA)/oasst,$(OASST)))
