"""Generated code on trial: what runs inside the sandbox, under the project's interpreter.

Started by path from `jaunt_core.sandbox` and imported by nobody; it needs the standard library and
`jaunt` only. A task may import what it needs from the project's environment.
"""
