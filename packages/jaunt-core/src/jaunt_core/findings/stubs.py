"""Which members rightly do nothing, as far as their specs tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jaunt_core.findings.codes import FindingCode
from jaunt_core.findings.raises import names_errors
from jaunt_core.findings.signature import meaning_of
from jaunt_core.model.generation import Finding
from jaunt_core.model.spec import ClassFacts, FunctionFacts, Kind

_ABSTRACT = frozenset(
    f"abc.abstract{kind}" for kind in ("method", "property", "classmethod", "staticmethod")
)
_NOTHING = frozenset({"", "None", "typing.NoReturn", "typing.Never"})
_HOOKS = re.compile(
    r"__(?:init|exit|aexit|del|post_init|init_subclass)__|a?close|flush"
    r"|(?:tear_?down|set_?up|clean_?up)(?:_\w+)?|tearDown\w*|setUp\w*"
    r"|(?:on|before|after|pre|post)_\w+|\w+_hook"
)
_KEEPS_ARGUMENTS = ("__init__", "__new__")

_DOES_NOTHING = re.compile(
    r"(?:^|[.;]\s+)(?:it |this |this \w+ |and )?"
    r"(?:do(?:es)? nothing|(?:is )?(?:a )?no[- ]?op(?:eration)?|has no effect|nothing to do)\b"
    r"(?: here| at all| by default| on purpose| in this class| in the base class)?\s*(?:[.;]|$)"
    r"|\b(?:does nothing|no[- ]?op|is empty|has no effect) (?:by default|unless (?:it is )?overrid)"
    r"|\bdefault (?:implementation )?(?:does nothing|is empty|is a no[- ]?op)"
    r"|\bintentionally (?:left )?(?:empty|blank)",
    re.IGNORECASE,
)
_DOES_NOTHING_AT_ALL = re.compile(
    r"\b(?:does nothing|do nothing|no[- ]?op|null object|(?:ignores|discards|drops) (?:all|every))",
    re.IGNORECASE,
)
_SUBCLASS = r"(?:subclass|derived|child|concrete)"
_LEFT_TO_OTHERS = re.compile(
    r"\babstract\b"
    rf"|\b{_SUBCLASS}\w*\b[^.]{{0,30}}\b(?:must|should|ha(?:s|ve) to|needs? to|implements?|defines?"
    r"|provides?|supply|supplies)\b"
    rf"|\b(?:implemented|defined|provided|supplied|overridden)\b[^.]{{0,20}}\b(?:by|in)\b"
    rf"[^.]{{0,20}}\b{_SUBCLASS}"
    r"|\b(?:must|should|to) be (?:overridden|implemented)\b"
    r"|(?:^|[.;]\s+)(?:override|overridden|implemented)\b|\bnot implemented here\b",
    re.IGNORECASE,
)
_MAY_BE_REPLACED = re.compile(
    rf"\b{_SUBCLASS}\w*\b[^.]{{0,20}}\b(?:may|can|might)\b|\b(?:may|can) be overridden\b"
    r"|\bhook\b|\bextension point\b|\bcallback\b",
    re.IGNORECASE,
)
_SAYS_WHEN = re.compile(
    r"^\W*(?:(?:is|are|gets|will be) )?(?:called|invoked|runs?|run|executed|fired|triggered)\b"
    r"|\b(?:is|are|gets) (?:called|invoked) ",
    re.IGNORECASE,
)
_SECTION = re.compile(r"^(?:Args|Arguments|Parameters):\s*$(?:\n[ \t]+.*|\n[ \t]*$)*", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.;!])\s+|\n\s*\n")
_WORD = re.compile(r"[A-Za-z]+")
_CAPITALS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ARTICLES = _words("a an the this that of for to in on with it its and is be self")
_FILLERS = {
    "__init__": _ARTICLES
    | _words(
        "initialize initializes initialise initialises initialized create creates "
        "construct constructs make makes build builds set sets up setup instantiate "
        "instantiates start starts open opens new empty instance object class without no "
        "any arguments"
    ),
    "__exit__": _ARTICLES
    | _words("leave leaves exit exits end ends finish runtime context manager block statement"),
}
_MARKER = re.compile(
    r"\b(?:marker|sentinel|tag|empty|namespace)\b|\bnothing\b"
    r"|\b(?:no|without) (?:members|methods|attributes|state|fields)\b",
    re.IGNORECASE,
)


def stub_findings(
    declared: FunctionFacts,
    actual: FunctionFacts,
    owner: ClassFacts | None = None,
    *,
    kind: Kind = Kind.BUILD,
    is_alone: bool = True,
) -> Iterator[Finding]:
    """What is said of a function or method that does nothing, unless that is right.

    Args:
        declared: The function or method of the spec.
        actual: What the answer has for it.
        owner: The class of the spec, for a method.
        kind: A test always owes something.
        is_alone: Whether no other method of the class is implemented.
    """
    name = f"{owner.name}.{declared.name}" if owner else declared.name
    if kind is Kind.BUILD and may_do_nothing(declared, actual, owner, is_alone=is_alone):
        return
    if actual.stub:
        message = f"the body of {name} is a stub; if doing nothing is right, say `return None`"
    elif actual.stub_form == "nothing" and names_errors(declared.docstring):
        message = f"{name} does nothing, and its docstring says what it raises"
    else:
        return
    yield FindingCode.STUB_BODY.finding(message, "an implementation", line=actual.line)


def may_do_nothing(
    declared: FunctionFacts,
    actual: FunctionFacts,
    owner: ClassFacts | None = None,
    *,
    is_alone: bool = True,
) -> bool:
    """Whether a stub is right, because the spec owes neither a value nor an effect.

    Args:
        declared: The function or method of the spec.
        actual: The stub of the answer.
        owner: The class of the spec, for a method.
        is_alone: Whether no other method of the class is implemented.
    """
    words, of_class = declared.docstring, owner.docstring if owner else ""
    if "NotImplementedError" in words:
        return True
    if actual.stub_form == "to do":
        return False
    if _is_abstract(declared) or (owner is not None and _is_protocol(owner)):
        return True
    if actual.stub_form == "raise":
        return bool(_LEFT_TO_OTHERS.search(words) or _LEFT_TO_OTHERS.search(of_class))
    if _owes_value(declared):
        return False
    says_so = (_LEFT_TO_OTHERS, _DOES_NOTHING)
    summary = of_class.partition("\n\n")[0]  # further down stands what it drops, and when
    if _DOES_NOTHING_AT_ALL.search(summary) or any(pattern.search(words) for pattern in says_so):
        return True
    return not _owes_effect(declared, owner) and _is_hook(declared, owner, is_alone=is_alone)


def may_be_empty(declared: ClassFacts) -> bool:
    """Whether a class without anything in it is right."""
    return _MARKER.search(declared.docstring) is not None


def _is_hook(declared: FunctionFacts, owner: ClassFacts | None, *, is_alone: bool) -> bool:
    """Whether a member that describes no effect is there for others to put one in."""
    if _MAY_BE_REPLACED.search(declared.docstring) or _SAYS_WHEN.search(declared.docstring):
        return True
    if owner is None:
        return False
    # Where all are spelt so, it may as well be how a person spells what is to be written.
    is_left_empty = declared.stub_form == "pass" and not is_alone
    return is_left_empty or _HOOKS.fullmatch(declared.name) is not None


def _is_abstract(declared: FunctionFacts) -> bool:
    return any(decorator.form in _ABSTRACT for decorator in declared.decorators)


def _is_protocol(owner: ClassFacts) -> bool:
    return any("typing.Protocol" in base.form for base in owner.bases)


def _owes_value(declared: FunctionFacts) -> bool:
    returns = meaning_of(declared.returns)
    if declared.returns is None:
        return re.search(r"\b(?:returns?|yields?)\b", declared.docstring, re.IGNORECASE) is not None
    if declared.name in ("__exit__", "__aexit__"):
        return "None" not in returns.split(" | ")
    return returns not in _NOTHING


def _owes_effect(declared: FunctionFacts, owner: ClassFacts | None) -> bool:
    """Whether the docstring describes what happens; a constructor keeps what it is given."""
    name = declared.name
    kept = [p for p in declared.parameters[1:] if p.kind not in ("*args", "**kwargs")]
    if name in _KEEPS_ARGUMENTS and kept:
        return True
    text = _SECTION.sub("", declared.docstring)
    fillers = _FILLERS.get("__exit__" if name in ("__aexit__", "__del__") else name, frozenset())
    if fillers and owner:
        fillers |= {part.lower() for part in _CAPITALS.findall(owner.name)}
    for sentence in _SENTENCE.split(text):
        if _SAYS_WHEN.search(sentence) or _MAY_BE_REPLACED.search(sentence):
            continue
        if {word.lower() for word in _WORD.findall(sentence)} - fillers:
            return True
    return False
