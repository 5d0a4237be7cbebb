"""Run every benchmark with its default setting."""

from benchmarks import affine, recurrent, stability

for benchmark in (affine, recurrent, stability):
    print(f"\n{benchmark.__name__}\n")
    benchmark.main()
