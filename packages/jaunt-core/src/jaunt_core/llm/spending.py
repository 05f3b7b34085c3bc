"""What a run has spent at its provider, and whether its budget allows another request."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from jaunt_core.config.models import Config
from jaunt_core.errors import BackendError, FaultKind
from jaunt_core.model.generation import NO_TOKENS, Message, TokenUsage
from jaunt_core.model.money import UNLIMITED, Price, SpendingLimits

_MOST_OUTPUT = 32_768
"""Tokens that an answer may have where nothing is known of this run's answers yet."""

_LEAST_OUTPUT = 1_024
"""Answers of fewer tokens are not asked for: they would be paid for and cut off."""

_LEAST_KNOWN_OUTPUT = 256
_USUAL_OUTPUT = 4_096
_OUTPUT_MARGIN = 8
_INPUT_MARGIN = 1.5
_WORD = re.compile(r"[A-Za-z]+")
_SIGN = re.compile(r"[!-@\[-`{-~\0-\x08\x0e-\x1f]")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """What is set aside for one request until its answer tells what it cost.

    `output` is the most tokens that the answer may have, None where nothing limits it; `size` is
    the most tokens that the request could have.
    """

    model: str
    size: int = 0
    tokens: int = 0
    cost: float = 0.0
    output: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Which module met a fault that ends all asking in this run, and what the others are told."""

    module: str
    why: str


class Spending:
    """Keeps one run within its ceilings, with what is still under way.

    A request is taken for more tokens than it can have, and the backend is told how long the
    answer may be; so much is set aside before a request goes. As answers come in, the estimates
    follow what they were. Only a backend that does not pass the limit on can pass a ceiling.

    Args:
        ceilings: What may be spent.
        prices: What models cost, by their names.
    """

    def __init__(
        self, ceilings: SpendingLimits = UNLIMITED, prices: Mapping[str, Price] | None = None
    ) -> None:
        self._ceilings = ceilings
        self._prices = prices or {}
        self._spent_tokens = 0
        self._spent_cost = 0.0
        self._under_way: list[Reserved] = []
        self._tokens_per_size = 0.0
        self._longest_output = 0
        self._output = 0
        self._answers = 0
        self.stopped: Stopped | None = None
        self._left_out: set[str] = set()
        self.was_answered = False
        """Whether any request of this run was."""
        self._met: Counter[str] = Counter()

    def cost_of(self, model: str, usage: TokenUsage) -> float | None:
        """What an answer costs; None where its tokens or the price of the model are unknown."""
        price = self._prices.get(model)
        return None if price is None or usage == NO_TOKENS else price.of(usage)

    def reserve(self, model: str, messages: tuple[Message, ...]) -> Reserved | None:
        """Set aside what a request may cost; None while that depends on what is under way.

        Raises:
            BackendError: What is left is too little, whatever the others come to.
        """
        if not self._ceilings.any:
            return Reserved(model=model)
        size = sum(_most_tokens(message.text) for message in messages)
        tokens = math.ceil(size * min(self._tokens_per_size * _INPUT_MARGIN or 1.0, 1.0))
        affordable, wanted = self._affordable_output(model, tokens), self._wanted_output()
        if affordable < wanted and self._under_way:
            return None
        if affordable < self._least_output():
            raise self._exhausted(tokens)
        output = int(min(affordable, wanted))
        price = self._prices.get(model)
        most = TokenUsage(input=tokens, output=output)
        reserved = Reserved(
            model=model,
            size=size,
            tokens=tokens + output,
            cost=price.of(most) if price is not None else 0.0,
            output=output,
        )
        self._under_way.append(reserved)
        return reserved

    def release(self, reserved: Reserved) -> None:
        """Take back what was set aside for a request that got no answer."""
        if self._ceilings.any:
            self._under_way.remove(reserved)

    def settle(self, reserved: Reserved, usage: TokenUsage) -> None:
        """Put what an answer cost in the place of what was set aside for it."""
        if not self._ceilings.any:
            return
        self._under_way.remove(reserved)
        self._spent_tokens += usage.input + usage.output
        self._spent_cost += self.cost_of(reserved.model, usage) or 0.0
        self._tokens_per_size = max(self._tokens_per_size, usage.input / max(reserved.size, 1))
        self._longest_output = max(self._longest_output, usage.output)
        self._output += usage.output
        self._answers += 1

    def stop(self, module: str, why: str) -> None:
        """Have nothing more asked for in this run, unless that is so already."""
        if self.stopped is None:
            self.stopped = Stopped(module=module, why=why)

    def leave_out(self, module: str) -> None:
        """Note that a module is not asked for, because nothing more is."""
        self._left_out.add(module)

    def stopped_before(self, module: str) -> Stopped | None:
        """What ended all asking, where that is why a module was not done; else None."""
        stopped = self.stopped
        return stopped if stopped and module in (stopped.module, *self._left_out) else None

    def uncounted(self, usage: TokenUsage) -> str:
        """Why nothing more can be asked, where a limit is set and nobody counts; else empty."""
        if not self._ceilings.any or usage != NO_TOKENS:
            return ""
        return (
            f"the backend does not say how many tokens its answers take, so [budget] "
            f"{self._limit()} cannot be kept to; limit calls by confirm_above instead"
        )

    def _affordable_output(self, model: str, tokens: int) -> float:
        """How many tokens an answer may have at most, if a request has so many."""
        affordable = math.inf
        ceilings, price = self._ceilings, self._prices.get(model)
        if ceilings.tokens is not None:
            reserved = sum(request.tokens for request in self._under_way)
            affordable = ceilings.tokens - self._spent_tokens - reserved - tokens
        if ceilings.cost is not None and price is not None:
            reserved_cost = sum(request.cost for request in self._under_way)
            remaining = ceilings.cost - self._spent_cost - reserved_cost
            remaining -= price.of(TokenUsage(input=tokens))
            one = price.of(TokenUsage(output=1))
            enough = math.inf if remaining >= 0 else -math.inf
            affordable = min(affordable, remaining / one if one else enough)
        return affordable

    def _wanted_output(self) -> int:
        if not self._longest_output:
            return _MOST_OUTPUT
        return min(max(self._longest_output * _OUTPUT_MARGIN, _USUAL_OUTPUT), _MOST_OUTPUT)

    def _least_output(self) -> float:
        """How long an answer may be at least: what is shorter would likely be cut off."""
        if not self._answers:
            return _LEAST_OUTPUT
        return max(self._output / self._answers * _INPUT_MARGIN, _LEAST_KNOWN_OUTPUT)

    def is_used_up(self) -> bool:
        """Whether what is left is too little for any request."""
        models = list(self._prices) or [""]
        return all(self._affordable_output(model, 0) < self._least_output() for model in models)

    def meets(self, fault: str) -> int:
        """Take note that a module failed by a fault; how many did so far by just this one."""
        self._met[fault] += 1
        return self._met[fault]

    def _limit(self) -> str:
        """The ceilings as they stand in the configuration."""
        tokens, cost = self._ceilings.tokens, self._ceilings.cost
        ceilings = {"max_tokens": tokens, "max_cost": cost}
        return " and ".join(
            f"{name} = {value}" for name, value in ceilings.items() if value is not None
        )

    def _exhausted(self, tokens: int) -> BackendError:
        spent = f"{self._spent_tokens:,} tokens of this run"
        if self._ceilings.cost is not None:
            spent = f"{spent} ({self._spent_cost:.4f})"
        return BackendError(
            f"the request may take {tokens:,} tokens and its answer {self._least_output():,.0f}; "
            f"after {spent}, that is more than [budget] {self._limit()} leaves",
            kind=FaultKind.BUDGET,
            hint="allow more in [budget], then run the same command again: nothing is asked for "
            "twice",
        )


def _most_tokens(text: str) -> int:
    """More tokens than a text has: half a word's letters, each digit, sign and run of spaces.

    Tokenizers cut hexadecimal and signs far finer than words, so bytes alone would tell little.
    """
    words = sum((len(word) + 1) // 2 for word in _WORD.findall(text))
    foreign = len(text.encode("utf-8", "replace")) - sum(map(str.isascii, text))
    return words + len(_SIGN.findall(text)) + len(_SPACES.findall(text)) + foreign


def spending_of(config: Config) -> Spending:
    """The account of one run under a configuration."""
    budget = config.budget
    prices = {
        model: Price(
            input=price.input,
            cached_input=price.input if price.cached_input is None else price.cached_input,
            output=price.output,
        )
        for model, price in config.prices.items()
    }
    return Spending(SpendingLimits(tokens=budget.max_tokens, cost=budget.max_cost), prices)
