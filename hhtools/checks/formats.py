"""Every format that a trainer reads, by its name. A new one is one entry in the module of its method.

The names are those of ``--for``, each with its method. The facts are from the code of the trainers: TRL f2cd577,
NeMo-Aligner af2b3bd, NeMo-RL 7ea279a, LLaMA-Factory ff6d4d1, Axolotl 067b021, OpenRLHF 3c3be62, torchtune bd2a0fc,
open-instruct e6c3044, ms-swift 3602360, verl b178a3c.
"""

from __future__ import annotations

from hhtools.checks.dpo import DPO
from hhtools.checks.form import Form
from hhtools.checks.kto import KTO
from hhtools.checks.prompts import PROMPTS
from hhtools.checks.reward import REWARD
from hhtools.checks.sft import SFT

FORMATS: dict[str, Form] = {**KTO, **DPO, **REWARD, **SFT, **PROMPTS}
