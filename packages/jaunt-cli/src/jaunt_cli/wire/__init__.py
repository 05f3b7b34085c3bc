"""The JSON that we promise: reports as plain objects, whose keys are all there, always.

Keys keep their meaning within one `schema`; new ones may be added. What does not apply is null.
"""
