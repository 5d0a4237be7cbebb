"""Everything that torch does not promise: one mechanism a file.

- *leaves*: typed tensors that are nobody's view;
- *compiler*: where torch's compiler looks past the tensor type;
- *transforms*: where `torch.func` forgets it;
- *optimizers*: the step of an optimizer on components;
- *tracing*: symbolic traces of models.
"""
