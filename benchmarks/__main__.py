"""Run every benchmark with its default setting."""

from benchmarks import affine, recurrent, stability, tensors

for benchmark in (affine, recurrent, stability, tensors):
    print(f"\n{benchmark.__name__}\n")
    benchmark.main()
