"""The worker: reads facts out of source code, under the project's own interpreter.

`snapshot.worker_client` starts it by path; the engine never imports it. It needs only the standard
library and `jaunt`, speaks JSON lines, and loads itself under a private name, so that none of its
modules hides one of the project.
"""
