"""The worker: facts out of source, under the project's interpreter.

Started by path from `snapshot.worker_client`, never imported by the engine. It needs only the
standard library and `jaunt`, speaks JSON lines, and loads itself under a private name so that no
module of the project is shadowed by one of its own.
"""
