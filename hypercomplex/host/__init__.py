"""Everything that torch does not promise: one mechanism a file.

- *mode*: who looks on, and what tensors allow; nothing else asks;
- *known*: functions whose answers the compiler takes as constants;
- *torches*: what the torches that are supported do differently;
- *effects*: the table of what importing changes, and the warning about what a torch lacks;
- *functions*: how a function of torch asks for numbers and stays the same function;
- *overrides*: whether functions ask the types of their arguments;
- *imports*: lessons for modules of torch once they are loaded, and one copy of ours;
- *silence*: warnings that do not apply;
- *compiler*: where torch's compiler looks past the tensor type;
- *transforms*: where `torch.func` forgets it;
- *layers*: tools of torch that look for its own layers;
- *strangers*: libraries that would take numbers for reals;
- *distributions*: those of torch, which are of real numbers;
- *levels*: what a derivative that is being taken can see of one that is taken of it;
- *leaves*: leaves that are nobody's view;
- *hooks*: gradients of numbers in hooks;
- *trees*: containers of tensors, as torch takes them apart;
- *optimizers*: the step of an optimizer on components;
- *batches*: typed samples in a DataLoader;
- *checkpoints*: state dicts that torch takes apart for files and processes;
- *collectives*: collectives that give new tensors, of numbers;
- *sharding*: shards that would be no numbers, refused;
- *files*: what a file that holds numbers may call;
- *memory*: whether two tensors hold the same bytes;
- *print_options*: how torch prints tensors.
"""
