"""The files and roots of a project, and what identifies their content."""
