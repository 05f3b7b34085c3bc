"""The prompt templates of a project: shipped ones, or the files that `[prompts]` names."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from jaunt_core.config.dotenv import DOTENV
from jaunt_core.config.loading import Project, place_of
from jaunt_core.config.reading import read_regular
from jaunt_core.errors import JauntConfigError
from jaunt_core.model.spec import Kind
from jaunt_core.planning.prompt import Template, Templates


def load_templates(project: Project, kind: Kind) -> Templates:
    """The templates for one kind of spec.

    Raises:
        JauntConfigError: A file named in `[prompts]` cannot be read.
    """
    return Templates(
        system=_template(project, f"{kind.value}_system"),
        module=_template(project, f"{kind.value}_module"),
        partial=_shipped("partial"),
        repair=_shipped("repair"),
        repair_part=_shipped("repair_part"),
    )


def _template(project: Project, name: str) -> Template:
    named = getattr(project.config.prompts, name)
    if not named:
        return _shipped(name)
    path = project.root / named
    try:
        real = path.resolve()
        is_outside = not real.is_relative_to(project.root.resolve())
        is_key = real == (project.root / DOTENV).resolve()
        text = "" if is_key or is_outside else _text_at(path)
    except (OSError, ValueError) as error:  # its path may hold a null byte
        raise JauntConfigError(
            f"{project.config_path}: [prompts] {name} = {named!r} cannot be read: {error}",
            hint="name a UTF-8 text file, relative to the project's folder",
        ) from None
    if is_key:
        raise JauntConfigError(
            f"{project.config_path}: [prompts] {name} = {named!r} is the file of the key",
            hint="name a file that may be sent",
        )
    if is_outside:
        # A repository must not have files of the user's sent that are none of its own.
        raise JauntConfigError(
            f"{place_of(project.config_path, ['prompts', name])}: [prompts] {name} = {named!r} "
            "leads out of the project",
            hint="name a file in the project's folder, and no link to one elsewhere",
        )
    return Template(name=str(path), text=text)


def _text_at(path: Path) -> str:
    text = read_regular(path).decode("utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _shipped(name: str) -> Template:
    resource = files("jaunt_core") / "prompts" / f"{name}.md"
    return Template(name=f"{name}.md", text=resource.read_text(encoding="utf-8"))
