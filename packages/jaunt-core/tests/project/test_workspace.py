"""What a run finds out about a project and its environment, it finds out once."""

from __future__ import annotations

from jaunt_core.project.workspace import Workspace

from ..conftest import MakeProject

SECRET = "sk-of-the-file"


def test_the_key_is_read_once(make_project: MakeProject) -> None:
    project = make_project({".env": f"OPENAI_API_KEY={SECRET}\n"})
    environ = {"HOME": "/a/home", "COPY": SECRET}
    workspace = Workspace(project=project, environ=environ)
    assert workspace.key.value == SECRET
    (project.root / ".env").unlink()
    environ["LATER"] = SECRET
    del environ["HOME"]
    assert workspace.key.value == SECRET
    assert workspace.child_environ == {}
    environ["LATER"] = "of no interest"
    assert workspace.child_environ == {}
    assert SECRET not in repr(workspace)


def test_the_environment_goes_before_the_file(make_project: MakeProject) -> None:
    project = make_project({".env": f"OPENAI_API_KEY={SECRET}\n"})
    workspace = Workspace(project=project, environ={"OPENAI_API_KEY": "mine"})
    assert (workspace.key.value, workspace.dotenv_key.value) == ("mine", SECRET)
    assert workspace.child_environ == {}
