"""What a spec asks for: signature, docstring, comments, and the context it names."""
