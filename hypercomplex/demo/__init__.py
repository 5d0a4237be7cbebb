"""Colour from grey: what a quaternion network learns that a real one does not.

`python -m hypercomplex.demo` trains two autoencoders to copy one grey photograph, then lets both
repaint colour photographs. `colour` is the experiment, `__main__` the command line.
"""
