"""The files, roots and interpreter of a project, and what identifies their content."""
