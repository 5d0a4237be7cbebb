"""How a typed tensor is asked what a function means: calls, declarations, and the table of rules.

No rule stands here: those of torch's functions are in `hypercomplex.rules`, and a function of ours
declares itself where it stands.
"""
